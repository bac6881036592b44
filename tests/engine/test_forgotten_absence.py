"""What the state did not have is asked again in the next plan: SQLMesh remembers it for minutes."""

from __future__ import annotations

from typing import Any

import pytest

from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.backend import Backend
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.plan_run import PlanRun

from .projects import Project
from .reviewing import backend_on, planned


def choices_in_prod(backend: Backend, log: EventLog) -> list[tuple[object, ...]]:
    """What may be chosen of each changed model."""
    planned(backend, "prod", log=log)
    plan = log.state.plan
    assert plan is not None
    return [change.choices for change in plan.changes.modified.direct]


def test_a_question_that_failed_says_nothing_of_what_is_there(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    shop.deploy("dev")
    log = EventLog()
    with backend_on(shop.root, log) as backend:
        assert choices_in_prod(backend, log) == [()]
        cache: Any = backend.project.context.state_sync
        cache.clear_cache()

        def lost(snapshots: object) -> None:
            raise OSError("The state is gone.")

        with monkeypatch.context() as patch:
            patch.setattr(cache.state_sync, "get_snapshots", lost)
            run = PlanRun(log, "lost", "prod", PlanRequest(environment="prod"))
            run.begin()
            backend.plan(run)
            assert log.state.planning is not None
            assert log.state.planning.outcome is RunOutcome.FAILED
        # SQLMesh has recorded the category in dev, so nobody can choose any more.
        assert choices_in_prod(backend, log) == [()]


def test_what_another_process_has_recorded_since_is_seen(shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    log = EventLog()
    with backend_on(shop.root, log) as backend:
        (choices,) = choices_in_prod(backend, log)
        assert choices != ()
        backend.project.release()
        shop.deploy("dev")
        assert choices_in_prod(backend, log) == [()]
