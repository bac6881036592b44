"""Steps of a plan for prod with a forward-only model, and ports that know them."""

from __future__ import annotations

from plan_tui.contract.state import StageName
from plan_tui.contract.steps import PlannedStep, PlannedSteps, Statement, StepSql

from . import review_samples as made
from .fake_port import FakePort

JAN_1 = 1_704_067_200_000
DAY = 86_400_000


def fqn(name: str) -> str:
    return f'"warehouse"."shop"."{name}"'


def step(
    stage: StageName, text: str, name: str = "", *, kind: str = "x", has_sql: bool = True
) -> PlannedStep:
    return PlannedStep(
        id=f"{stage}|{kind}|{name}|",
        stage=stage,
        model=fqn(name) if name else None,
        view_name=f"shop.{name}" if name else "",
        text=text,
        deferred=stage is StageName.DEFERRED_BACKFILL,
        has_sql=has_sql,
    )


def steps() -> PlannedSteps:
    s = StageName
    table = "warehouse.sqlmesh__shop.shop__{}__1234567890"
    return PlannedSteps(
        plan_id="p",
        steps=(
            step(s.BEFORE_ALL, "Run 1 statement before everything else"),
            step(s.CREATION, "Record 3 new versions in SQLMesh's state", has_sql=False),
            step(s.CREATION, f"Create table {table.format('orders')}", "orders"),
            *(
                step(
                    s.BACKFILL,
                    f"Fill 2024-01-0{day} - 2024-01-0{day}, batch {day} of 3: "
                    f"{table.format('orders')}",
                    "orders",
                    kind=f"batch{day}",
                )
                for day in (1, 2, 3)
            ),
            step(s.BACKFILL, "Audit it: not_null", "orders", kind="audit"),
            step(s.PROMOTE, "Record that prod holds 12 models", has_sql=False),
            step(s.MIGRATE, f"Bring the columns of {table.format('daily')} up to date", "daily"),
            step(s.DEFERRED_BACKFILL, f"Fill {table.format('daily')}", "daily"),
            step(s.PROMOTE, f"View shop.orders shows {table.format('orders')}", "orders"),
            step(s.FINALIZE, "Mark prod as complete", has_sql=False),
        ),
    )


def sql() -> StepSql:
    return StepSql(
        plan_id="p",
        step="x",
        dialect="duckdb",
        statements=(
            Statement(sql='DELETE FROM "orders"\nWHERE\n  "ds" BETWEEN \'2024-01-02\' AND NULL'),
            Statement(sql='INSERT INTO "orders"\nSELECT\n  1 AS "id"'),
        ),
        notes=("The model is Python.",),
    )


def port_with(found: PlannedSteps) -> FakePort:
    port = made.port_on(made.reviewing(plan=made.plan(environment="prod")))
    port.looks[("steps", "")] = found
    port.looks[("step-sql", "")] = sql()
    return port
