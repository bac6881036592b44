"""A plan in a file: what was reviewed, so that it can be reviewed again, and applied as such."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from plan_tui.contract.base import Millis, Wire
from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.origins import Labels
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineInfo, PlanFacts

FORMAT: Literal["plan-tui-plan"] = "plan-tui-plan"
VERSION = 1
"""Raised with every change that an older plan_tui would misread."""


class SavedPlan(Wire):
    """The content of a saved plan's file."""

    format: Literal["plan-tui-plan"] = FORMAT
    version: int = VERSION
    written: Millis
    info: EngineInfo
    """The engine that built it: project, gateway, versions."""
    request: PlanRequest
    """What was asked for, with the categories that were chosen since."""
    plan: PlanOverviewStageTracker
    """The document, with its diffs."""
    facts: PlanFacts
    labels: Labels
    """With the fingerprints by which ``apply`` knows the same plan again."""
    details: dict[str, ModelDetail] = Field(default_factory=dict)
    """By snapshot name."""
    looks: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    """Answers of look-ups, by path and the name of a model or step; no name for the plan's."""
    left_out: dict[str, str] = Field(default_factory=dict)
    """By the path of a look-up: what of it was not saved, and why."""
