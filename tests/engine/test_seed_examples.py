"""The seed's three usage examples against a real engine; only the address differs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import RunOutcome, StageName

from .hosting import EngineProcess, engine_process, short_directory
from .projects import DAY, JAN_1, Project

MODEL = """\
MODEL (
  name my_schema.my_model,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 10),
  start '2023-12-01'
);
SELECT d::DATE AS ds, 1::INT AS id
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d)
"""
ADDRESS = "http://localhost:8000"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    root: Path = tmp_path_factory.mktemp("seed") / "project"
    project = Project.make(root, {"models/my_model.sql": MODEL})
    project.deploy(skip_backfill=True)
    project.edit("models/my_model.sql", "1::INT AS id", "2::INT AS id")
    with short_directory() as directory, engine_process(project, directory) as engine:
        yield engine


def test_plan_with_dates_and_options(engine: EngineProcess) -> None:
    with engine.listen(after=0) as ear:
        response = engine.http.post(
            f"{ADDRESS}/api/plan",
            json={
                "environment": "dev",
                "plan_dates": {"start": "2024-01-01", "end": "2024-01-31"},
                "plan_options": {
                    "skip_tests": False,
                    "skip_backfill": False,
                    "include_unmodified": False,
                    "no_gaps": True,
                    "forward_only": False,
                },
            },
        )
        assert response.status_code == 204
        assert response.content == b""
        ended = ear.until(ev.PlanningEnded)
    assert ended.outcome is RunOutcome.SUCCEEDED, ended.problem
    built = next(event for event in ear.heard if isinstance(event, ev.PlanBuilt)).plan
    assert (built.environment, built.start, built.end) == ("dev", JAN_1, JAN_1 + 31 * DAY)
    assert built.plan_options.no_gaps
    assert built.plan_options.include_unmodified is False
    (backfill,) = built.backfills.models
    assert backfill.view_name == "my_schema__dev.my_model"
    assert (backfill.interval_count, backfill.batches) == (31, 4)
    topics = {message.topic for message in ear.raw}
    assert topics <= {"plan-overview", "plan-apply", "plan-cancel", "tests", "warnings", "log"}
    assert "plan-overview" in topics


def test_each_stage_of_planning_is_told_with_its_times(engine: EngineProcess) -> None:
    planning = engine.state.planning
    assert planning is not None
    assert [stage.name for stage in planning.stages] == [
        StageName.IMPORTING,
        StageName.LOADING,
        StageName.VALIDATION,
        StageName.CHANGES,
        StageName.BACKFILLS,
    ]
    before = planning.started
    for stage in planning.stages:
        assert stage.meta is not None
        assert stage.meta.status is StageStatus.SUCCESS
        assert stage.meta.end is not None
        assert before <= stage.meta.start <= stage.meta.end
        before = stage.meta.start


def test_plan_with_categories(engine: EngineProcess) -> None:
    with engine.listen() as ear:
        response = engine.http.post(
            f"{ADDRESS}/api/plan",
            json={
                "environment": "dev",
                "categories": {"my_schema.my_model": "NON_BREAKING"},
            },
        )
        assert response.status_code == 204
        built = ear.until(ev.PlanBuilt).plan
    (change,) = built.changes.modified.direct
    assert change.change_category == "NON_BREAKING"
    breaking = {"environment": "dev", "categories": {"my_schema.my_model": "BREAKING"}}
    with engine.listen() as ear:
        assert engine.http.post(f"{ADDRESS}/api/plan", json=breaking).status_code == 204
        built = ear.until(ev.PlanBuilt).plan
    (change,) = built.changes.modified.direct
    assert change.change_category == "BREAKING"


def test_cancel_without_a_run_ends_in_fail(engine: EngineProcess) -> None:
    with engine.listen() as ear:
        response = engine.http.post(f"{ADDRESS}/api/plan/cancel")
        assert response.status_code == 204
        reported = ear.until(ev.CancelReported)
    assert reported.meta.status is StageStatus.FAIL
    assert reported.meta.done
    assert reported.reason == "user"
    assert "othing runs" in reported.message
    assert ear.raw[-1].topic == "plan-cancel"


def test_nothing_is_printed(engine: EngineProcess) -> None:
    assert engine.stdout.read_bytes() == b""
