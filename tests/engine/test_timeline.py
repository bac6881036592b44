"""The timeline of a plan, as the engine answers it."""

from __future__ import annotations

from plan_tui.contract import looks
from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.timeline import Timeline

from .hosting import HostedEngine
from .projects import DAY, JAN_1, Project

EVENTS = '"lake"."raw"."events"'
ROUTE = looks.ROUTE.format(path=looks.TIMELINE.path)


def test_a_plan_has_a_timeline(shop: Project, engine: HostedEngine) -> None:
    assert engine.get(ROUTE).status_code in (404, 409)
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    run = engine.plan("dev")

    timeline = Timeline.model_validate_json(engine.get(ROUTE).content)

    assert timeline.plan_id == run.plan_id
    assert timeline.fills
    names = [model.view_name for model in timeline.models]
    assert names.index("raw__dev.events") < names.index("shop__dev.daily")
    events = next(model for model in timeline.models if model.name == EVENTS)
    assert [(r.start, r.end, r.reason) for r in events.missing] == [
        (JAN_1, JAN_1 + 10 * DAY, "new")
    ]
    assert events.end == JAN_1 + 10 * DAY
    assert [run.model_dump() for run in events.batches] == [
        {"start": JAN_1, "end": JAN_1 + 10 * DAY, "every": 5 * DAY, "count": 2}
    ]
    stores = next(model for model in timeline.models if model.view_name.endswith("stores"))
    assert not stores.missing
    assert stores.there
    route = looks.ROUTE.format(path=looks.IMPACT.path)
    impact = ModelImpact.model_validate_json(engine.get(route, name="raw.events").content)
    assert impact.missing == events.missing


def test_a_plan_that_fills_nothing_tells_what_is_missing(
    shop: Project, engine: HostedEngine
) -> None:
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    engine.plan("dev", skip_backfill=True)

    timeline = Timeline.model_validate_json(engine.get(ROUTE).content)

    assert not timeline.fills
    assert "skip_backfill" in (timeline.note or "")
    events = next(model for model in timeline.models if model.name == EVENTS)
    assert [run.reason for run in events.missing] == ["new"]
    assert events.batches == ()
    assert events.interval_count == 0
