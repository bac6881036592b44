"""The semantic diff in the detail: what a change does, rather than what was typed; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from rich.cells import cell_len

from plan_tui.contract.change_kinds import RENDERED
from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import ModelImpact, SemanticChange
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ARROW
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page, Part
from plan_tui.ui.widgets.semantic_words import TONES, label_of, seed_words, sign_of

WIDEST_LABEL = 26
NARROWEST_VALUE = 24
"""Cells below which a value stands under its label instead of beside it."""
LONG = 8
"""Lines from which on two versions are shown by the lines that differ."""
CONTEXT = 2
HEADER = 2
"""The number of the last line of a diff that says what it is of and where it begins."""
LEAD = 4
"""Cells before a value, for an arrow."""
NO_DIFF = "The semantic diff"
"""How the note of a diff that can't be computed begins."""


def semantic_section(
    page: Page,
    impact: ModelImpact | None,
    note: str,
    width: int,
    problem: str = "",
    *,
    saved: bool = False,
) -> None:
    """Adds the semantic diff.

    Args:
        page: The page, which gains a section ``diff``.
        impact: What is known of the change; None while it is computed.
        note: Which views there are.
        width: Cells of a line.
        problem: Why it is not known, where it can't be computed.
        saved: Whether the plan is a saved one, in which no key asks the warehouse.
    """
    page.heading("diff", "What changed", note)
    if impact is None:
        words = f"It can't be computed: {clean(problem)}" if problem else "Computing…"
        _wrapped(page, words, width, "warn" if problem else "muted")
        return
    for why in impact.notes:
        if why.startswith(NO_DIFF):
            _wrapped(page, clean(why), width, "warn")
    list_changes(page, impact.semantic_diff, width)
    for words, tone in seed_words(impact.seed, impact.semantic_diff, saved=saved):
        _wrapped(page, words, width, tone)


def list_changes(page: Page, changes: Sequence[SemanticChange], width: int) -> None:
    """Adds changes, each under the place that it is in."""
    labels = [label_of(change) for change in changes]
    room = min(max(map(cell_len, labels), default=0), WIDEST_LABEL, max(8, width // 3))
    place = None
    for change, label in zip(changes, labels, strict=True):
        if change.place != place and change.kind != Kind.NOT_READ:
            place = change.place
            _wrapped(page, f"in {clean(place)}:" if place else "in all:", width, "muted")
        _change(page, change, label, room, width)


def is_rendered_elsewise(impact: ModelImpact | None) -> bool:
    """Whether a query is written as before and renders to another: its text shows nothing."""
    changes = impact.semantic_diff if impact is not None else ()
    return any((change.place or "").startswith(RENDERED) for change in changes)


def macro_lines(page: Page, impact: ModelImpact | None, width: int) -> None:
    """Names the macros that make a query render to another, and what else they reach."""
    for change in impact.semantic_diff if impact is not None else ():
        if change.kind == Kind.MACRO_CHANGED:
            page.add((f"{sign_of(change)} ", "warn"), (label_of(change), ""))
            _reached(page, change, width)


def _change(page: Page, change: SemanticChange, label: str, room: int, width: int) -> None:
    sign = sign_of(change)
    head: tuple[Part, ...] = ((f"{sign} ", TONES.get(sign, "muted")),)
    beside = width - 2 - room - LEAD
    under = (
        "\n" in f"{change.before}{change.after}"
        or cell_len(label) > room
        or beside < NARROWEST_VALUE
    )
    lines = list(_values(change, width - LEAD - 1 if under else beside - 1))
    if under or not lines:
        for line in wrap(label, width - 3):
            page.add(*head, (line, ""))
            head = (("  ", ""),)
        first = rest = ("", "")
    else:
        first, rest = (label + " " * (room - cell_len(label)), ""), (" " * (room + 2), "")
    for number, parts in enumerate(lines):
        page.add(*((*head, first) if not under and not number else (rest,)), *parts)
    if change.kind == Kind.UNEXPLAINED:
        _wrapped(page, "Nothing that is compared here differs.", width, "muted")
    _reached(page, change, width)


def _values(change: SemanticChange, width: int) -> Iterator[tuple[Part, ...]]:
    """What was and what is: beside each other where both fit, else one below the other."""
    before, after = (
        clean(text or "", keep_newlines=True) for text in (change.before, change.after)
    )
    lines = before.split("\n"), after.split("\n")
    if before and after and len(lines[0]) + len(lines[1]) > LONG:
        yield from _differing(*lines, width)
    elif before and after and max(map(len, lines)) == 1 and _fits(before, after, width):
        yield (" " * LEAD, ""), (before, "removed"), (f" {ARROW} ", "muted"), (after, "added")
    elif change.kind == Kind.NOT_READ:
        place = f" ({clean(change.place)})" if change.place else ""
        yield from _side(after + place, "    ", "warn", width)
    else:
        yield from _side(before, "    ", "removed", width)
        yield from _side(after, f"  {ARROW} " if before else "    ", "added", width)


def _fits(before: str, after: str, width: int) -> bool:
    return cell_len(before) + cell_len(after) + 3 <= width


def _side(text: str, lead: str, tone: str, width: int) -> Iterator[tuple[Part, ...]]:
    for line in text.split("\n") if text else ():
        for part in _folded(line, width):
            yield (lead, "muted"), (part, tone)
            lead = " " * LEAD


def _folded(line: str, width: int) -> list[str]:
    """A line of code in as many as it needs, each as far in as the first, and a bit."""
    bare = line.lstrip(" ")
    inner = " " * min(len(line) - len(bare), width // 2)
    first, *others = wrap(bare, width - len(inner) - 2) or [""]
    return [inner + first, *(f"{inner}  {other}" for other in others)]


def _differing(before: list[str], after: list[str], width: int) -> Iterator[tuple[Part, ...]]:
    """The lines of two versions that differ, and a few around them."""
    tones = {"+": "added", "-": "removed", " ": ""}
    for number, line in enumerate(unified_diff(before, after, lineterm="", n=CONTEXT)):
        if number <= HEADER:
            continue
        if line.startswith("@@"):
            yield (("  ⋯", "muted"),)
            continue
        sign = line[0]
        for part in _folded(line[1:], width):
            yield (f"  {sign} ", tones[sign]), (part, tones[sign])
            sign = line[0]


def _reached(page: Page, change: SemanticChange, width: int) -> None:
    if change.models:
        names = ", ".join(map(clean, change.models))
        words = f"reaches {count(len(change.models), 'model')}: {names}"
        for line in wrap(words, width - 5):
            page.add((f"    {line}", "muted"))


def _wrapped(page: Page, words: str, width: int, tone: str) -> None:
    for line in wrap(words, width - 1):
        page.add((line, tone))
