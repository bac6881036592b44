"""What is under test: the plan that plan_tui builds, in this process or by its command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.backend import Backend
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.plan_run import PlanRun
from tests.engine.reviewing import backend_on

from .oracle import Document
from .scenario import Ask, Scenario

RENAMED = {
    "restate_models": "restate-model",
    "select_models": "select-model",
    "backfill_models": "backfill-model",
    "allow_destructive_models": "allow-destructive-model",
    "allow_additive_models": "allow-additive-model",
}
"""Options of which the command line takes one value at a time, under a name of their own."""

COMMAND_TIMEOUT = 100


class Refused(Exception):
    """plan_tui could not build the plan; the message is what it says."""


@contextmanager
def planned(project: Path, scenario: Scenario) -> Iterator[Backend | None]:
    """The backend with the scenario's plan under review; None where there is none."""
    log = EventLog()
    request = _request(scenario.ask)
    with backend_on(project, log) as backend:
        run = PlanRun(log, "run", scenario.ask.environment, request)
        run.begin()
        backend.plan(run)
        yield backend if backend.built is not None else None


def plan_document(project: Path, scenario: Scenario) -> Document:
    """The document of the scenario's plan, built in this process.

    Raises:
        Refused: There is no plan.
    """
    with replanned(project, scenario) as plan:
        return plan()


@contextmanager
def replanned(project: Path, scenario: Scenario) -> Iterator[Callable[[], Document]]:
    """What plans again, by an engine that stays warm, and returns the document."""
    log = EventLog()
    with backend_on(project, log) as backend:

        def plan() -> Document:
            run = PlanRun(log, "run", scenario.ask.environment, _request(scenario.ask))
            run.begin()
            backend.plan(run)
            overview = backend.overview()
            ended = log.state.planning
            if overview is None or ended is None or ended.outcome is not RunOutcome.SUCCEEDED:
                raise Refused(str(ended.problem if ended else "nothing was said"))
            document: Document = json.loads(overview.model_dump_json())
            return document

        yield plan


def _request(ask: Ask) -> PlanRequest:
    return PlanRequest.model_validate(
        {
            "environment": ask.environment,
            "plan_dates": ask.dates,
            "plan_options": ask.options,
            "categories": ask.categories,
        }
    )


def command_document(project: Path, scenario: Scenario) -> Document:
    """The document of the scenario's plan as the command prints it.

    Raises:
        Refused: The command fails.
    """
    done = subprocess.run(
        command_line(project, scenario.ask),
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise Refused(f"exit code {done.returncode}\n{done.stderr}")
    document: Document = json.loads(done.stdout)
    return document


def command_line(project: Path, ask: Ask) -> list[str]:
    """``plan_tui plan --json`` with what is asked, in the flags of ``sqlmesh plan``."""
    return [
        *(sys.executable, "-m", "plan_tui", "-p", str(project), "plan", ask.environment),
        *flags(ask),
        *("--json", "--ephemeral"),
    ]


def flags(ask: Ask) -> Iterator[str]:
    """The flags of what is asked."""
    for name, value in {**ask.dates, **ask.options}.items():
        flag = f"--{RENAMED.get(name, name).replace('_', '-')}"
        match value:
            case True:
                yield flag
            case False | None:
                continue
            case list():
                for entry in value:
                    yield from (flag, entry)
            case _:
                yield from (flag, str(value))
    for model, category in ask.categories.items():
        yield from ("--category", f"{model}={category}")
