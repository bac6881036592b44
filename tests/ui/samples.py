"""Facts about a made-up shop, for tests of the screens."""

from __future__ import annotations

from plan_tui.contract.errors import Problem
from plan_tui.contract.lookup import (
    DateReading,
    EnvironmentInfo,
    Environments,
    ProjectInfo,
    ProjectModel,
    SelectionReading,
)
from plan_tui.contract.plan import PlanOptions
from plan_tui.contract.state import EngineInfo, EngineState, ProjectState

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_795_615_320_000
"""2026-11-25 14:02 UTC."""
TODAY = NOW // DAY * DAY


def info(
    project_state: ProjectState = ProjectState.READY,
    problem: Problem | None = None,
    models: int | None = 34,
) -> EngineInfo:
    return EngineInfo(
        protocol=1,
        version="0.1.0",
        sqlmesh_version="0.236.4",
        pid=4711,
        started=NOW - 2_000,
        paths=("/home/ada/shop",),
        project="shop",
        gateway="local",
        engine_type="duckdb",
        models=models if project_state is ProjectState.READY else None,
        project_state=project_state,
        problem=problem,
        log_path="/tmp/plan-tui-1000/0123456789abcdef.log",
        interruptible=True,
        interrupt_verified=True,
    )


def idle() -> EngineState:
    return EngineState(seq=1, since=NOW - HOUR, info=info())


def environment(name: str, **given: object) -> EnvironmentInfo:
    values: dict[str, object] = {
        "plan_id": "1234567890",
        "start": TODAY - 365 * DAY,
        "end": TODAY - DAY,
        "planned": NOW - 2 * HOUR,
        "expires": None,
        "finalized": True,
        "models": 34,
        "data_end": TODAY,
    }
    return EnvironmentInfo.model_validate({"name": name, **values, **given})


def environments() -> Environments:
    return Environments(
        environments=(
            environment("prod"),
            environment(
                "dev",
                planned=NOW - 3 * DAY,
                data_end=TODAY - 3 * DAY,
                expires=NOW + 4 * DAY,
            ),
            environment(
                "alice",
                models=31,
                finalized=False,
                planned=None,
                data_end=TODAY - 9 * DAY,
                expires=NOW + 6 * DAY,
            ),
        ),
        default_target="prod",
        pinned=("prod",),
    )


MODELS = (
    ("orders", "INCREMENTAL_BY_TIME_RANGE", ("core",)),
    ("order_items", "INCREMENTAL_BY_TIME_RANGE", ("core",)),
    ("customers", "SCD_TYPE_2_BY_TIME", ("core",)),
    ("payments", "INCREMENTAL_BY_UNIQUE_KEY", ("finance",)),
    ("daily_revenue", "FULL", ("finance",)),
    ("finance_summary", "VIEW", ("finance",)),
    ("stores", "SEED", ()),
)


def project() -> ProjectInfo:
    return ProjectInfo(
        models=tuple(
            ProjectModel(
                name=f'"db"."shop"."{name}"', view_name=f"shop.{name}", kind=kind, tags=tags
            )
            for name, kind, tags in MODELS
        ),
        tags=("core", "finance"),
        defaults=PlanOptions(include_unmodified=True, forward_only=False, enable_preview=True),
    )


def dates() -> dict[str, DateReading]:
    return {
        "1 week ago": DateReading(text="1 week ago", at=TODAY - 7 * DAY),
        "yesterday": DateReading(text="yesterday", at=TODAY - DAY),
        "2026-11-01": DateReading(text="2026-11-01", at=1_793_491_200_000, whole_day=True),
    }


def selections() -> dict[tuple[str, ...], SelectionReading]:
    return {
        ("tag:finance",): SelectionReading(
            names=("shop.payments", "shop.daily_revenue", "shop.finance_summary")
        ),
        ("+shop.orders",): SelectionReading(names=("shop.orders", "shop.stores")),
    }
