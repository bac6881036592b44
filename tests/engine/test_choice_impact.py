"""Why a model changed and what its choices cost, asked of a running engine."""

from __future__ import annotations

import duckdb

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.impact import ChoiceCost, ModelImpact
from plan_tui.contract.plan import Category
from plan_tui.contract.state import PlanFacts, RunOutcome

from .hosting import HostedEngine
from .projects import Project
from .talking import Engine

DAILY = '"lake"."shop"."daily"'
SIGNAL = """\
import typing as t
from sqlmesh import signal, DatetimeRanges

@signal()
def ready(batch: DatetimeRanges) -> t.Union[bool, DatetimeRanges]:
    return True
"""


def looked_at(engine: Engine, name: str) -> ModelImpact:
    """The impact of a model."""
    answer = engine.get("/api/looks/impact", name=name)
    assert answer.status_code == 200, answer.text
    return ModelImpact.model_validate_json(answer.content)


def choose(engine: Engine, category: Category) -> PlanFacts:
    """Chooses for the daily sums; returns what the plan comes to."""
    with engine.listen() as ear:
        body = {"categories": {"shop.daily": category.value}}
        assert engine.post(routes.CATEGORIES, body).status_code == 204
        return ear.until(ev.PlanRevised).facts


def test_each_choice_costs_what_the_plan_comes_to_with_it(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    found = looked_at(engine, "shop.daily")
    assert found.notes == ()
    assert found.why_changed == "Data: its query changed."
    assert found.category.found == "BREAKING"
    assert found.category.suggestion is Category.BREAKING
    breaking = found.what_if[Category.BREAKING]
    assert breaking.seconds is None, "no history"
    assert breaking.unknown == breaking.models > 0
    for category in (Category.NON_BREAKING, Category.BREAKING):
        facts = choose(engine, category)
        cost = found.what_if[category]
        assert (cost.models, cost.intervals, cost.batches) == (
            facts.models, facts.intervals, facts.batches
        )  # fmt: skip
        now = looked_at(engine, "shop.daily").what_if
        assert bare(now) == bare(found.what_if)
        assert [each for each in now if now[each].difference is None] == [category]


def bare(costs: dict[Category, ChoiceCost]) -> dict[Category, ChoiceCost]:
    """Costs without what they differ by from the plan as it is, which a choice turns round."""
    return {key: cost.model_copy(update={"difference": None}) for key, cost in costs.items()}


def test_looking_holds_no_database(engine: HostedEngine, shop: Project) -> None:
    shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
    engine.plan()
    with engine.busy_worker():  # nothing else closes what looking would open
        assert looked_at(engine, "shop.daily").what_if
        with duckdb.connect(str(shop.database)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nothing_can_be_chosen_once_it_is_applied(engine: HostedEngine, shop: Project) -> None:
    shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
    engine.plan()
    assert looked_at(engine, "shop.daily").what_if
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert looked_at(engine, "shop.daily").what_if == {}


def test_a_signal_is_not_asked_and_said_so(engine: HostedEngine, shop: Project) -> None:
    shop.write("signals/__init__.py", SIGNAL)
    shop.edit("models/daily.sql", "kind FULL", "kind FULL, signals (ready())")
    shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    found = looked_at(engine, "shop.daily")
    assert found.what_if == {}
    assert any("waits for a signal" in note for note in found.notes)
    assert "its signals and signal ready" in found.why_changed
    assert "macro" not in found.why_changed


def test_models_that_the_plan_adds_read_what_changed(engine: HostedEngine, shop: Project) -> None:
    shop.write("models/apart.sql", "MODEL (name shop.apart, kind FULL);\nSELECT 1 AS id\n")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    alone = looked_at(engine, "shop.apart").category.choices[Category.BREAKING]
    assert alone == "It gets a new table; nothing that this plan changes reads it."
    shop.write("models/reader.sql", "MODEL (name shop.reader);\nSELECT id FROM shop.apart\n")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    choices = looked_at(engine, "shop.apart").category.choices
    assert choices[Category.BREAKING] == "It gets a new table; only models that are new read it."
