"""Runs as an engine tells them, for a journal without an engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plan_tui.contract import events as ev
from plan_tui.contract.history import RunKind
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import Meta
from plan_tui.contract.state import (
    ApplyProgress,
    BatchRecord,
    ModelProgress,
    RunOutcome,
    RunSummary,
    StageName,
    StageProgress,
)
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.journal import Journal
from plan_tui.engine.secrets import Secrets
from plan_tui.journal.pruning import Bounds
from plan_tui.journal.reading import read_history

KEY = ProjectKey(("/projects/shop",))
ORDERS = '"db"."shop"."orders"'
DAY = 86_400_000


class Telling:
    """An event log whose events a journal hears."""

    def __init__(self, path: Path, bounds: Bounds | None = None, key: ProjectKey = KEY) -> None:
        self.log = EventLog()
        self.said: list[str] = []
        self.key = key
        self.journal = Journal(key, path, Secrets(), self.said.append, bounds)
        self.log.listen(self.journal.hear)

    def begins(self, run_id: str, environment: str = "dev", batches: int = 3) -> None:
        """An apply starts."""
        stage = StageProgress(name=StageName.BACKFILL, meta=Meta(start=self.log.state.since))
        model = ModelProgress(name=ORDERS, view_name="shop.orders", kind="FULL", total=batches)
        apply = ApplyProgress(
            run_id=run_id,
            plan_id=f"plan-{run_id}",
            environment=environment,
            started=self.log.state.since + int(run_id),
            stages=(stage,),
            models={ORDERS: model},
        )
        self.log.emit(
            ev.PlanningStarted(
                run_id=f"p{run_id}", environment=environment, request=PlanRequest(), stages=()
            ),
            ev.PlanningEnded(run_id=f"p{run_id}", outcome=RunOutcome.SUCCEEDED),
            ev.ApplyStarted(apply=apply),
        )

    def batch(self, index: int, millis: int | None = 1_000) -> None:
        """A batch ends."""
        record = BatchRecord(
            name=ORDERS,
            view_name="shop.orders",
            index=index,
            interval=(index * DAY, (index + 1) * DAY),
            duration=millis,
        )
        self.log.emit(ev.ApplyProgressed(batches=(record,)))

    def ends(self, run_id: str, outcome: RunOutcome = RunOutcome.SUCCEEDED) -> None:
        """The apply ends."""
        self.log.emit(
            ev.ApplyEnded(
                run_id=run_id,
                plan_id=f"plan-{run_id}",
                environment="dev",
                outcome=outcome,
                summary=RunSummary(batches_done=3, batches_total=3),
            )
        )

    def run(self, run_id: str, lines: int = 0) -> None:
        """A whole apply of three batches."""
        self.begins(run_id)
        for index in range(3):
            self.batch(index)
        for number in range(lines):
            self.log.emit(ev.Logged(text=f"line {number} " + "x" * 2_000))
        self.ends(run_id)


@contextmanager
def telling(path: Path, bounds: Bounds | None = None, key: ProjectKey = KEY) -> Iterator[Telling]:
    """A journal that is closed in the end."""
    made = Telling(path, bounds, key)
    try:
        yield made
    finally:
        made.journal.close()
        assert not any(
            thread.name == "journal" and thread is made.journal._thread
            for thread in threading.enumerate()
        )


def recorded(path: Path, key: ProjectKey = KEY) -> list[str]:
    """The applies in a journal, the newest first."""
    return [run.run_id for run in read_history(path, key.digest, (RunKind.APPLY,), 10_000).runs]
