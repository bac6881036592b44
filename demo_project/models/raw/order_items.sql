MODEL (
  name raw.order_items,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column ordered_on,
    batch_size 30
  ),
  owner operations,
  tags (core),
  description 'The lines of each order.',
  grain item_id,
  audits (
    unique_values(columns := (item_id)),
    forall(criteria := (
      quantity > 0
    ))
  )
);

SELECT
  (
    orders.order_id::BIGINT * 10 + lines.line
  )::BIGINT AS item_id,
  orders.order_id,
  orders.ordered_on,
  (
    1 + @pick(orders.order_id * 10 + lines.line, 24, 8)
  )::INT AS product_id,
  (
    1 + @pick(orders.order_id * 10 + lines.line, 3, 9)
  )::INT AS quantity
FROM raw.orders AS orders
CROSS JOIN GENERATE_SERIES(1, 4) AS lines(line)
WHERE
  orders.ordered_on BETWEEN @start_ds AND @end_ds
  AND lines.line <= 1 + @pick(orders.order_id, 4, 10)
