MODEL (
  name marts.price_history,
  kind SCD_TYPE_2_BY_COLUMN (
    unique_key product_id,
    columns (price_cents, cost_cents)
  ),
  owner finance,
  tags (purchasing),
  description 'Prices and costs over time, as finance closed them.',
  grain (product_id, valid_from),
  audits (
    not_null(columns := (product_id, price_cents))
  )
);

SELECT
  products.product_id,
  products.product_name,
  products.price_cents,
  products.cost_cents
FROM /* one row for each product */ staging.products AS products
