MODEL (
  name marts.deliveries,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column delivered_on,
    batch_size 90,
    forward_only TRUE,
    on_destructive_change WARN
  ),
  owner operations,
  tags (operations, daily),
  description 'Vans that came to a store. Only the last months can be asked for again.',
  grain delivery_id,
  audits (
    unique_values(columns := (delivery_id))
  )
);

SELECT
  (
    calendar.day_number * 10 + stores.store_id
  )::INT AS delivery_id,
  calendar.day AS delivered_on,
  stores.store_id,
  (
    2 + @pick(calendar.day_number * 10 + stores.store_id, 5, 11)
  )::INT AS pallets
FROM raw.calendar AS calendar
CROSS JOIN raw.stores AS stores
WHERE
  calendar.day BETWEEN @start_ds AND @end_ds
