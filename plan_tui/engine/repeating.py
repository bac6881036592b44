"""Stages of an apply that may be done twice, so that a lost connection does not fail them.

SQLMesh does each of them again when the same plan is applied again: what is there stays, and what
is not is made. Statements of a project's own (before_all, after_all) and batches are no such work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlmesh.core.plan.definition import EvaluatablePlan

    from plan_tui.engine.reconnecting import Reconnector

PROMOTION = "EnvironmentRecordUpdateStage"
REPEATABLE = {
    "CreateSnapshotRecordsStage": "the recording of new versions",
    "RestatementStage": "the clearing of restated intervals",
    PROMOTION: "the promotion",
    "UnpauseStage": "the promotion",
    "FinalizeEnvironmentStage": "the end of the promotion",
}
"""Stages that only write to the state, alone: by SQLMesh's name, what each does."""


class Repeater:
    """Does the stages of one apply, the repeatable ones until they are through."""

    def __init__(self, reconnector: Reconnector, state: Any, state_adapters: Any) -> None:
        """Takes what it works with.

        Args:
            reconnector: Makes the new connections.
            state: SQLMesh's state.
            state_adapters: The adapter of the state's database, if it has one.
        """
        self._reconnector = reconnector
        self._state = state
        self._whole = all(adapter.SUPPORTS_TRANSACTIONS for adapter in state_adapters)

    def do(self, stage: Any, plan: EvaluatablePlan, work: Callable[[], object]) -> None:
        """Does one stage.

        Args:
            stage: SQLMesh's.
            plan: The plan that it belongs to.
            work: Does it.

        Raises:
            Exception: Whatever the work raises, and no new connection helps.
        """
        name = type(stage).__name__
        what = REPEATABLE.get(name)
        # Without transactions a record may be there in part, which its plan id does not tell.
        if what is None or (name == PROMOTION and not self._whole):
            work()
        elif name == PROMOTION:
            self._reconnector.steadily(_Promotion(self._state, plan, work).do, what, alone=True)
        else:
            self._reconnector.steadily(work, what, alone=True)


class _Promotion:
    """The change of an environment's record, which SQLMesh refuses to make a second time."""

    def __init__(self, state: Any, plan: EvaluatablePlan, work: Callable[[], object]) -> None:
        self._state = state
        self._plan = plan
        self._work = work
        self._tried = False

    def do(self) -> None:
        """Makes it, unless it was made by a try whose answer was lost."""
        if self._tried and self._is_made():
            return
        self._tried = True
        self._work()

    def _is_made(self) -> bool:
        there = self._state.get_environment(self._plan.environment.name)
        return there is not None and there.plan_id == self._plan.plan_id
