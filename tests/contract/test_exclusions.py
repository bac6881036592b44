from __future__ import annotations

from typing import Any

import pytest

from plan_tui.contract.exclusions import exclusions
from plan_tui.contract.options import OPTION_BY_FIELD
from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest


def asked(environment: str | None = "dev", **values: Any) -> PlanRequest:
    dates = {name: values.pop(name) for name in list(values) if name in PlanDates.model_fields}
    return PlanRequest(
        environment=environment, plan_dates=PlanDates(**dates), plan_options=PlanOptions(**values)
    )


CLASHES = [
    (asked(skip_tests=True, test_changed_only=True), "test_changed_only", "skip_tests"),
    (asked(skip_backfill=True, empty_backfill=True), "empty_backfill", "skip_backfill"),
    (asked(effective_from="yesterday"), "effective_from", "forward_only"),
    (asked(ignore_cron=True), "ignore_cron", "run"),
    (asked("prod", start="2024-01-01"), "start", "environment"),
    (asked("prod", end="2024-01-01"), "end", "environment"),
]


@pytest.mark.parametrize(("request_", "field", "other"), CLASHES)
def test_a_clash_is_told_with_both_names(request_: PlanRequest, field: str, other: str) -> None:
    (clash,) = exclusions(request_)
    assert (clash.field, clash.other) == (field, other)
    shown = clash.sentence.replace(
        "Changed tests only (--test-changed-only)", "--test-changed-only"
    )
    assert OPTION_BY_FIELD[field].flag in shown
    assert ("prod" if other == "environment" else OPTION_BY_FIELD[other].flag) in shown
    assert clash.sentence.endswith(".")


@pytest.mark.parametrize(
    "request_",
    [
        PlanRequest(),
        asked(skip_tests=True),
        asked(effective_from="yesterday", forward_only=True),
        asked(ignore_cron=True, run=True),
        asked(start="2024-01-01", end="2024-02-01"),
        asked("prod", start="2024-01-01", end="2024-02-01", restate_models=("orders",)),
        asked("prod", execution_time="now"),
    ],
)
def test_what_goes_together_is_no_clash(request_: PlanRequest) -> None:
    assert exclusions(request_) == []


def test_all_clashes_are_told_at_once() -> None:
    request = asked(
        skip_tests=True, test_changed_only=True, skip_backfill=True, empty_backfill=True
    )
    assert {clash.field for clash in exclusions(request)} == {"test_changed_only", "empty_backfill"}
