MODEL (
  name staging.orders,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column ordered_on,
    batch_size 30
  ),
  owner operations,
  tags (core, daily),
  description 'Orders that count as sales.',
  grain order_id,
  audits (
    unique_values(columns := (order_id)),
    not_null(columns := (order_id, customer_id, store_id))
  )
);

SELECT
  orders.order_id,
  orders.ordered_on,
  orders.store_id,
  orders.customer_id,
  orders.method_id,
  orders.status
FROM raw.orders AS orders
WHERE
  orders.ordered_on BETWEEN @start_ds AND @end_ds AND orders.status <> 'cancelled'
