"""A DuckDB project of many small models in layers, for measuring."""

from __future__ import annotations

import random
from pathlib import Path

CONFIG = """\
gateways:
  local:
    connection: {type: duckdb, database: %s}
default_gateway: local
model_defaults: {dialect: duckdb, start: '2026-11-01'}
disable_anonymized_analytics: true
"""
SHARES = (0.02, 0.08, 0.2, 0.3, 0.25, 0.15)
"""Which share of the models each layer has."""


def write_project(root: Path, models: int = 1_000, seed: int = 1) -> None:
    """Writes a project whose models each read one or two of the layers above.

    Args:
        root: An empty directory.
        models: How many models, about.
        seed: Of the random choices.
    """
    chance = random.Random(seed)
    folder = root / "models"
    folder.mkdir(parents=True)
    (root / "config.yaml").write_text(CONFIG % (root / "big.duckdb"))
    above: list[str] = []
    number = 0
    for layer, share in enumerate(SHARES):
        names = []
        for _ in range(max(1, round(models * share))):
            name = f"l{layer}.m{number}"
            (folder / f"{name}.sql").write_text(_model(name, number, above, chance))
            names.append(name)
            number += 1
        above = (names if layer < 2 else above + names)[-400:]


def _model(name: str, number: int, above: list[str], chance: random.Random) -> str:
    head = f"MODEL (name {name}, kind %s, owner team{number % 7}, tags [t{number % 5}]);\n\n"
    timed = "INCREMENTAL_BY_TIME_RANGE (time_column ds)"
    if not above:
        return head % timed + "SELECT 1 AS id, 'a' AS name, 10 AS amount, @start_date AS ds\n"
    parents = chance.sample(above, min(len(above), chance.choice([1, 2])))
    kind = chance.choice(["FULL", "VIEW", timed])
    where = " WHERE a.ds BETWEEN @start_date AND @end_date" if kind == timed else ""
    if len(parents) == 1:
        columns, source = f"a.amount + {number} AS amount", f"{parents[0]} AS a"
    else:
        columns = "a.amount + b.amount AS amount"
        source = f"{parents[0]} AS a JOIN {parents[1]} AS b ON a.id = b.id AND a.ds = b.ds"
    return head % kind + f"SELECT a.id, a.name, {columns}, a.ds FROM {source}{where}\n"


def edit_model(root: Path, index: int = 0) -> str:
    """Changes what one model of the second layer computes; returns its name."""
    found = sorted((root / "models").glob("l1.*.sql"))
    path = found[index % len(found)]
    path.write_text(path.read_text().replace("a.amount +", "a.amount + 1 +", 1))
    return path.stem
