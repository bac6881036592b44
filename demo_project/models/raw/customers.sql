MODEL (
  name raw.customers,
  kind FULL,
  owner growth,
  tags (core, pii),
  description 'Holders of a loyalty card.',
  grain customer_id,
  audits (
    unique_values(columns := (customer_id)),
    number_of_rows(threshold := 100)
  )
);

SELECT
  card.customer_id::INT AS customer_id,
  CONCAT('Customer ', LPAD(card.customer_id::TEXT, 4, '0')) AS customer_name,
  CONCAT('customer', card.customer_id::TEXT, '@shop.example') AS email,
  (
    1 + @pick(card.customer_id, 6, 1)
  )::INT AS home_store_id,
  (
    '2024-01-01'::DATE + @pick(card.customer_id, 600, 2)
  )::DATE AS joined_on,
  CASE @pick(card.customer_id, 5, 3) WHEN 0 THEN 'gold' WHEN 1 THEN 'silver' ELSE 'basic' END AS loyalty_tier,
  (
    '2025-10-01'::DATE + @pick(card.customer_id, 28, 4)
  )::TIMESTAMP AS updated_at
FROM GENERATE_SERIES(1, 900) AS card(customer_id)
