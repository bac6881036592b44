MODEL (
  name reports.executive_summary,
  kind VIEW,
  owner finance,
  tags (finance, report),
  description 'The figures on the first page.',
  audits (
    not_null(columns := (revenue_euros, next_week_euros))
  )
);

WITH segments AS (
  SELECT
    COUNT(segments.customer_id)::INT AS champions
  FROM marts.customer_segments AS segments
  WHERE
    segments.segment = 'champion'
), outlook AS (
  SELECT
    (
      SUM(forecast.revenue_cents) / 100.0
    )::DOUBLE AS next_week_euros
  FROM marts.sales_forecast AS forecast
), sales AS (
  SELECT
    (
      SUM(weekly.revenue_euros)
    )::DOUBLE AS revenue_euros
  FROM reports.weekly_sales AS weekly
)
SELECT
  sales.revenue_euros,
  outlook.next_week_euros,
  segments.champions
FROM sales
CROSS JOIN outlook
CROSS JOIN segments
