"""Holds up one of SQLMesh's stages, in an engine of this process, until the test lets it go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlmesh.core.plan.evaluator import BuiltInPlanEvaluator

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import StageStatus

from .hosting import HostedEngine
from .talking import Ear

PATIENCE = 60.0


class HeldStage:
    """A stage that waits as it begins."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._let_go = threading.Event()

    def wait(self) -> None:
        """Returns when the stage is there."""
        assert self._reached.wait(PATIENCE), "the stage never began"

    def go_on(self) -> None:
        """Lets it do its work."""
        self._let_go.set()

    def stand(self) -> None:
        """Waits; for the thread of the apply."""
        self._reached.set()
        self._let_go.wait(PATIENCE)


@contextmanager
def held_stage(name: str) -> Iterator[HeldStage]:
    """Holds up a stage while the block runs.

    Args:
        name: As in ``BuiltInPlanEvaluator.visit_NAME_stage``.
    """
    method = f"visit_{name}_stage"
    real = getattr(BuiltInPlanEvaluator, method)
    held = HeldStage()

    def visit(*arguments: Any) -> None:
        held.stand()
        real(*arguments)

    with patch.object(BuiltInPlanEvaluator, method, visit):
        try:
            yield held
        finally:
            held.go_on()


def assert_too_late(engine: HostedEngine, ear: Ear, why: str) -> None:
    """Neither way of cancelling is taken any more, and the user is told why."""
    for mode in CancelMode:
        engine.cancel(mode)
        refused = ear.until(ev.CancelReported)
        assert (refused.mode, refused.meta.status) == (mode, StageStatus.FAIL)
        assert refused.meta.done
        assert refused.message.startswith("Too late to cancel: ")
        assert why in refused.message
