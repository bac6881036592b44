MODEL (
  name marts.returns,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column returned_on,
    batch_size 180,
    forward_only TRUE
  ),
  owner operations,
  tags (operations, daily),
  description 'Goods that came back. The slips are kept for three months, so its history is all there is.',
  grain return_id,
  audits (
    unique_values(columns := (return_id))
  )
);

SELECT
  orders.order_id AS return_id,
  orders.ordered_on + 3 AS returned_on,
  orders.store_id,
  orders.customer_id,
  CASE @pick(orders.order_id, 4, 33)
    WHEN 0
    THEN 'broken'
    WHEN 1
    THEN 'wrong size'
    ELSE 'not wanted'
  END AS reason
FROM raw.orders AS orders
WHERE
  orders.ordered_on BETWEEN @start_ds::DATE - 3 AND @end_ds::DATE - 3
  AND @pick(orders.order_id, 30, 34) = 0
