"""Why a model changed, why it has its category, and what each choice costs; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plan_tui.contract.impact import ChoiceCost, Cost, ModelImpact
from plan_tui.contract.plan import Category
from plan_tui.contract.text import clean
from plan_tui.ui.cost_words import (
    cost_words,
    difference_of,
    difference_words,
    signed,
    signed_time,
)
from plan_tui.ui.estimate_words import NO_HISTORY, seconds_words
from plan_tui.ui.formatting import count
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page, Part

NAMES = {Category.BREAKING: "breaking", Category.NON_BREAKING: "non-breaking"}
CONCERNED = ("reason of the change", "reason of the category", "cost of each choice")
"""Parts of an impact, as notes name them, whose place is here."""
_OWN, _PLAN = "The model and all below it:", "The whole plan:"
"""What the numbers are of: the model and all below it; the whole plan in ones saved before."""
_LABEL = 9
"""Cells of a row's label."""
_COLUMNS = (12, 16, 10)
"""Cells of each column: as many as its heading."""
_GAP = 2
_WITH_DIFFERENCE = _LABEL + sum(_COLUMNS) + _GAP * len(_COLUMNS)
"""Cells from which on the difference has a column of its own."""


def why_section(page: Page, impact: ModelImpact, width: int) -> None:
    """Adds why SQLMesh counts the model as changed.

    Args:
        page: The page, which gains a section ``why``.
        impact: What is known of the change.
        width: Cells of a line.
    """
    if impact.why_changed:
        page.heading("why", "Why it is here")
        _sentence(page, impact.why_changed, width)


def choice_section(page: Page, impact: ModelImpact, chosen: str | None, width: int) -> None:
    """Adds what a reviewer needs to choose a category.

    Args:
        page: The page, which gains a section ``choice``.
        impact: What is known of the change.
        chosen: The category that the model has, or None while it is open.
        width: Cells of a line.
    """
    category = impact.category
    missing = [note for note in impact.notes if any(each in note for each in CONCERNED)]
    if not category.reason and not impact.what_if and not missing:
        return
    page.heading("choice", "Category")
    _sentence(page, category.reason, width)
    _sentence(page, category.forward_only, width, "warn")
    if impact.what_if:
        chosen = chosen or _present(impact.what_if)
        _table(page, impact, chosen, width)
        _whole(page, impact.what_if, chosen, width)
    for note in missing:
        _sentence(page, note, width, "warn")
    _meanings(page, category.choices, width)


def _sentence(page: Page, words: str, width: int, tone: str = "") -> None:
    for line in wrap(clean(words), width - 1) if words else ():
        page.add((line, tone))


def _table(page: Page, impact: ModelImpact, chosen: str | None, width: int) -> None:
    """A column for each category, a row for each number: those of the model and all below it.

    The last column is what the other category would add to them, or take away; the same numbers
    stand in the sentences below it where there is no room for it.
    """
    owns = {category: cost.own or cost for category, cost in impact.what_if.items()}
    costs = list(owns.values())
    has_own = all(cost.own is not None for cost in impact.what_if.values())
    title = _OWN if has_own else _PLAN
    other, now = _toggled(owns, chosen)
    shows = other is not None and now is not None and width >= _WITH_DIFFERENCE
    heads: list[Part] = [_head(each, is_chosen=each.value == chosen) for each in owns]
    page.add((title, "muted"))
    _row(page, "", [*heads, *([("difference", "muted")] if shows else [])])
    rows = (
        ("models", [f"{cost.models:,}" for cost in costs]),
        ("intervals", [f"{cost.intervals:,}" for cost in costs]),
        ("batches", [f"{cost.batches:,}" for cost in costs]),
        ("time", [seconds_words(cost.seconds) for cost in costs]),
    )
    differences = _differences(other, now) if shows and other and now else [""] * len(rows)
    for (label, cells), difference in zip(rows, differences, strict=True):
        parts = [(cell, "muted" * (cell == NO_HISTORY)) for cell in cells]
        _row(page, label, [*parts, *([(difference, "accent")] if difference else [])])
    for label, cells in _untimed(costs):
        _row(page, label, [(cell, "") for cell in cells])
    suggestion = impact.category.suggestion
    if suggestion in owns:
        _row(page, "", [("suggested" * (each is suggestion), "accent") for each in owns])


def _present(costs: Mapping[Category, ChoiceCost]) -> str | None:
    """The category that a model had when it was asked: the others tell what differs from it."""
    found = [str(key.value) for key, cost in costs.items() if cost.difference is None]
    return found[0] if len(found) < len(costs) and len(found) == 1 else None


def _toggled(owns: Mapping[Category, Cost], chosen: str | None) -> tuple[Cost | None, Cost | None]:
    """The cost of the category that toggling would give, and of the one that the model has.

    While it has none, non-breaking stands against breaking, in the order of the columns.
    """
    now = next((cost for key, cost in owns.items() if key.value == chosen), None)
    costs = list(owns.values())
    if chosen is None and len(costs) == 2:
        return costs[1], costs[0]
    return next((cost for key, cost in owns.items() if key.value != chosen), None), now


def _differences(other: Cost, now: Cost) -> list[str]:
    moved = difference_of(other, now)
    timed = "" if moved.seconds is None else signed_time(moved.seconds)
    return [signed(moved.models), signed(moved.intervals), signed(moved.batches), timed]


def _untimed(costs: Sequence[Cost]) -> list[tuple[str, list[str]]]:
    """How many models the times leave out, where some do."""
    left_out = [0 if cost.seconds is None else cost.unknown for cost in costs]
    if not any(left_out):
        return []
    return [("not timed", [count(number, "model") if number else "" for number in left_out])]


def _head(category: Category, *, is_chosen: bool) -> Part:
    return f"({'•' if is_chosen else ' '}) {NAMES[category]}", "strong" if is_chosen else ""


def _row(page: Page, label: str, cells: list[Part]) -> None:
    gap = (" " * _GAP, "")
    parts: list[Part] = [(label.ljust(_LABEL), "label")]
    for (text, tone), room in zip(cells, _COLUMNS, strict=False):
        parts += [gap, (text.rjust(room), tone)]
    page.add(*parts)


def _meanings(page: Page, choices: dict[Category, str], width: int) -> None:
    """What each category would mean; once where they mean the same."""
    if len(set(choices.values())) == 1:
        _sentence(page, f"Either way: {next(iter(choices.values()))}", width, "muted")
        return
    for each, words in choices.items():
        _sentence(page, f"{NAMES[each].capitalize()}: {words}", width, "muted")


def _whole(
    page: Page, costs: Mapping[Category, ChoiceCost], chosen: str | None, width: int
) -> None:
    """What the whole plan comes to with each category, and what toggling would change of that."""
    other, now = _toggled(costs, chosen)
    for category, cost in costs.items():
        words = f"The plan as {NAMES[category]}: {cost_words(cost)}"
        if cost.difference is not None and category.value != chosen:
            words += f"; {difference_words(cost.difference)}"
        elif chosen is None and cost is other and now is not None:
            words += f"; {difference_words(difference_of(cost, now))}"
        _sentence(page, f"{words}.", width)
