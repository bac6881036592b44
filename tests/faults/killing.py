"""Engines that die in an apply, and the next ones that do the rest."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import EngineState, RunOutcome
from tests.engine.hosting import files_in, short_directory
from tests.engine.projects import Project
from tests.engine.talking import Engine

from .nursery import Death, Nursery
from .shop import Shop

PATIENCE = 60.0

PLAN = "sqlmesh.core.plan.evaluator:BuiltInPlanEvaluator.visit_{}_stage"
EVALUATE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator.evaluate"
CREATE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator.create_snapshot"
PROMOTE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator._promote_snapshot"
DELETE = "sqlmesh.core.engine_adapter.base:EngineAdapter.delete_from"
EXECUTE = "sqlmesh.core.engine_adapter.base:EngineAdapter._execute"
RECORD = "sqlmesh.core.state_sync.cache:CachingStateSync.add_interval"


def key_of(project: Project) -> ProjectKey:
    """What identifies the project's engine."""
    return ProjectKey.of((str(project.root),))


class DyingEngine(Engine):
    """A real engine that may die, and the client of its socket."""

    def __init__(
        self, nursery: Nursery, project: Project, directory: Path, death: Death | None = None
    ) -> None:
        self.files = files_in(directory)
        super().__init__(self.files.socket)
        self.files.socket.unlink(missing_ok=True)
        arguments = [
            *("--socket", str(self.files.socket), "--lock", str(self.files.lock)),
            *("--log", str(self.files.log), "--path", str(project.root), "--grace", "60"),
        ]
        self.pid = nursery.fork(arguments, self.files.log, death)
        self._await(self._answers, "it never answered")

    def _client(self) -> httpx.Client:
        # A connection that is kept may be closed by the engine just as it is used again.
        return httpx.Client(
            transport=httpx.HTTPTransport(
                uds=str(self.socket), limits=httpx.Limits(max_keepalive_connections=0)
            ),
            base_url="http://engine",
            timeout=PATIENCE,
        )

    def kill(self) -> None:
        """Kills it as from outside, and waits until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.gone()

    def gone(self) -> None:
        """Waits until it is dead."""
        self._await(self._is_dead, "it lives on")
        self.close()

    def _is_dead(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        # A zombie whose other threads still end has its files open: wait until it is gone.
        return False

    def _answers(self) -> bool:
        # Not by httpx, which leaves a socket open when nobody listens.
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.files.socket)) == 0

    def _await(self, true: Any, why: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, f"{why}\n{self.files.log.read_text()}"
            time.sleep(0.005)

    def ready(self) -> EngineState:
        """The state once the project is loaded and what came before is reconciled."""
        answer = self.get("/api/project")
        assert answer.status_code == 200, answer.text
        return self.state


def kill_in_apply(
    births: Nursery, project: Project, runtime: Path, death: Death, **options: Any
) -> None:
    """Plans for prod and applies until it dies."""
    engine = DyingEngine(births, project, runtime, death)
    assert engine.plan("prod", **options).outcome is RunOutcome.SUCCEEDED
    engine.start_apply()
    engine.gone()


def apply_rest(engine: DyingEngine, run: InterruptedRun) -> int:
    """Does the rest, as the key and the command do; returns how many batches it ran."""
    dates = run.request.plan_dates
    planned = engine.plan(
        run.request.environment,
        dates=None if dates is None else dates.model_dump(),
        categories=run.request.model_dump(mode="json")["categories"],
        **run.request.options.model_dump(mode="json", exclude_defaults=True),
    )
    facts = planned.state.facts
    assert facts is not None
    assert facts.refusal is None, facts.refusal
    if not run.restating:
        assert facts.batches == run.batches_total - run.batches_done
    applied = engine.apply()
    assert applied.outcome is RunOutcome.SUCCEEDED, applied.problem
    assert applied.apply.summary is not None
    return applied.apply.summary.batches_done


@dataclass
class Resumed:
    """What came of a death."""

    run: InterruptedRun | None
    """What the next engine knew; None where there was nothing to know."""
    repeated: set[tuple[str, str]]
    """Batches that ran although the state had them."""
    outage: float
    """Seconds from the start of the next engine until it knew all."""
    rest: int = 0
    """Batches that the resumed apply ran."""


def resume(births: Nursery, shop: Shop, runtime: Path) -> Resumed:
    """Has the next engine do the rest, as the key and the command do."""
    recorded, before = shop.recorded(), shop.traces()
    began = time.monotonic()
    engine = DyingEngine(births, shop.project, runtime)
    try:
        runs = engine.ready().interrupted
        outage = time.monotonic() - began
        if not runs:
            return Resumed(None, set(), outage)
        (run,) = runs
        rest = 0
        if run.is_resumable:
            rest = apply_rest(engine, run)
            assert engine.state.interrupted == ()
        ran = set(shop.traces() - before)
        return Resumed(run, ran & recorded, outage, rest)
    finally:
        engine.kill()


def duration_of(births: Nursery, shop: Shop) -> float:
    """Seconds that an apply takes here when nothing kills it."""
    with short_directory() as runtime:
        engine = DyingEngine(births, shop.project, runtime)
        engine.plan("prod")
        began = time.monotonic()
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        found = time.monotonic() - began
        engine.kill()
    return found


def kill_at_random(
    births: Nursery, shop: Shop, runtime: Path, duration: float, seed: int
) -> Resumed:
    """Kills an engine somewhere between the answer that its apply was taken and the end of it."""
    engine = DyingEngine(births, shop.project, runtime)
    engine.plan("prod")
    moment = random.Random(seed).uniform(0.0, duration)
    began = time.monotonic()
    engine.start_apply()
    while time.monotonic() - began < moment:
        time.sleep(0.001)
    engine.kill()
    found = resume(births, shop, runtime)
    _tell(seed, moment, found)
    return found


def _tell(seed: int, moment: float, found: Resumed) -> None:
    """A line for docs/reliability.md; pytest shows it with ``-rP``."""
    run = found.run
    told = {
        "seed": seed,
        "moment": round(moment, 3),
        "stage": run.stage if run is not None else "ended",
        "done": run.batches_done if run is not None else None,
        "finalized": run.finalized if run is not None else None,
        "rest": found.rest,
        "repeated": len(found.repeated),
        "outage": round(found.outage, 2),
    }
    sys.stdout.write(f"trial {json.dumps(told)}\n")
