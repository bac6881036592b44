MODEL (
  name reports.store_scorecard,
  kind FULL,
  cron '@weekly',
  owner operations,
  tags (operations, report),
  description 'One row for each store: sales, visitors, deliveries.',
  grain store_id,
  audits (
    unique_values(columns := (store_id))
  )
);

WITH traffic AS (
  SELECT
    store_traffic.store_id,
    SUM(store_traffic.visitors)::BIGINT AS visitors,
    SUM(store_traffic.orders)::BIGINT AS orders
  FROM marts.store_traffic AS store_traffic
  GROUP BY
    store_traffic.store_id
), vans AS (
  SELECT
    deliveries.store_id,
    SUM(deliveries.pallets)::BIGINT AS pallets
  FROM marts.deliveries AS deliveries
  GROUP BY
    deliveries.store_id
)
SELECT
  stores.store_id,
  stores.label,
  traffic.visitors,
  traffic.orders,
  vans.pallets
FROM staging.stores AS stores
INNER JOIN traffic
  ON traffic.store_id = stores.store_id
INNER JOIN vans
  ON vans.store_id = stores.store_id
