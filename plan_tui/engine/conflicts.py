"""Whether the target environment moved under a plan, and who watches for it while one reviews."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.state import EngineState, SessionState

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.planner import BuiltPlan
    from plan_tui.engine.session import Session

logger = logging.getLogger(__name__)
EVERY = 5.0
"""Seconds between two looks at the target of the plan under review."""

Stamp = tuple[tuple[int, int] | None, ...]


def find_conflict(context: EngineContext, built: BuiltPlan) -> str | None:
    """Says in words that the target environment moved under a plan, or None."""
    plan = built.plan
    name = plan.environment_naming_info.name
    current = context.state_reader.get_environment(name)
    plan_id = current.plan_id if current is not None else None
    expected = None if plan.context_diff.is_new_environment else plan.previous_plan_id
    if plan_id in (expected, plan.plan_id):
        return None
    if plan.context_diff.is_new_environment and current is not None and current.expired:
        return None
    there = f"plan {plan_id[:9]}" if plan_id else "no plan"
    before = f"plan {expected[:9]}" if expected else "none"
    return f"{name} moved{_when(current)}: {there} is there now, not {before}."


def _when(environment: Any) -> str:
    finalized = environment.finalized_ts if environment is not None else None
    if not finalized:
        return ""
    moment = datetime.fromtimestamp(finalized / 1000, tz=timezone.utc)
    return f" at {moment:%H:%M} UTC"


def conflict_problem(conflict: str) -> Problem:
    """The problem of a plan whose target moved."""
    return Problem(
        code=ProblemCode.CONFLICT,
        title=conflict,
        message="The plan was made for the state before.",
        hint="Build it again: your choices are kept.",
    )


async def watch_environment(session: Session, every: float = EVERY) -> None:
    """Tells that the reviewed plan is stale as soon as somebody else applied, until cancelled."""
    watch = EnvironmentWatch(session)
    while True:
        await asyncio.sleep(every)
        try:
            await watch.look()
        except Exception:
            # The state may be locked or out of reach for a while: the next look may tell.
            logger.info("The target environment can't be looked at.", exc_info=True)


class EnvironmentWatch:
    """Looks at the target of the plan under review while somebody may be looking at the plan."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: tuple[str, Stamp | None] | None = None

    async def look(self) -> None:
        """Looks once; a DuckDB file that nobody wrote to is not even opened.

        Raises:
            Exception: Whatever SQLMesh raises for a state that can't be read.
        """
        session = self._session
        backend, facts = session.loading.backend, session.log.state.facts
        if backend is None or backend.built is None or facts is None or not session.log.clients:
            return
        if not _is_fresh(session.log.state, facts.plan_id):
            return
        stamp = _stamp(backend)
        if stamp is not None and self._seen == (facts.plan_id, stamp):
            return
        built = backend.built
        conflict = await session.on_worker(lambda: _conflict(backend, built))
        # Written meanwhile, perhaps after it was read: kept as of before, so that it is read again.
        self._seen = (facts.plan_id, stamp)
        if conflict and _is_fresh(session.log.state, facts.plan_id):
            problem = conflict_problem(conflict)
            session.log.emit(ev.PlanWentStale(plan_id=facts.plan_id, problem=problem))


def _is_fresh(state: EngineState, plan_id: str) -> bool:
    """Whether a plan is under review and not known to be out of date."""
    if state.state is not SessionState.REVIEW or state.stale is not None:
        return False
    return state.facts is not None and state.facts.plan_id == plan_id


def _conflict(backend: Backend, built: BuiltPlan) -> str | None:
    if backend.built is not built:
        return None
    try:
        return find_conflict(backend.project.context, built)
    finally:
        backend.project.release()


def _stamp(backend: Backend) -> Stamp | None:
    """When the files of the state were written last; None where the state is no file."""
    database = backend.project.state_file
    if database is None:
        return None
    found: list[tuple[int, int] | None] = []
    for name in (database, f"{database}.wal"):
        status = None
        with suppress(OSError):
            status = os.stat(name)
        found.append(None if status is None else (status.st_mtime_ns, status.st_size))
    return tuple(found)
