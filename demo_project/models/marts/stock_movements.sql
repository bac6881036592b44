MODEL (
  name marts.stock_movements,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column moved_on,
    batch_size 90,
    forward_only TRUE
  ),
  owner purchasing,
  tags (purchasing, daily),
  description 'Units that came in and went out. Its history is too long to be computed again.',
  grain (moved_on, product_id),
  audits (
    forall(criteria := (
      units_in >= 0, units_out >= 0
    ))
  )
);

SELECT
  items.ordered_on AS moved_on,
  items.product_id,
  (
    10 * CEIL(SUM(items.quantity) / 10.0)
  )::INT AS units_in,
  SUM(items.quantity)::INT AS units_out
FROM raw.order_items AS items
WHERE
  items.ordered_on BETWEEN @start_ds AND @end_ds
GROUP BY
  items.ordered_on,
  items.product_id
