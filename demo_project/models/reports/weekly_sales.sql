MODEL (
  name reports.weekly_sales,
  kind VIEW,
  owner finance,
  tags (finance, report),
  description 'Revenue by week and store.',
  audits (
    not_null(columns := (week, label))
  )
);

SELECT
  DATE_TRUNC('WEEK', sales.sold_on)::DATE AS week,
  stores.label,
  SUM(sales.orders)::INT AS orders,
  (
    SUM(sales.revenue_cents) / 100.0
  )::DOUBLE AS revenue_euros
FROM marts.daily_sales AS sales
INNER JOIN staging.stores AS stores
  ON stores.store_id = sales.store_id
GROUP BY
  DATE_TRUNC('WEEK', sales.sold_on)::DATE,
  stores.label
