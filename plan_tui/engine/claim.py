"""What may have happened while an apply was checked, and keeps it from beginning."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from plan_tui.contract import events as ev
from plan_tui.contract.state import SessionState
from plan_tui.engine.problems import from_loading
from plan_tui.engine.refused import Refused, busy, no_plan, revised, was_cancelled

if TYPE_CHECKING:
    import threading

    from plan_tui.contract.errors import Problem
    from plan_tui.contract.lookup import Environments
    from plan_tui.contract.state import EngineState, PlanFacts
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.event_log import EventLog

logger = logging.getLogger(__name__)


def drop_all(looks: Iterable[threading.Event]) -> None:
    """Drops the look-ups that keep the worker, so that it is free soon."""
    for dropped in tuple(looks):
        dropped.set()


def tell_stale_files(log: EventLog, changed: list[str], paths: tuple[str, ...]) -> None:
    """Tells that the plan under review, if there is one, was made from other files."""
    from plan_tui.engine.refusals import stale_files

    facts = log.state.facts
    if log.state.state is SessionState.REVIEW and facts is not None:
        problem = stale_files(changed, paths)
        log.emit(ev.PlanWentStale(plan_id=facts.plan_id, problem=problem))


def read_staleness(backend: Backend, paths: tuple[str, ...]) -> tuple[Environments, Problem | None]:
    """The environments, and why the plan under review is out of date; by the worker thread.

    Raises:
        Refused: The state can't be read.
    """
    try:
        return backend.environments(), backend.staleness()
    except Exception as error:
        # The plan may still hold: it can be applied once the state can be read.
        logger.exception("The state can't be read.")
        raise Refused(from_loading(error, paths), 409) from error
    finally:
        backend.project.release()


def refuse_begin(state: EngineState, checked: PlanFacts, leaving: bool, cancelled: bool) -> None:
    """Lets an apply begin only of the very plan that was checked.

    Args:
        state: What the engine does now, after the wait for the worker.
        checked: What was known of the plan when the apply was asked for.
        leaving: Whether the engine takes no more work.
        cancelled: Whether a cancel came while the plan was checked.

    Raises:
        Refused: The plan is gone, stale, or another one, or nobody wants it applied any more.
    """
    if cancelled:
        raise Refused(was_cancelled(), 409)
    if leaving:
        raise Refused(busy("The engine is leaving, so the apply was not begun."), 409)
    facts = state.facts
    if facts is None:
        raise Refused(no_plan(), 409)
    if refusal := state.stale or facts.refusal:
        raise Refused(refusal, 409)
    if facts is not checked:
        raise Refused(revised(), 409)
