MODEL (
  name marts.customer_value,
  kind FULL,
  owner growth,
  tags (growth, pii),
  description 'What each customer has bought so far.',
  grain customer_id,
  audits (
    unique_values(columns := (customer_id))
  )
);

SELECT
  customers.customer_id,
  customers.loyalty_tier,
  COUNT(DISTINCT orders.order_id)::INT AS orders,
  COALESCE(SUM(items.line_cents), 0)::BIGINT AS spent_cents,
  MIN(orders.ordered_on) AS first_order_on,
  MAX(orders.ordered_on) AS last_order_on
FROM staging.customers AS customers
LEFT JOIN staging.orders AS orders
  ON orders.customer_id = customers.customer_id
LEFT JOIN staging.order_items AS items
  ON items.order_id = orders.order_id
GROUP BY
  customers.customer_id,
  customers.loyalty_tier
