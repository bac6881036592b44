"""The unit tests of a model, and what was done to them; pure."""

from __future__ import annotations

from plan_tui.contract.impact import UnitTest, UnitTests
from plan_tui.contract.text import clean
from plan_tui.contract.unit_test_words import history_words
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import DONE, SKIPPED
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page
from plan_tui.ui.widgets.semantic_section import list_changes

MOST_ROWS = 8
"""Rows of a table that are shown."""
_OUTCOMES = {
    "passed": (DONE, "good", "passed"),
    "not_run": (SKIPPED, "muted", "not run"),
    "skipped": (SKIPPED, "muted", "skipped, or passed: some of the project's were skipped"),
}


def unit_tests_section(page: Page, tests: UnitTests | None, width: int) -> None:
    """Adds what was done to the tests, then each test with its rows.

    Args:
        page: The page, which gains a section ``tests`` where there is something to say.
        tests: The tests of the model; None where it has none, or nothing is known yet.
        width: Cells of a line.
    """
    if tests is None:
        return
    page.heading("tests", f"Unit tests {len(tests.tests):,}", _note(tests))
    list_changes(page, tests.changes, width)
    _wrapped(page, history_words(tests), width, "", "warn" if tests.problem else "muted")
    for test in tests.tests:
        _test(page, test, width)


def _note(tests: UnitTests) -> str:
    return f"{count(len(tests.changes), 'change')}" if tests.changes else ""


def _test(page: Page, test: UnitTest, width: int) -> None:
    sign, tone, words = _OUTCOMES.get(test.outcome, (SKIPPED, "muted", test.outcome))
    name = clean(test.name)
    for number, line in enumerate(wrap(name, width - 3)):
        page.add((f"{sign} " if not number else "  ", tone), (line, ""))
    _wrapped(page, f"{words}, {clean(test.path)}", width, "  ")
    for table in test.tables:
        _wrapped(page, f"{clean(table.name)}:", width, "  ")
        for row in table.rows[:MOST_ROWS]:
            _wrapped(page, clean(row), width, "    ", "")
        rest = len(table.rows) - MOST_ROWS
        if rest > 0:
            _wrapped(page, f"and {count(rest, 'more row')}", width, "    ")
        if not table.rows:
            _wrapped(page, "no row", width, "    ")


def _wrapped(page: Page, words: str, width: int, lead: str, tone: str = "muted") -> None:
    for line in wrap(words, width - len(lead) - 1):
        page.add((lead, ""), (line, tone))
