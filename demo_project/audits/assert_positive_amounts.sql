AUDIT (
  name assert_positive_amounts
);

SELECT
  *
FROM @this_model
WHERE
  @column <= 0
