"""Laying out a plan again from the state that was read for it, when only categories moved.

Another category leads a model to another version, and what the state holds of every version that
it may get was read with the plan. Asking the state anew would load each stored snapshot of the
environment again, for every choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.impact.known_state import KnownState
    from plan_tui.engine.planner import BuiltPlan
    from plan_tui.engine.work import WorkContext


class KnownWork:
    """The context of a plan, with the state as it was when the plan was built."""

    def __init__(self, context: EngineContext, state: KnownState) -> None:
        self._context = context
        self.state_reader = state
        self.default_catalog = context.default_catalog

    @property
    def snapshot_evaluator(self) -> Any:
        """What asks the warehouse for tables that may be missing."""
        return self._context.snapshot_evaluator

    def create_scheduler(self, snapshots: Any, snapshot_evaluator: Any) -> Any:
        """What splits intervals into batches, and asks signals."""
        return self._context.create_scheduler(snapshots, snapshot_evaluator)


def work_context(context: EngineContext, built: BuiltPlan) -> WorkContext:
    """What the work of a plan with other categories is laid out from.

    Args:
        context: The context that built the plan.
        built: The plan; where its state could not be read, the state itself is asked.
    """
    return KnownWork(context, built.known.result()) if is_known(built) else context


def is_known(built: BuiltPlan) -> bool:
    """Whether a plan can be laid out again without a look at the state."""
    known = built.known
    return known.done() and not known.cancelled() and known.exception() is None
