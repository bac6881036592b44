MODEL (
  name staging.products,
  kind VIEW,
  owner purchasing,
  tags (core),
  description 'Products with their margin.',
  grain product_id,
  audits (assert_prices_cover_costs)
);

SELECT
  products.product_id,
  products.product_name,
  products.category,
  products.price_cents,
  products.cost_cents,
  (
    products.price_cents - products.cost_cents
  )::INT AS margin_cents
FROM raw.products AS products
