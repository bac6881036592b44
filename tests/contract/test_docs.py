"""The shapes in the documentation are those of the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from plan_tui.contract import changes, stages
from plan_tui.contract.dangers import Danger
from plan_tui.contract.errors import Problem
from plan_tui.contract.events import Event
from plan_tui.contract.result import ApplyResult, BatchCounts, ModelCounts

JSON = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
EVENT_TYPES: tuple[Any, ...] = get_args(get_args(Event)[0])


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda each: each.__name__)
def test_every_kind_of_event_is_documented(event_type: Any) -> None:
    assert f"`{event_type.model_fields['kind'].default}`" in JSON


@pytest.mark.parametrize(
    "shape",
    [
        stages.PlanOverviewStageTracker,
        stages.Meta,
        stages.ModelTests,
        stages.ModelTestFailure,
        stages.LintViolation,
        stages.ChangesStage,
        changes.DirectChange,
        changes.IndirectChange,
        changes.MetadataChange,
        changes.ModelBackfill,
        Danger,
        Problem,
        ApplyResult,
        ModelCounts,
        BatchCounts,
    ],
)
def test_every_field_of_a_plan_is_documented(shape: type[BaseModel]) -> None:
    missing = [name for name in shape.model_fields if f'"{name}"' not in JSON]
    assert missing == []
