AUDIT (
  name assert_prices_cover_costs
);

SELECT
  *
FROM @this_model
WHERE
  price_cents < cost_cents
