"""What is said about the steps of a plan and about their SQL, line by line; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from plan_tui.contract.errors import Problem
from plan_tui.contract.state import StageName
from plan_tui.contract.steps import PlannedStep, PlannedSteps, StepSql
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import WARNING
from plan_tui.ui.widgets.cells import clip_head, wrap
from plan_tui.ui.widgets.diff_view import code_parts
from plan_tui.ui.widgets.lines import Line, Page

DEFERRED = "»"
"""Stands before a step that runs after the promotion, with the word beside it."""
_SCHEMA = re.compile(r"(?:[^\s.]+\.)?sqlmesh__\w+\.(?=\w)")
"""The schema that SQLMesh keeps its tables in: their names hold the model's schema too, and the
page of the SQL has them whole."""
TITLES: dict[StageName, str] = {
    StageName.BEFORE_ALL: "Before all",
    StageName.CREATION: "Tables",
    StageName.AUDIT: "Audits of what is there",
    StageName.BACKFILL: "Backfill",
    StageName.RESTATE: "Restated elsewhere",
    StageName.MIGRATE: "Columns of prod's tables",
    StageName.DEFERRED_BACKFILL: "Backfill after the promotion",
    StageName.PROMOTE: "Promotion",
    StageName.FINALIZE: "End",
    StageName.AFTER_ALL: "After all",
}


def steps_page(
    steps: Sequence[PlannedStep], notes: Iterable[str], width: int, narrow: bool
) -> list[Line]:
    """The steps, by stage in SQLMesh's order, with how many each has.

    Args:
        steps: Those that are shown.
        notes: What can't be told yet.
        width: Cells of a line.
        narrow: Whether there is no room for the models' names beside what is done.
    """
    page = Page()
    for note in notes:
        for line in wrap(f"{WARNING} {clean(note)}", width - 1):
            page.add((line, "warn"))
    names = max((len(clean(step.view_name)) for step in steps), default=0)
    room = min(names, max(12, width // 3))
    for number, (stage, grouped) in enumerate(groupby(steps, lambda step: step.stage)):
        listed = list(grouped)
        deferred = "after the promotion" if any(step.deferred for step in listed) else ""
        words = f"{TITLES.get(stage, str(stage))} {len(listed):,}"
        page.heading(f"{number}", words, deferred)
        for step in listed:
            _step(page, step, room, narrow)
    # The cursor passes over empty lines: it stands on steps only.
    return [line if line.text else replace(line, heading=True) for line in page.lines]


def _step(page: Page, step: PlannedStep, room: int, narrow: bool) -> None:
    mark = (f"{DEFERRED} ", "warn") if step.deferred else ("  ", "")
    name = clip_head(clean(step.view_name), room)
    told = (_SCHEMA.sub("", clean(step.text)), "" if step.has_sql else "muted")
    after = ("  deferred", "warn") if step.deferred else ("", "")
    state = ("", "") if step.has_sql else ("  state only", "muted")
    opens = step.id if step.has_sql else ""
    if narrow:
        page.add(mark, told, after, state, opens=opens)
    else:
        page.add(mark, (name.ljust(room + 2), "label"), told, after, state, opens=opens)


def shown_steps(steps: PlannedSteps, text: str, deferred: bool) -> list[PlannedStep]:
    """The steps that a filter leaves.

    Args:
        steps: All of them.
        text: What the name of the model or the step's own words have to hold.
        deferred: Whether only those after the promotion are wanted.
    """
    wanted = text.casefold()
    return [
        step
        for step in steps.steps
        if (step.deferred or not deferred)
        and wanted in f"{clean(step.view_name)} {clean(step.text)}".casefold()
    ]


def title(steps: PlannedSteps, shown: Sequence[PlannedStep]) -> str:
    """How many steps there are, and how many of them are deferred."""
    deferred = sum(step.deferred for step in steps.steps)
    what = "What would run, assumed" if steps.assumed else "What will run"
    words = f"{what}: {count(len(steps.steps), 'step')}"
    if len(shown) < len(steps.steps):
        words = f"{what}: {len(shown):,} of {count(len(steps.steps), 'step')}"
    return f"{words}, {deferred:,} after the promotion" if deferred else words


def sql_page(
    step: PlannedStep, sql: StepSql | None, problem: Problem | None, width: int
) -> list[Line]:
    """The statements of a step, numbered.

    Args:
        step: The step.
        sql: Its statements, once they are known.
        problem: Why they are not.
        width: Cells of a line; longer ones of the SQL go on below.
    """
    page = Page()
    for line in wrap(clean(step.text), width - 1):
        page.add((line, "strong"))
    if step.deferred:
        page.add((f"{DEFERRED} deferred: it runs after the promotion", "warn"))
    if problem is not None:
        page.add(("", ""))
        for part in (problem.title, problem.message, in_the_app(problem.hint)):
            for line in wrap(clean(part), width - 1) if part else ():
                page.add((line, "bad" if part is problem.title else ""))
        return page.lines
    if sql is None:
        page.add(("", ""))
        page.add(("SQLMesh puts it together…", "muted"))
        return page.lines
    for note in sql.notes:
        for line in wrap(f"{WARNING} {clean(note)}", width - 1):
            page.add((line, "warn"))
    total = len(sql.statements)
    if not total and not sql.notes:
        page.add(("It runs no SQL.", "muted"))
    for number, statement in enumerate(sql.statements, 1):
        page.heading(f"{number}", f"{number:,} of {total:,}", clean(sql.dialect))
        page.extend(code_parts(clean(statement.sql, keep_newlines=True), width))
    return page.lines


def sql_text(sql: StepSql) -> str:
    """All statements, as they are copied."""
    return "\n\n".join(f"{clean(each.sql, keep_newlines=True)};" for each in sql.statements)
