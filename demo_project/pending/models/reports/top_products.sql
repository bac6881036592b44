MODEL (
  name reports.top_products,
  kind FULL,
  owner purchasing,
  tags (purchasing, report),
  description 'Products in the order of what they bring in.',
  grain product_id,
  audits (
    unique_values(columns := (product_id))
  )
);

SELECT
  products.product_id,
  products.product_name,
  products.category,
  SUM(items.quantity)::INT AS units_sold,
  SUM(items.line_cents)::DOUBLE PRECISION AS revenue_cents
FROM staging.order_items AS items
INNER JOIN staging.products AS products
  ON products.product_id = items.product_id
GROUP BY
  products.product_id,
  products.product_name,
  products.category
HAVING
  SUM(items.quantity) > 0
ORDER BY
  revenue_cents DESC
