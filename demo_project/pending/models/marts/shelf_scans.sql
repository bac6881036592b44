MODEL (
  name marts.shelf_scans,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column scanned_on,
    batch_size 180,
    lookback 2
  ),
  owner operations,
  tags (operations, daily),
  description 'Gaps that the scanners saw on the shelves. Some scans come two days late.',
  grain (scanned_on, store_id),
  audits (
    not_null(columns := (empty_shelves))
  )
);

SELECT
  calendar.day AS scanned_on,
  stores.store_id,
  (
    @pick(calendar.day_number * 10 + stores.store_id, 14, 21)
  )::INT AS empty_shelves
FROM raw.calendar AS calendar
CROSS JOIN raw.stores AS stores
WHERE
  calendar.day BETWEEN @start_ds AND @end_ds
