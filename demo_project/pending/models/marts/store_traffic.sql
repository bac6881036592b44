MODEL (
  name marts.store_traffic,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column counted_on,
    batch_size 60
  ),
  start '2026-01-01',
  owner operations,
  tags (operations, daily),
  description 'How many of a store''s visitors buy, since the doors count them well.',
  grain (counted_on, store_id),
  audits (
    not_null(columns := (visitors))
  )
);

SELECT
  doors.counted_on,
  doors.store_id,
  doors.visitors,
  COALESCE(sales.orders, 0)::INT AS orders,
  (
    COALESCE(sales.orders, 0) / NULLIF(doors.visitors, 0)::DOUBLE
  )::DOUBLE AS conversion_rate
FROM pos.door_counts AS doors
LEFT JOIN marts.daily_sales AS sales
  ON sales.store_id = doors.store_id AND sales.sold_on = doors.counted_on
WHERE
  doors.counted_on BETWEEN @start_ds AND @end_ds
