MODEL (
  name marts.loyalty_points,
  kind INCREMENTAL_BY_UNIQUE_KEY (
    unique_key customer_id,
    forward_only TRUE
  ),
  owner growth,
  tags (growth, pii),
  description 'Points that customers have collected.',
  grain customer_id,
  audits (
    unique_values(columns := (customer_id))
  )
);

SELECT
  orders.customer_id,
  MAX(orders.ordered_on) AS collected_on,
  (
    10 * COUNT(*)
  )::INT AS points
FROM raw.orders AS orders
WHERE
  orders.ordered_on BETWEEN @start_ds AND @end_ds AND orders.status = 'completed'
GROUP BY
  orders.customer_id
