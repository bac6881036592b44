"""The ``sqlmesh plan`` command that the set-up shows builds the plan that was asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmesh.cli.main import plan as plan_command
from sqlmesh.core.plan import PlanBuilder

from plan_tui.contract.options import sqlmesh_arguments
from tests.soaking import SOAKING

from .oracle import Document, open_project, plan_builder, plan_document
from .scenario import Outcome, Scenario
from .scenarios import options
from .subject import _request
from .workspace import Workspace

FEW = 12
"""Options and dates after which the rest is left to ``make soak``."""


def _covering() -> Iterator[Scenario]:
    """Scenarios of which each sets an option or a date that none before it has set."""
    seen: set[str] = set()
    for scenario in options.SCENARIOS:
        asked = {*scenario.ask.dates, *scenario.ask.options}
        # SQLMesh has no flag for a configured option that is switched off; the line says so.
        if False in scenario.ask.options.values():
            continue
        if scenario.outcome is Outcome.PLAN and asked - seen and not scenario.ask.categories:
            seen |= asked
            yield scenario
            if len(seen) >= FEW and not SOAKING:
                return


def _built_by_command(directory: Path, scenario: Scenario) -> Document:
    """The plan that SQLMesh's own command line makes of the command that is shown."""
    context, _ = open_project(directory)
    builders: list[PlanBuilder] = []
    takes = inspect.signature(context.plan_builder).parameters

    def plan(environment: str | None, **asked: Any) -> None:
        known = {name: value for name, value in asked.items() if name in takes}
        builders.append(context.plan_builder(environment, **known))

    context.plan = plan  # type: ignore[method-assign,assignment]
    command, *arguments = sqlmesh_arguments(_request(scenario.ask))
    assert command == "plan"
    try:
        plan_command.main(arguments, obj=context, standalone_mode=False)
        (builder,) = builders
        return plan_document(context, builder.build())
    finally:
        context.close()


def _built_by_api(directory: Path, scenario: Scenario) -> Document:
    context, _ = open_project(directory)
    try:
        return plan_document(context, plan_builder(context, scenario.ask).build())
    finally:
        context.close()


@pytest.mark.parametrize("scenario", _covering(), ids=lambda scenario: scenario.name)
def test_the_shown_command_builds_the_same_plan(scenario: Scenario, workspace: Workspace) -> None:
    asked = _built_by_api(workspace.copy(scenario, "api"), scenario)
    shown = _built_by_command(workspace.copy(scenario, "command"), scenario)
    for document in (asked, shown):
        document.pop("plan_id", None)
    assert shown == asked
