MODEL (
  name marts.product_pairs,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column sold_on,
    batch_size 30
  ),
  owner growth,
  tags (growth),
  description 'Products that were bought together.',
  grain (sold_on, product_id, other_product_id),
  audits (
    forall(criteria := (
      product_id < other_product_id
    ))
  )
);

SELECT
  items.ordered_on AS sold_on,
  items.product_id,
  others.product_id AS other_product_id,
  COUNT(DISTINCT items.order_id)::INT AS orders
FROM staging.order_items AS items
INNER JOIN staging.order_items AS others
  ON others.order_id = items.order_id
  AND others.ordered_on = items.ordered_on
  AND others.product_id > items.product_id
WHERE
  items.ordered_on BETWEEN @start_ds AND @end_ds
GROUP BY
  items.ordered_on,
  items.product_id,
  others.product_id
