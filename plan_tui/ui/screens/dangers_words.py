"""The dangers of a plan, line by line; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from plan_tui.contract.dangers import Danger, Severity, blocking
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ARROW, DONE, FAILED, WAITING, WARNING
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Line, Part

WITH_THE_PLAN = frozenset(
    (
        *("broken_model", "not_planned"),
        *("destructive_change", "additive_change"),
        *("unknown_schema_change", "managed_schema_change"),
    )
)
"""Rules whose dangers come with the plan, so that the newest of them stand in the plan."""
LINT = "lint_"
"""What rules of the linter's findings start with: a model may break several of its rules."""
LEAD = 11
"""Cells of glyph and severity, by which everything else is indented."""
_LOOKS = {
    Severity.BLOCKS: (FAILED, "bad"),
    Severity.WARNS: (WARNING, "warn"),
    Severity.NOTES: (WAITING, "muted"),
}


def all_dangers(plan: PlanOverviewStageTracker, looked: Sequence[Danger]) -> tuple[Danger, ...]:
    """Those that came with the plan and those that were looked for, the blocking ones first.

    A saved plan comes with both, and answers with both when it is asked.
    """
    more = (each for each in looked if each.rule not in WITH_THE_PLAN and each not in plan.dangers)
    found = [*plan.dangers, *more]
    order = list(Severity)
    return tuple(sorted(found, key=lambda each: (order.index(each.severity), not each.allowed)))


def in_order(dangers: Sequence[Danger], shown: Sequence[str]) -> tuple[Danger, ...]:
    """Dangers in the order in which they are shown already; new ones go where they weigh.

    Args:
        dangers: The blocking ones first.
        shown: The keys of those that are shown, in order.
    """
    places = {key: place for place, key in enumerate(shown)}
    order = list(Severity)
    kept = [each for each in dangers if key_of(each) in places]
    listed = sorted(kept, key=lambda each: places[key_of(each)])
    for new in dangers:
        if key_of(new) not in places:
            weight = order.index(new.severity)
            lighter = (at for at, each in enumerate(listed) if order.index(each.severity) > weight)
            listed.insert(next(lighter, len(listed)), new)
    return tuple(listed)


def title(dangers: Sequence[Danger]) -> str:
    """``Dangers 3``."""
    return f"Dangers {len(dangers):,}"


def subtitle(dangers: Sequence[Danger], searching: bool) -> str:
    """How many block, and whether more are looked for."""
    number = len(blocking(dangers))
    block = f"{number:,} block{'s' if number == 1 else ''} the apply" if number else ""
    return " · ".join(part for part in (block, "looking for more" if searching else "") if part)


def dangers_page(
    dangers: Sequence[Danger], opened: Collection[str], width: int, *, saved: bool = False
) -> list[Line]:
    """A block of lines for each danger; the head of one with details opens and closes them.

    Args:
        dangers: In the order in which they are shown.
        opened: The keys of those whose details are shown.
        width: Cells of a line.
        saved: Whether the plan is a saved one, which no key of the app changes.
    """
    lines: list[Line] = []
    for danger in dangers:
        key = key_of(danger)
        if lines:
            lines.append(Line(f"{key}\n-", heading=True))
        for number, parts in enumerate(_lines(danger, key in opened, width, saved)):
            opens = key if number == 0 and danger.details and key not in opened else ""
            lines.append(Line(f"{key}\n{number}", parts, opens=opens))
    return lines


def key_of(danger: Danger) -> str:
    """What a danger is known by, as long as the plan is the same."""
    alone = danger.model and not danger.rule.startswith(LINT)
    return f"{danger.rule}/{danger.model or ''}/{'' if alone else danger.message}"


def _lines(danger: Danger, is_open: bool, width: int, saved: bool) -> Iterator[tuple[Part, ...]]:
    glyph, tone = (DONE, "good") if danger.allowed else _LOOKS[danger.severity]
    word = "allowed" if danger.allowed else str(danger.severity)
    rule = clean(danger.rule.replace("_", " "))
    head = clean(danger.view_name) or rule
    yield (
        (f"{glyph} {word}".ljust(LEAD), tone),
        (head, "strong"),
        (f"  {rule}" if danger.view_name else "", "muted"),
    )
    room = max(20, width - LEAD - 1)
    indent = " " * LEAD
    for line in wrap(clean(danger.message), room):
        yield ((f"{indent}{line}", ""),)
    hint = danger.hint if saved else in_the_app(danger.hint)
    for number, line in enumerate(wrap(clean(hint), room - 2)):
        yield ((f"{indent}{' ' if number else ARROW} {line}", "accent"),)
    if is_open:
        for detail in danger.details:
            for number, line in enumerate(wrap(clean(detail), room - 2)):
                yield ((f"{indent}{'    ' if number else '  '}{line}", "muted"),)
    elif danger.details:
        yield ((f"{indent}{count(len(danger.details), 'line')} more: enter", "muted"),)


def allow_reason(danger: Danger | None, options: Collection[str]) -> str | None:
    """Why a danger can't be allowed, or taken back, by itself."""
    if danger is None:
        return "No danger is under the cursor."
    if danger.allow is None:
        return "This can't be allowed: read what to do, and decide."
    if danger.allowed and danger.option not in options:
        return "A pattern of the plan's options allows it: change them in the set-up (f1)."
    return None
