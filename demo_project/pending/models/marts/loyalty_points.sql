MODEL (
  name marts.loyalty_points,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column collected_on,
    forward_only TRUE
  ),
  owner growth,
  tags (growth, pii),
  description 'Points that customers have collected, day by day.',
  grain (collected_on, customer_id),
  audits (
    unique_combination_of_columns(columns := (collected_on, customer_id))
  )
);

SELECT
  orders.customer_id,
  orders.ordered_on AS collected_on,
  (
    10 * COUNT(*)
  )::INT AS points
FROM raw.orders AS orders
WHERE
  orders.ordered_on BETWEEN @start_ds AND @end_ds AND orders.status = 'completed'
GROUP BY
  orders.customer_id,
  orders.ordered_on
