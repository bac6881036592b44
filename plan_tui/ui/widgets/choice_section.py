"""Why a model changed, why it has its category, and what each choice costs; pure."""

from __future__ import annotations

from plan_tui.contract.impact import ChoiceCost, ModelImpact
from plan_tui.contract.plan import Category
from plan_tui.contract.text import clean
from plan_tui.ui.estimate_words import NO_HISTORY, seconds_words
from plan_tui.ui.formatting import count
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page, Part

NAMES = {Category.BREAKING: "breaking", Category.NON_BREAKING: "non-breaking"}
CONCERNED = ("reason of the change", "reason of the category", "cost of each choice")
"""Parts of an impact, as notes name them, whose place is here."""
_LABEL = 9
"""Cells of a row's label."""
_COLUMNS = (12, 16)
"""Cells of each column: as many as its heading."""
_GAP = 2


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
        _table(page, impact, chosen)
        _difference(page, impact.what_if, chosen, width)
    for note in missing:
        _sentence(page, note, width, "warn")
    _meanings(page, category.choices, width)


def _sentence(page: Page, words: str, width: int, tone: str = "") -> None:
    for line in wrap(clean(words), width - 1) if words else ():
        page.add((line, tone))


def _table(page: Page, impact: ModelImpact, chosen: str | None) -> None:
    """A column for each category, a row for each number: those of the whole plan."""
    costs = impact.what_if
    _row(page, "the plan", [_head(each, is_chosen=each.value == chosen) for each in costs])
    rows = (
        ("models", [f"{cost.models:,}" for cost in costs.values()]),
        ("intervals", [f"{cost.intervals:,}" for cost in costs.values()]),
        ("batches", [f"{cost.batches:,}" for cost in costs.values()]),
        ("time", [seconds_words(cost.seconds) for cost in costs.values()]),
    )
    for label, cells in (*rows, *_untimed(costs)):
        _row(page, label, [(cell, "muted" * (cell == NO_HISTORY)) for cell in cells])
    suggestion = impact.category.suggestion
    if suggestion in costs:
        _row(page, "", [("suggested" * (each is suggestion), "accent") for each in costs])


def _untimed(costs: dict[Category, ChoiceCost]) -> list[tuple[str, list[str]]]:
    """How many models the times leave out, where some do."""
    left_out = [0 if cost.seconds is None else cost.unknown for cost in costs.values()]
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


def _difference(
    page: Page, costs: dict[Category, ChoiceCost], chosen: str | None, width: int
) -> None:
    """What choosing the other one would change, in words."""
    for category, cost in costs.items():
        now = next((each for key, each in costs.items() if key.value == chosen), None)
        if now is None or category.value == chosen:
            continue
        parts = [
            _more(cost.models - now.models, "model"),
            _more(cost.intervals - now.intervals, "interval"),
            _more(cost.batches - now.batches, "batch", "batches"),
            _later(cost.seconds, now.seconds),
        ]
        told = ", ".join(part for part in parts if part)
        _sentence(page, f"{NAMES[category].capitalize()} instead: {told or 'the same'}.", width)


def _more(number: int, noun: str, plural: str | None = None) -> str:
    if not number:
        return ""
    return f"{count(abs(number), noun, plural)} {'more' if number > 0 else 'fewer'}"


def _later(seconds: float | None, now: float | None) -> str:
    if seconds is None or now is None or round(abs(seconds - now)) == 0:
        return ""
    return f"about {seconds_words(abs(seconds - now))} {'more' if seconds > now else 'less'}"
