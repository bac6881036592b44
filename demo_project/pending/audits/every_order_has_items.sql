AUDIT (
  name every_order_has_items,
  standalone TRUE,
  blocking FALSE,
  owner operations,
  description 'An order without a line was never rung up; one of today may still be open.'
);

SELECT
  orders.order_id
FROM staging.orders AS orders
LEFT JOIN staging.order_items AS items
  ON items.order_id = orders.order_id
WHERE
  items.order_id IS NULL AND orders.ordered_on < @end_ds
