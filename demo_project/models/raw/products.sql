MODEL (
  name raw.products,
  kind SEED (
    path '../../seeds/products.csv'
  ),
  owner purchasing,
  tags (core),
  description 'What the shop sells, with today''s prices.',
  grain product_id,
  columns (
    product_id INT,
    product_name TEXT,
    category TEXT,
    price_cents INT,
    cost_cents INT
  ),
  audits (
    unique_values(columns := (product_id)),
    not_null(columns := (price_cents, cost_cents))
  )
);
