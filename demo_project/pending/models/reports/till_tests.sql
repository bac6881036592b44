MODEL (
  name reports.till_tests,
  kind FULL,
  owner operations,
  tags (operations, report),
  description 'Test orders that staff left on the tills.'
);

SELECT
  stores.label,
  COUNT(orders.order_id)::INT AS test_orders,
  MAX(orders.ordered_on) AS last_test_on
FROM raw.orders AS orders
INNER JOIN staging.stores AS stores
  ON stores.store_id = orders.store_id
WHERE
  orders.status = 'test'
GROUP BY
  stores.label
