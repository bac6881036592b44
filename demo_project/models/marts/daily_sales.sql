MODEL (
  name marts.daily_sales,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column sold_on,
    batch_size 30
  ),
  owner finance,
  tags (finance, daily),
  description 'Orders and revenue of each store and day.',
  grain (sold_on, store_id),
  audits (
    unique_combination_of_columns(columns := (sold_on, store_id)),
    assert_positive_amounts(column := revenue_cents)
  )
);

SELECT
  orders.ordered_on AS sold_on,
  orders.store_id,
  COUNT(DISTINCT orders.order_id)::INT AS orders,
  SUM(items.quantity)::INT AS units,
  SUM(items.line_cents)::BIGINT AS revenue_cents
FROM staging.orders AS orders
INNER JOIN staging.order_items AS items
  ON items.order_id = orders.order_id AND items.ordered_on = orders.ordered_on
WHERE
  orders.ordered_on BETWEEN @start_ds AND @end_ds
GROUP BY
  orders.ordered_on,
  orders.store_id
