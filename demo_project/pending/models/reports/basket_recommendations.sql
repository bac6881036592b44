MODEL (
  name reports.basket_recommendations,
  kind FULL,
  owner growth,
  tags (growth, report),
  description 'What to offer beside a product.',
  grain (product_id, other_product_id),
  audits (
    not_null(columns := (product_name, offer))
  )
);

SELECT
  pairs.product_id,
  pairs.other_product_id,
  products.product_name,
  offers.product_name AS offer,
  SUM(pairs.orders)::INT AS orders,
  AVG(pairs.lift)::DOUBLE AS lift
FROM marts.product_pairs AS pairs
INNER JOIN staging.products AS products
  ON products.product_id = pairs.product_id
INNER JOIN staging.products AS offers
  ON offers.product_id = pairs.other_product_id
GROUP BY
  pairs.product_id,
  pairs.other_product_id,
  products.product_name,
  offers.product_name
