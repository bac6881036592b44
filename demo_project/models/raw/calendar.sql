MODEL (
  name raw.calendar,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column day
  ),
  owner data_platform,
  tags (core),
  description 'One row for each day the shop has been open.',
  grain day,
  audits (
    unique_values(columns := (day))
  )
);

SELECT
  series.moment::DATE AS day,
  (
    series.moment::DATE - '2025-01-01'::DATE
  )::INT AS day_number, /* days since the start of 2025 */
  (
    (
      series.moment::DATE - '2025-01-01'::DATE
    ) % 7
  )::INT AS weekday, /* 0 is Wednesday, as that day was */
  EXTRACT(MONTH FROM series.moment)::INT AS month
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL '1' DAY) AS series(moment)
