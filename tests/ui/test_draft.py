"""Which options go together, and what is remembered of them."""

from __future__ import annotations

import pytest

from plan_tui.contract.options import OPTION_BY_FIELD, OPTIONS
from plan_tui.contract.plan import PlanOptions
from plan_tui.ui import draft as d
from plan_tui.ui.draft import Draft

OPTION = OPTION_BY_FIELD


def test_an_unset_draft_asks_for_nothing_but_the_environment() -> None:
    request = Draft("dev").request
    assert request.environment == "dev"
    assert request.options == PlanOptions()


@pytest.mark.parametrize(
    ("environment", "values", "field", "words"),
    [
        ("prod", {}, "start", "--restate-model"),
        ("prod", {}, "end", "--restate-model"),
        ("dev", {}, "effective_from", "--forward-only"),
        ("dev", {}, "ignore_cron", "--run"),
        ("dev", {"skip_tests": True}, "test_changed_only", "--skip-tests"),
        ("dev", {"test_changed_only": True}, "skip_tests", "--test-changed-only"),
        ("dev", {"skip_backfill": True}, "empty_backfill", "--skip-backfill"),
        ("dev", {"empty_backfill": True}, "skip_backfill", "--empty-backfill"),
    ],
)
def test_a_clash_is_refused_in_words(
    environment: str, values: dict[str, d.Value], field: str, words: str
) -> None:
    reason = d.why_blocked(Draft(environment, values), OPTION[field])
    assert reason is not None
    assert words in reason


def test_nothing_else_is_refused() -> None:
    free = [option for option in OPTIONS if d.why_blocked(Draft("dev"), option) is None]
    assert {option.field for option in OPTIONS} - {option.field for option in free} == {
        "effective_from",
        "ignore_cron",
    }


def test_what_loses_its_meaning_goes_and_is_named() -> None:
    draft = Draft("dev", {"forward_only": True, "effective_from": "2026-11-01"})
    changed, gone = d.change(draft, OPTION["forward_only"], None)
    assert changed == Draft("dev")
    assert gone is not None
    assert gone.startswith("Effective from is cleared")


def test_a_configured_flag_can_be_switched_off() -> None:
    configured = PlanOptions(forward_only=True)
    flag = OPTION["forward_only"]
    assert d.toggled(Draft("dev"), flag, configured) is False
    off = Draft("dev", {"forward_only": False})
    assert d.toggled(off, flag, configured) is None
    assert d.unspeakable(off) == [flag]


def test_a_plain_flag_has_two_values() -> None:
    flag = OPTION["no_gaps"]
    assert d.toggled(Draft("dev"), flag, None) is True
    assert d.toggled(Draft("dev", {"no_gaps": True}), flag, None) is None


def test_a_draft_survives_storing() -> None:
    draft = Draft(
        "dev",
        {"start": "1 week ago", "select_models": ("tag:x", "+m"), "run": True, "min_intervals": 0},
    )
    assert d.restored("dev", d.stored(draft)) == draft
    assert d.draft_of(draft.request, "dev") == draft


def test_stored_nonsense_is_left_out() -> None:
    values = {"start": {"a": 1}, "gone": 1, "min_intervals": -1, "run": True, "ignore_cron": None}
    assert d.restored("dev", values) == Draft("dev", {"run": True})


def test_stored_values_that_clash_by_now_are_left_out() -> None:
    assert d.restored("prod", {"start": "1 week ago"}) == Draft("prod")
