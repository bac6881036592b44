MODEL (
  name staging.customers,
  kind VIEW,
  owner growth,
  tags (core, pii),
  description 'Customers without what only the loyalty team may see.',
  grain customer_id,
  audits (
    not_null(columns := (customer_id, loyalty_tier))
  )
);

SELECT
  customers.customer_id,
  customers.customer_name,
  customers.home_store_id,
  customers.joined_on,
  customers.loyalty_tier,
  customers.updated_at
FROM raw.customers AS customers
