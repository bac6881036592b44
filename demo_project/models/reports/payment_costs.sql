MODEL (
  name reports.payment_costs,
  kind VIEW,
  owner finance,
  tags (finance, report),
  description 'What each way to pay costs the shop.',
  audits (
    not_null(columns := (month, method_name))
  )
);

JINJA_QUERY_BEGIN;
SELECT
  DATE_TRUNC('MONTH', payments.paid_on)::DATE AS month,
  payments.method_name,
  COUNT(payments.payment_id)::INT AS payments,
  {{ euros('SUM(payments.amount_cents)') }}::DOUBLE AS turnover_euros,
  {{ euros('SUM(payments.amount_cents * payments.fee_percent / 100)') }}::DOUBLE AS fee_euros
FROM staging.payments AS payments
GROUP BY
  DATE_TRUNC('MONTH', payments.paid_on)::DATE,
  payments.method_name
JINJA_END;
