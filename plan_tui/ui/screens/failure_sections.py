"""Failures of an apply as sections of a page: what, when, why, what to do, and the SQL; pure."""

from __future__ import annotations

from collections.abc import Sequence

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import interval
from plan_tui.ui.glyphs import FAILED
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page

SECTIONS = ("failure", "sql")
NO_SQL = "There is no SQL under the cursor: go to a failure first."
NO_FAILURE = "There is no failure under the cursor: go to one first."


def add_failures(page: Page, failures: Sequence[Problem], width: int) -> None:
    """Adds a section for each failure, and one for its SQL.

    Args:
        page: Where they are added.
        failures: What failed, what counts most first.
        width: Cells of a line.
    """
    for number, failure in enumerate(failures):
        _failure(page, failure, number, len(failures), width)


def failure_at(failures: Sequence[Problem], line: str) -> Problem | None:
    """The failure that a line belongs to; the only one, and for lines above all the first.

    Args:
        failures: Those of the page.
        line: The line's key.
    """
    section = line.lstrip("#").partition(":")[0]
    name, _, number = section.partition("-")
    if name in SECTIONS and number.isdecimal() and int(number) < len(failures):
        return failures[int(number)]
    return failures[0] if failures and (not section or len(failures) == 1) else None


def sql_heading(failure: Problem) -> str:
    """What the SQL of a failure is: a statement that failed, or a query that tells."""
    if failure.code is ProblemCode.FAILED_AUDIT:
        return "The query that finds these rows, to be run by you"
    return "The statement that failed"


def _failure(page: Page, failure: Problem, number: int, of: int, width: int) -> None:
    page.heading(f"failure-{number}", f"{FAILED} Failure {number + 1:,} of {of:,}")
    _text(page, failure.title, width, "bad")
    if failure.interval is not None:
        page.add(("interval  ", "muted"), (interval(failure.interval), ""))
    if failure.path:
        line = f", line {failure.line:,}" if failure.line else ""
        page.add(("file      ", "muted"), (f"{clean(failure.path)}{line}", ""))
    _text(page, failure.message, width)
    _text(page, failure.hint, width, "muted")
    if failure.sql:
        page.heading(f"sql-{number}", sql_heading(failure), "y copies it")
        _text(page, failure.sql, width)


def _text(page: Page, text: str, width: int, tone: str = "") -> None:
    for line in wrap(clean(text, keep_newlines=True).strip("\n").rstrip(), width - 1):
        page.add((line, tone))
