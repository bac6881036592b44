MODEL (
  name staging.payments,
  kind INCREMENTAL_BY_UNIQUE_KEY (
    unique_key payment_id,
    batch_size 90
  ),
  owner finance,
  tags (finance, daily),
  description 'One payment for each order; a late correction replaces the earlier one.',
  grain payment_id,
  audits (
    unique_values(columns := (payment_id)),
    assert_positive_amounts(column := amount_cents)
  )
);

SELECT
  (
    items.order_id::BIGINT * 10 + 1
  )::BIGINT AS payment_id,
  items.order_id,
  items.ordered_on AS paid_on,
  methods.method_name,
  methods.fee_percent,
  SUM(items.line_cents)::INT AS amount_cents
FROM staging.order_items AS items
INNER JOIN raw.orders AS orders
  ON orders.order_id = items.order_id AND orders.ordered_on = items.ordered_on
INNER JOIN raw.payment_methods AS methods
  ON methods.method_id = orders.method_id
WHERE
  items.ordered_on BETWEEN @start_ds AND @end_ds AND orders.status = 'completed'
GROUP BY
  items.order_id,
  items.ordered_on,
  methods.method_name,
  methods.fee_percent
