"""Random projects, edits and options, each given by a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from . import edits as e
from .projects import IN_RANGE, PER_ID, PLANNED_AT, STORES
from .scenario import NOW, PROD, Ask, Deployment, Edit, Scenario
from .spec import Kind, Model, Project

KINDS = (
    Kind.FULL,
    Kind.VIEW,
    Kind.EMBEDDED,
    Kind.TIME_RANGE,
    Kind.TIME_RANGE,
    Kind.TIME_RANGE,
    Kind.UNIQUE_KEY,
    Kind.PARTITION,
    Kind.UNMANAGED,
    Kind.SCD_BY_COLUMN,
    Kind.PYTHON,
)
DAYS = [f"2024-01-{day:02}" for day in range(2, 15)]


def scenario(seed: int) -> Scenario:
    """A random project of which random parts change, planned in a random way."""
    rng = Random(seed)
    project = _project(rng)
    history = [PROD]
    if rng.random() < 0.4:
        history.append(Deployment(_edits(rng, project), Ask(options=_preview(rng))))
    return Scenario(
        f"seed {seed}",
        _edits(rng, project),
        _ask(rng, project),
        lambda: project,
        tuple(history),
    )


def _preview(rng: Random) -> dict[str, object]:
    return {"enable_preview": False} if rng.random() < 0.5 else {}


def _project(rng: Random) -> Project:
    """A root, and models that each read one of those before them."""
    models = [STORES, _root(rng)]
    for index in range(rng.randint(6, 10)):
        parent = rng.choice([m for m in models[1:] if m.kind is not Kind.PYTHON])
        models.append(_model(rng, f"gen.m{index}", parent))
    return Project({model.name: model for model in models})


def _root(rng: Random) -> Model:
    return Model(
        "gen.root",
        Kind.TIME_RANGE,
        {"id": "i::INT", "ds": "d::DATE", "amount": "(i * 10)::BIGINT"},
        source=(
            "GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d) "
            "CROSS JOIN RANGE(1, 3) AS numbers(i)"
        ),
        filters="WHERE d BETWEEN @start_ds AND @end_ds",
        kind_properties={"time_column": "ds", "batch_size": str(rng.randint(1, 20))},
    )


def _model(rng: Random, name: str, parent: Model) -> Model:
    # A Python model resolves the table of its parent, and an embedded model has none.
    embedded = parent.kind is Kind.EMBEDDED
    kind = rng.choice([k for k in KINDS if not (embedded and k is Kind.PYTHON)])
    daily = {"id": "id", "ds": "ds", "amount": "amount::BIGINT"}
    match kind:
        case Kind.TIME_RANGE:
            return Model(name, kind, daily, parent.name, IN_RANGE, _time_range(rng), _cron(rng))
        case Kind.PARTITION:
            by = {"partitioned_by": "(id)"}
            return Model(name, kind, daily, parent.name, IN_RANGE, {}, by)
        case Kind.UNMANAGED:
            return Model(name, kind, daily, parent.name, IN_RANGE)
        case Kind.UNIQUE_KEY:
            keyed = {"unique_key": "id", "batch_size": str(rng.randint(2, 9))}
            return Model(name, kind, PER_ID, parent.name, f"{IN_RANGE} GROUP BY id", keyed)
        case Kind.SCD_BY_COLUMN:
            tracked = {"unique_key": "id", "columns": "[amount]"}
            return Model(name, kind, PER_ID, parent.name, "GROUP BY id", tracked)
        case Kind.PYTHON:
            types = {"id": "int", "score": "int"}
            reads = {"depends_on": f'["{parent.name}"]'}
            return Model(name, kind, types, parent.name, "", {"score": "1"}, reads)
        case _:
            return Model(name, kind, daily, parent.name)


def _time_range(rng: Random) -> dict[str, str]:
    properties = {"time_column": "ds"}
    if rng.random() < 0.6:
        properties["batch_size"] = str(rng.randint(1, 6))
    if rng.random() < 0.3:
        properties["lookback"] = str(rng.randint(1, 3))
    if rng.random() < 0.2:
        properties |= {"forward_only": "true", "on_destructive_change": "allow"}
    return properties


def _cron(rng: Random) -> dict[str, str]:
    return {"cron": "'@weekly'", "start": "'2023-12-31'"} if rng.random() < 0.2 else {}


def _edits(rng: Random, project: Project) -> Edit:
    """One to four edits, each of another model."""
    names = [name for name, m in project.models.items() if m.kind is not Kind.SEED]
    chosen = rng.sample(names, rng.randint(1, min(4, len(names))))
    kinds: list[Callable[[Random, Project, str], Edit]] = [
        *(_new_column, _new_column, _new_expression, _new_expression),
        *(_new_owner, _new_leaf, _new_seed_row),
    ]
    return e.all_of(*(rng.choice(kinds)(rng, project, name) for name in chosen))


def _new_column(rng: Random, project: Project, name: str) -> Edit:
    if project.models[name].kind is Kind.PYTHON:
        return e.all_of(e.column(name, "rank", "int"), e.kind_prop(name, "rank", "3"))
    constant = f"{rng.randint(1, 99)}::INT"
    return e.column(
        name,
        f"extra_{rng.randint(1, 99)}",
        f"MAX({constant})" if _grouped(project, name) else constant,
    )


def _grouped(project: Project, name: str) -> bool:
    return "GROUP BY" in project.models[name].filters


def _new_expression(rng: Random, project: Project, name: str) -> Edit:
    if project.models[name].kind is Kind.PYTHON:
        return e.kind_prop(name, "score", str(rng.randint(2, 99)))
    old = project.models[name].columns["amount"]
    return e.column(name, "amount", f"({old} + {rng.randint(1, 99)})::BIGINT")


def _new_owner(rng: Random, project: Project, name: str) -> Edit:
    owner = f"team{rng.randint(1, 99)}"
    quoted = f'"{owner}"' if project.models[name].kind is Kind.PYTHON else owner
    return e.prop(name, "owner", quoted)


def _new_leaf(rng: Random, project: Project, name: str) -> Edit:
    if project.models[name].kind is Kind.PYTHON:
        return _new_expression(rng, project, name)
    return e.add(_model(rng, f"gen.leaf_of_{name.split('.')[1]}", project.models[name]))


def _new_seed_row(rng: Random, project: Project, name: str) -> Edit:
    return e.rows("raw.stores", f"{rng.randint(3, 999)},new,2024-01-03 00:00:00")


def _ask(rng: Random, project: Project) -> Ask:
    """A plan for dev or prod, with up to a few of the options that go together."""
    if rng.random() < 0.3:
        return Ask("prod", NOW, rng.choice(({}, {}, {"forward_only": True}, {"no_gaps": True})))
    dates = dict(NOW)
    if rng.random() < 0.4:
        dates["start"], dates["end"] = sorted((rng.choice(DAYS), rng.choice(DAYS)))
        if rng.random() < 0.5:
            dates["end"] = PLANNED_AT
    one = rng.choice(list(project.models))
    options: list[dict[str, object]] = [
        {},
        {},
        {"forward_only": True},
        {"include_unmodified": True},
        {"enable_preview": False},
        {"min_intervals": rng.randint(1, 5)},
        {"backfill_models": [f"+{one}"]},
        {"no_auto_categorization": True},
        {"skip_backfill": True},
    ]
    return Ask("dev", dates, rng.choice(options))
