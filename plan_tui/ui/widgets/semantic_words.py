"""What to call each kind of change, and the sign that goes with it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SeedFile, SemanticChange
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ADDED, OPEN, REMOVED, WARNING

CHANGED = "~"
SAME = "="
_OF_ROWS = (Kind.ROWS_ADDED, Kind.ROWS_REMOVED, Kind.ROWS_CHANGED)
_COMPARES = "D reads its rows of before from the warehouse, and compares them."
_NOT_COMPARED = "Its rows of before were not compared when the plan was saved."
TONES = {ADDED: "added", REMOVED: "removed", CHANGED: "warn", WARNING: "warn", OPEN: "warn"}

_LABELS: dict[str, str] = {
    Kind.COLUMN_ADDED: "column {column}",
    Kind.COLUMN_REMOVED: "column {column}",
    Kind.COLUMN_CHANGED: "column {column}",
    Kind.COLUMN_RENAMED: "column renamed",
    Kind.TYPE_CHANGED: "type of {column}",
    Kind.COLUMNS_REORDERED: "order of columns",
    Kind.FILTER_ADDED: "filter",
    Kind.FILTER_REMOVED: "filter",
    Kind.FILTER_CHANGED: "filter",
    Kind.HAVING_CHANGED: "having",
    Kind.QUALIFY_CHANGED: "qualify",
    Kind.JOIN_ADDED: "join {subject}",
    Kind.JOIN_REMOVED: "join {subject}",
    Kind.JOIN_CHANGED: "join {subject}",
    Kind.JOINS_REORDERED: "order of joins",
    Kind.SOURCE_CHANGED: "source",
    Kind.GROUPING_CHANGED: "grouping",
    Kind.ORDERING_CHANGED: "ordering",
    Kind.LIMIT_CHANGED: "limit",
    Kind.DISTINCT_CHANGED: "distinct",
    Kind.CTE_ADDED: "CTE {subject}",
    Kind.CTE_REMOVED: "CTE {subject}",
    Kind.CTE_CHANGED: "CTE {subject}",
    Kind.CTE_RENAMED: "CTE renamed",
    Kind.CTES_REORDERED: "order of CTEs",
    Kind.UNION_CHANGED: "union",
    Kind.BRANCH_ADDED: "branch of the union",
    Kind.BRANCH_REMOVED: "branch of the union",
    Kind.CLAUSE_CHANGED: "clause {subject}",
    Kind.QUERY_CHANGED: "query",
    Kind.FORMATTING_ONLY: "formatting only {subject}",
    Kind.COMMENTS_ONLY: "comments only {subject}",
    Kind.STATEMENT_ADDED: "{subject}",
    Kind.STATEMENT_REMOVED: "{subject}",
    Kind.STATEMENT_CHANGED: "{subject}",
    Kind.PROPERTY_CHANGED: "{subject}",
    Kind.DESCRIPTION_CHANGED: "description of {column}",
    Kind.AUDIT_ADDED: "audit {subject}",
    Kind.AUDIT_REMOVED: "audit {subject}",
    Kind.AUDIT_CHANGED: "audit {subject}",
    Kind.MACRO_CHANGED: "macro {subject}",
    Kind.SIGNAL_CHANGED: "signal {subject}",
    Kind.VARIABLE_CHANGED: "variable {subject}",
    Kind.IMPORT_CHANGED: "import {subject}",
    Kind.FUNCTION_ADDED: "function {subject}",
    Kind.FUNCTION_REMOVED: "function {subject}",
    Kind.FUNCTION_CHANGED: "function {subject}",
    Kind.SIGNATURE_CHANGED: "signature of {subject}",
    Kind.ROWS_ADDED: "{subject}",
    Kind.ROWS_REMOVED: "{subject}",
    Kind.ROWS_CHANGED: "{column} in {subject}",
    Kind.VALUES_CHANGED: "values of {column}",
    Kind.UPSTREAM_CHANGED: "upstream {subject}.{column}",
    Kind.TEST_ADDED: "test {subject}",
    Kind.TEST_REMOVED: "test {subject}",
    Kind.TEST_CHANGED: "{subject}",
    Kind.NOT_READ: "can't be read: {subject}",
    Kind.UNEXPLAINED: "SQLMesh counts its {subject} as changed",
}


def label_of(change: SemanticChange) -> str:
    """What a change is of: ``column discount``."""
    form = _LABELS.get(change.kind, change.kind.replace("_", " "))
    column = clean(change.column) if change.column else ""
    subject = clean(change.subject) if change.subject else ""
    if subject == "" and "{subject}." in form:
        form = form.replace("{subject}.", "")
    return form.format(column=column, subject=subject).strip()


def sign_of(change: SemanticChange) -> str:
    """``+``, ``-`` or ``~``: what happened to it."""
    match change.kind:
        case Kind.NOT_READ:
            return WARNING
        case Kind.UNEXPLAINED:
            return OPEN
        case Kind.FORMATTING_ONLY | Kind.COMMENTS_ONLY:
            return SAME
    if change.kind.endswith("_added") or (change.before is None and change.after is not None):
        return ADDED
    if change.kind.endswith("_removed") or (change.after is None and change.before is not None):
        return REMOVED
    return CHANGED


def seed_words(
    seed: SeedFile | None, changes: Iterable[SemanticChange], *, saved: bool = False
) -> Iterator[tuple[str, str]]:
    """What is known of a seed's rows, each sentence with its tone, and how to know more.

    Args:
        seed: What is known of its file.
        changes: Its semantic diff.
        saved: Whether the plan is a saved one: nothing of it can be read any more.
    """
    if seed is None:
        return
    if seed.rows is not None:
        words = "in its file when it was saved" if saved else "in the file now"
        yield f"{count(seed.rows, 'row')} {words}.", "muted"
    if seed.problem:
        words = f"Its rows could not be compared: {clean(seed.problem)}"
        yield words if saved else f"{words} D tries again.", "warn"
    elif not seed.compared:
        yield _NOT_COMPARED if saved else _COMPARES, "muted"
    elif not any(change.kind in _OF_ROWS for change in changes):
        yield "Row by row it holds what it held before.", "muted"
