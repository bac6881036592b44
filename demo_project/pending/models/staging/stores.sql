MODEL (
  name staging.stores,
  kind VIEW,
  owner operations,
  tags (core),
  description 'Stores under the names that reports use.',
  grain store_id,
  audits (
    not_null(columns := (store_id, label))
  )
);

SELECT
  stores.store_id,
  CONCAT(
    stores.store_name,
    ', ',
    stores.city
  ) AS label,
  stores.country,
  CAST(stores.opened_on AS DATE) AS opened_on
FROM raw.stores AS stores
