"""The engine's backend in this process, without a server: the quickest way to a plan."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.plan import PlanRequest
from plan_tui.engine.backend import Backend
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.plan_run import PlanRun


@contextmanager
def backend_on(project: Path, log: EventLog) -> Iterator[Backend]:
    """The engine's backend, and none of the marks that it leaves on its process."""
    before = os.getcwd()
    sql_log = logging.getLogger("sqlmesh.core.engine_adapter.base")
    level = sql_log.level
    backend = Backend(ProjectKey.of((str(project),)), log)
    try:
        yield backend
    finally:
        backend.project.release()
        sql_log.removeHandler(backend.project.sql)
        sql_log.setLevel(level)
        os.chdir(before)


def planned(
    backend: Backend,
    environment: str,
    *,
    start: str = "",
    end: str = "",
    log: EventLog | None = None,
    **options: object,
) -> None:
    """Has a plan under review."""
    request = PlanRequest.model_validate(
        {
            "environment": environment,
            "plan_dates": {"start": start or None, "end": end or None},
            "plan_options": options,
        }
    )
    log = log or EventLog()
    run = PlanRun(log, "run", environment, request)
    run.begin()
    backend.plan(run)
    ended = log.state.planning
    assert backend.built is not None, ended.problem if ended else None
