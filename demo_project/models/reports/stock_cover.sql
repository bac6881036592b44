MODEL (
  name reports.stock_cover,
  kind VIEW,
  owner purchasing,
  tags (purchasing, report),
  description 'Units left of each product.',
  audits (
    not_null(columns := (product_name))
  )
);

SELECT
  products.product_id,
  products.product_name,
  SUM(movements.units_in - movements.units_out)::INT AS units_left
FROM marts.stock_movements AS movements
INNER JOIN staging.products AS products
  ON products.product_id = movements.product_id
GROUP BY
  products.product_id,
  products.product_name
