MODEL (
  name marts.product_pairs,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column sold_on,
    batch_size 30
  ),
  owner growth,
  tags (growth),
  description 'Products that were bought together, and how much more often than by chance.',
  grain (sold_on, product_id, other_product_id),
  audits (
    forall(criteria := (
      product_id < other_product_id
    ))
  )
);

/* Chance is found by simulation: so many baskets are filled blindly that each batch takes a while. */
WITH blind_picks AS (
  SELECT
    (
      baskets.basket::BIGINT * 48271 % 2147483647 % 24 + 1
    )::INT AS product_id,
    (
      baskets.basket::BIGINT * 69621 % 2147483647 % 9973 % 24 + 1
    )::INT AS other_product_id
  FROM GENERATE_SERIES(1, @simulated_baskets) AS baskets(basket)
), chance AS (
  SELECT
    picks.product_id,
    picks.other_product_id,
    (
      COUNT(*) / @simulated_baskets::DOUBLE
    )::DOUBLE AS share
  FROM blind_picks AS picks
  GROUP BY
    picks.product_id,
    picks.other_product_id
), pairs AS (
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
)
SELECT
  pairs.sold_on,
  pairs.product_id,
  pairs.other_product_id,
  pairs.orders,
  (
    pairs.orders / chance.share
  )::DOUBLE AS lift
FROM pairs
INNER JOIN chance
  ON chance.product_id = pairs.product_id
  AND chance.other_product_id = pairs.other_product_id
