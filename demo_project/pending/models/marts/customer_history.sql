MODEL (
  name marts.customer_history,
  kind SCD_TYPE_2_BY_TIME (
    unique_key customer_id,
    updated_at_name updated_at
  ),
  owner growth,
  tags (growth, pii, report),
  description 'Every state a customer record has had, for letters that went out earlier.',
  grain (customer_id, valid_from),
  audits (
    not_null(columns := (customer_id))
  )
);

SELECT
  customers.customer_id,
  customers.home_store_id,
  customers.loyalty_tier,
  customers.updated_at
FROM staging.customers AS customers
