MODEL (
  name reports.loyalty_mailing,
  kind FULL,
  owner growth,
  tags (growth, report, pii),
  description 'Whom the monthly letter on paper went to.',
  grain customer_id,
  audits (
    unique_values(columns := (customer_id))
  )
);

SELECT
  customers.customer_id,
  customers.customer_name,
  customers.loyalty_tier
FROM staging.customers AS customers
WHERE
  customers.loyalty_tier <> 'basic'
