"""What one change means, as text for people."""

from __future__ import annotations

from collections.abc import Iterator

import click

from plan_tui.commands.words import count, duration, range_text
from plan_tui.contract.cost_words import cost_text
from plan_tui.contract.differing import changed_lines
from plan_tui.contract.impact import (
    CostDifference,
    ModelImpact,
    SeedFile,
    SemanticChange,
    UnitTests,
)
from plan_tui.contract.text import clean
from plan_tui.contract.unit_test_words import history_words


def impact_text(impact: ModelImpact) -> Iterator[str]:
    """The lines of an impact: whole, with nothing collapsed."""
    yield _heading(clean(impact.view_name))
    if impact.why_changed:
        yield f"  {clean(impact.why_changed)}"
    yield from _titled("What it does", [*map(_semantic, impact.semantic_diff), *_seed(impact.seed)])
    if impact.tests is not None:
        yield from _titled("Unit tests", list(_tests(impact.tests)))
    yield from _titled("Category", list(_category(impact)))
    yield from _titled("Cost of the whole plan with each choice", list(_costs(impact)))
    reach = f"Reach ({count(len(impact.reach), 'model')} downstream)"
    yield from _titled(reach, list(_reach(impact)))
    yield from _titled(
        "Missing",
        [f"{range_text((run.start, run.end))}: {clean(run.reason)}" for run in impact.missing],
    )
    note = [clean(impact.sql.note)] if impact.sql.note else []
    for title, sql, said in (
        ("As it is written", impact.sql.raw, []),
        ("Rendered", impact.sql.rendered, note),
    ):
        yield from _titled(title, [*said, *clean(sql, keep_newlines=True).splitlines()])
    yield from _titled("Not known", [clean(note) for note in impact.notes])


def _heading(text: str) -> str:
    return click.style(text, bold=True)


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield _heading(title)
        yield from (f"  {line}" for line in lines)


def _semantic(change: SemanticChange) -> str:
    what = clean(change.kind.replace("_", " "))
    about = "".join(f" {clean(each)}" for each in (change.subject, change.column) if each)
    about += f" in {clean(change.place)}" if change.place else ""
    lines = changed_lines(change.before, change.after)
    if lines:
        return "\n".join([f"{what}{about}:", *(f"    {clean(line)}" for line in lines)])
    sides = [clean(side) for side in (change.before, change.after) if side is not None]
    return f"{what}{about}{': ' if sides else ''}{' -> '.join(sides)}"


def _seed(seed: SeedFile | None) -> Iterator[str]:
    if seed is None:
        return
    rows = "" if seed.rows is None else f"{count(seed.rows, 'row')} in its file now"
    why = f"its rows are not compared: {clean(seed.problem)}" if seed.problem else ""
    if rows or why:
        yield "; ".join(filter(None, (rows, why)))


def _tests(tests: UnitTests) -> Iterator[str]:
    for test in tests.tests:
        yield f"{clean(test.name)} ({clean(test.path)}): {test.outcome.replace('_', ' ')}"
        for table in test.tables:
            yield from (f"  {clean(table.name)}: {clean(row)}" for row in table.rows)
    yield from map(_semantic, tests.changes)
    yield clean(history_words(tests))


def _category(impact: ModelImpact) -> Iterator[str]:
    category = impact.category
    if category.found:
        yield f"found: {clean(category.found)}"
    if category.reason:
        yield clean(category.reason)
    if category.suggestion:
        yield f"suggested: {category.suggestion}"


def _costs(impact: ModelImpact) -> Iterator[str]:
    for category, cost in impact.what_if.items():
        yield f"{category}: {cost_text(cost)}"
        if cost.own is not None:
            yield f"  of that the model and all below it: {cost_text(cost.own)}"
        if cost.difference is not None:
            yield f"  against the plan as it is: {_difference(cost.difference)}"


def _difference(difference: CostDifference) -> str:
    seconds = difference.seconds
    parts = [
        f"{number:+,} {noun}"
        for number, noun in (
            (difference.models, "models"),
            (difference.intervals, "intervals"),
            (difference.batches, "batches"),
        )
    ]
    if seconds is not None:
        parts.append(f"{'-' if seconds < 0 else '+'}{duration(round(abs(seconds) * 1000))}")
    return ", ".join(parts)


def _reach(impact: ModelImpact) -> Iterator[str]:
    words = {True: "reads it", False: "only hangs below", None: "unknown, counted as read"}
    for reached in impact.reach:
        columns = ", ".join(clean(column) for column in reached.columns)
        path = " > ".join(clean(step) for step in reached.path)
        parts = [f"{clean(reached.view_name)} {words[reached.reads]}"]
        parts += [f"in {columns}"] if columns else []
        parts += [f"by {path}"] if path else []
        yield " ".join(parts)
