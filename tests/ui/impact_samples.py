"""What an engine answers of the sample plan's changes, as the pictures of the review show it."""

from __future__ import annotations

from plan_tui.contract.base import Wire
from plan_tui.contract.dangers import Danger, Dangers, Severity
from plan_tui.contract.impact import (
    CategoryReason,
    ChoiceCost,
    Cost,
    CostDifference,
    ModelImpact,
    PlanEstimate,
    ReachCount,
    ReachCounts,
    Reached,
    SemanticChange,
)
from plan_tui.contract.plan import Category

from . import review_samples as made

PLAN_ID = made.plan().plan_id


def change(kind: str, **given: str) -> SemanticChange:
    return SemanticChange.model_validate({"kind": kind, **given})


def reached(model: str, reads: bool | None, *path: str) -> Reached:
    return Reached(name=made.name_of(model), view_name=f"shop__dev.{model}", reads=reads, path=path)


def orders() -> ModelImpact:
    """A column came, another is computed differently, and the filter changed."""
    return ModelImpact(
        plan_id=PLAN_ID,
        name=made.name_of("orders"),
        view_name="shop__dev.orders",
        why_changed="Data: its query changed. Also metadata: its description.",
        semantic_diff=(
            change("column_added", column="discount", after="COALESCE(o.discount, 0)"),
            change("column_changed", column="amount", before="o.amount",
                   after="COALESCE(o.amount, 0)"),
            change("filter_changed", before="status = 'done'", after="status IN ('done', 'paid')"),
        ),
        reach=(
            reached(
                *("daily_revenue", True),
                *("shop__dev.orders.amount", "shop__dev.daily_revenue.net"),
            ),
            reached("payments", None, "shop__dev.orders", "shop__dev.payments"),
            reached("finance_summary", False),
        ),
        category=CategoryReason(
            found="BREAKING",
            reason="SQLMesh takes it as breaking: a filter changed.",
            suggestion=Category.BREAKING,
            choices={
                Category.BREAKING: "It gets a new table, and 3 models below with it.",
                Category.NON_BREAKING: "It gets a new table; what reads it keeps its data.",
            },
        ),
        what_if={
            Category.BREAKING: ChoiceCost(
                models=5, intervals=1_465, batches=29, seconds=720,
                own=Cost(models=4, intervals=1_464, batches=28, seconds=700),
            ),
            Category.NON_BREAKING: ChoiceCost(
                models=2, intervals=367, batches=14, seconds=60,
                own=Cost(models=1, intervals=366, batches=13, seconds=40),
                difference=CostDifference(models=-3, intervals=-1_098, batches=-15, seconds=-660),
            ),
        },
    )  # fmt: skip


def reach_counts() -> ReachCounts:
    counts = {"orders": (3, 2), "customers": (3, 0), "payments": (1, 1), "inventory": (0, 0)}
    return ReachCounts(
        plan_id=PLAN_ID,
        counts={
            made.name_of(model): ReachCount(reached=below, reading=reading)
            for model, (below, reading) in counts.items()
        },
    )


def estimate() -> PlanEstimate:
    return PlanEstimate(
        plan_id=PLAN_ID, seconds=720, concurrency=4, known=5, unknown=0,
        critical_path=("shop__dev.orders", "shop__dev.daily_revenue"), critical_seconds=610,
    )  # fmt: skip


def dangers() -> Dangers:
    return Dangers(
        plan_id=PLAN_ID,
        dangers=(
            Danger(
                rule="gap",
                model=made.name_of("customers"),
                view_name="shop__dev.customers",
                severity=Severity.WARNS,
                message="It starts on 2026-11-23, and in prod on 2025-11-24: a gap is left.",
                hint="Plan with an earlier --start, or with --no-gaps.",
            ),
        ),
    )


def looks() -> dict[tuple[str, str], Wire]:
    """The answers by path and model."""
    return {
        ("impact", made.name_of("orders")): orders(),
        ("reach-counts", ""): reach_counts(),
        ("estimate", ""): estimate(),
        ("dangers", ""): dangers(),
    }
