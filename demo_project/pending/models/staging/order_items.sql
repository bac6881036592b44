MODEL (
  name staging.order_items,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column ordered_on,
    batch_size 60
  ),
  owner operations,
  tags (core, daily),
  description 'Order lines with their price.',
  grain item_id,
  audits (
    unique_values(columns := (item_id)),
    assert_positive_amounts(column := line_cents)
  )
);

SELECT
  items.item_id,
  items.order_id,
  items.ordered_on,
  items.product_id,
  items.quantity,
  (
    items.quantity * products.price_cents
  )::INT AS line_cents,
  (
    items.quantity * products.margin_cents
  )::INT AS margin_cents
FROM raw.order_items AS items
INNER JOIN staging.products AS products
  ON products.product_id = items.product_id
WHERE
  items.ordered_on BETWEEN @start_ds AND @end_ds
