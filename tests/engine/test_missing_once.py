"""The missing intervals of a plan are found once while it is laid out, and are SQLMesh's own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmesh.core.plan import definition

from plan_tui.contract.plan import Category
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.missing_once import missing_once

from .projects import Project
from .reviewing import backend_on, planned

DAILY = '"lake"."shop"."daily"'


def test_a_choice_finds_them_once_and_nothing_is_kept(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    plain = definition.missing_intervals

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        asked += 1
        return plain(*args, **kwargs)

    with backend_on(shop.root, EventLog()) as backend:
        shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
        planned(backend, "dev")
        monkeypatch.setattr(definition, "missing_intervals", counting)
        backend.choose({DAILY: Category.NON_BREAKING})
        assert asked == 1
        assert backend.built is not None
        plan = backend.built.plan
        found = plan.missing_intervals
        assert asked == 2, "outside it is found anew"
        assert {each.name: each.interval_count for each in backend.built.backfills} == {
            each.snapshot_id.name: len(each.intervals) for each in found
        }
        with missing_once(plan):
            assert plan.missing_intervals == plan.missing_intervals == found
            assert asked == 3
            plan.missing_intervals.clear()
            assert plan.missing_intervals == found, "whoever has a list has it for himself"
