MODEL (
  name reports.till_heartbeats,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column beat_at
  ),
  cron '*/5 * * * *',
  owner operations,
  tags (operations, report),
  description 'Whether the tills answered, every five minutes.',
  grain beat_at,
  audits (
    not_null(columns := (tills_alive))
  )
);

SELECT
  series.moment::TIMESTAMP AS beat_at,
  (
    6 - @pick(EPOCH(series.moment) / 300, 2, 8)
  )::INT AS tills_alive
FROM GENERATE_SERIES(@start_dt::TIMESTAMP, @end_dt::TIMESTAMP, INTERVAL 5 MINUTE) AS series(moment)
WHERE
  series.moment BETWEEN @start_dt AND @end_dt
