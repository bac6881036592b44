"""Hints of the engine name command line options; in the app they name the form's fields first."""

from __future__ import annotations

import pytest

from plan_tui.ui.form_words import in_the_app, in_the_form


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Plan without --skip-tests.", "Plan without Skip tests (f1, the set-up; --skip-tests)."),
        (
            "Plan with --no-gaps, an earlier --start, or --run.",
            "Plan with No gaps (f1, the set-up; --no-gaps), an earlier Start (--start), or Run "
            "(--run).",
        ),
        (
            "Allow it for this plan with --allow-destructive-model shop.orders, or undo it.",
            "Allow it for this plan with A among the dangers "
            "(!; --allow-destructive-model shop.orders), or undo it.",
        ),
        (
            "Plan prod with --allow-additive-model shop.orders when its time comes.",
            "Plan prod with Allow additive (f1, the set-up; --allow-additive-model shop.orders) "
            "when its time comes.",
        ),
        (
            "Choose one with --category MODEL=BREAKING or MODEL=NON_BREAKING.",
            "Choose one with b or n in the review "
            "(--category MODEL=BREAKING or MODEL=NON_BREAKING).",
        ),
        ("Preview (--enable-preview) is on.", "Preview (--enable-preview) is on."),
        ("Start plan-tui with another --gateway.", "Start plan-tui with another --gateway."),
        ("Nothing of that kind.", "Nothing of that kind."),
    ],
)
def test_the_field_and_its_key_come_first(said: str, shown: str) -> None:
    assert in_the_app(said) == shown


def test_in_the_form_no_key_is_named() -> None:
    assert in_the_form("--ignore-cron only has a meaning with --run: set run too.") == (
        "Ignore cron (--ignore-cron) only has a meaning with Run (--run): set run too."
    )
