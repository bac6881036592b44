MODEL (
  name raw.orders,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column ordered_on,
    batch_size 30
  ),
  owner operations,
  tags (core),
  description 'Orders as the tills send them, test and cancelled ones included.',
  grain order_id,
  audits (
    unique_values(columns := (order_id)),
    accepted_values(column := status, is_in := ('completed', 'cancelled', 'test'))
  )
);

SELECT
  tills.order_id,
  tills.ordered_on,
  tills.store_id,
  (
    1 + @pick(tills.order_id, 900, 5)
  )::INT AS customer_id,
  (
    1 + @pick(tills.order_id, 5, 6)
  )::INT AS method_id,
  CASE @pick(tills.order_id, 40, 7)
    WHEN 0
    THEN 'cancelled'
    WHEN 1
    THEN 'cancelled'
    WHEN 2
    THEN 'test'
    ELSE 'completed'
  END AS status
FROM (
  SELECT
    (
      calendar.day_number * 1000 + stores.store_id * 100 + slots.slot
    )::INT AS order_id,
    calendar.day AS ordered_on,
    stores.store_id,
    slots.slot,
    calendar.weekday
  FROM raw.calendar AS calendar
  CROSS JOIN raw.stores AS stores
  CROSS JOIN GENERATE_SERIES(1, 24) AS slots(slot)
  WHERE
    calendar.day BETWEEN @start_ds AND @end_ds
) AS tills
WHERE
  tills.slot <= 8 + tills.weekday + @pick(tills.order_id - tills.slot, 9)
