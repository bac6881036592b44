"""Macros that make the shop's data up, the same each time."""

from sqlglot import exp
from sqlmesh import macro


@macro()
def pick(evaluator, seed: exp.Expression, choices: int, salt: int = 0) -> str:
    """A number from 0 to below `choices` that looks random and depends on `seed` alone."""
    seed_sql = seed.sql(dialect=evaluator.dialect)
    return f"((({seed_sql} + {salt} * 7919)::BIGINT * 48271) % 2147483647 % 9973 % {choices})::INT"


@macro()
def create_door_counts(evaluator) -> str:
    """Stands in for the door counters: their table is there before the first plan."""
    return """
    CREATE TABLE IF NOT EXISTS pos.door_counts AS
    SELECT
      store.store_id::INT AS store_id,
      (day.counted_at)::DATE AS counted_on,
      (60 + (store.store_id * 37 + EXTRACT(DOY FROM day.counted_at) * 17) % 90)::INT AS visitors
    FROM GENERATE_SERIES(
      '2025-11-01'::TIMESTAMP, '2029-12-31'::TIMESTAMP, INTERVAL '1 DAY'
    ) AS day(counted_at)
    CROSS JOIN GENERATE_SERIES(1, 6) AS store(store_id)
    """
