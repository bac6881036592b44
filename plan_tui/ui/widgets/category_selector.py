"""The category of the model under the cursor: what it is, what it could be, what it means."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.plan import Category
from plan_tui.contract.text import clean
from plan_tui.ui.cost_words import difference_words, open_words
from plan_tui.ui.formatting import clip
from plan_tui.ui.widgets.change_chips import Chip
from plan_tui.ui.widgets.change_rows import NOT_TAKEN_OVER, ChangeRow
from plan_tui.ui.widgets.choice_section import NAMES

_LABEL = "Category  "
_GAP = "   "
_MEANINGS = {
    Chip.BREAKING: "What reads it is rebuilt too.",
    Chip.FIXED_BREAKING: "What reads it is rebuilt too.",
    Chip.NON_BREAKING: "What reads it keeps its tables and data.",
    Chip.FIXED_NON_BREAKING: "What reads it keeps its tables and data.",
    Chip.OPEN: "The plan can't be applied until you choose.",
    Chip.FORWARD_ONLY: "It keeps its table; the change holds from now on.",
    Chip.INDIRECT_BREAKING: "Rebuilt because of a breaking change upstream.",
    Chip.INDIRECT_NON_BREAKING: "It keeps its table and data.",
    Chip.METADATA: "No data is computed anew for it.",
    Chip.ADDED: "New in this environment.",
    Chip.REMOVED: "It leaves the environment.",
}
_KEYS = {Category.BREAKING: ("b", "Breaking"), Category.NON_BREAKING: ("n", "Non-breaking")}


class CategorySelector(Widget, can_focus=False):
    """The choices with their keys, why there are none, and what the current one means."""

    DEFAULT_CSS = """
    CategorySelector { height: auto; min-height: 2; max-height: 6; padding: 0 1; }
    """

    class Chosen(Message):
        """A category was chosen with the mouse."""

        def __init__(self, category: Category) -> None:
            super().__init__()
            self.category = category

    def __init__(self) -> None:
        super().__init__()
        self._row: ChangeRow | None = None
        self._impact: ModelImpact | None = None
        self._locked: str | None = None
        self._spans: list[tuple[int, int, Category]] = []

    def show(self, row: ChangeRow | None, locked: str | None) -> None:
        """Shows a row's category.

        Args:
            row: The row under the cursor, if any.
            locked: Why no category can be chosen any more.
        """
        taller = locked is not None or self._locked is not None
        self._row, self._locked = row, locked
        self.refresh(layout=taller)

    def show_costs(self, impact: ModelImpact | None) -> None:
        """Shows what each choice would cost of the row's model, once that is known."""
        if impact != self._impact:
            self._impact = impact
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        x = event.x - self.gutter.left
        for start, end, category in self._spans:
            if event.y == 0 and start <= x < end:
                self.post_message(self.Chosen(category))

    def render(self) -> Content:
        row, width = self._row, max(10, self.content_size.width)
        self._spans = []
        if row is None or not row.is_model or not (row.chip.words and row.chip in _MEANINGS):
            return Content("")
        first = self._choices(row) if row.choosable else self._fixed(row)
        lines = [clip(first, width)]
        if self._locked and not row.choosable:
            lines.append(Content.styled(f"Locked: {clean(self._locked)}", "$text-warning"))
        left_out = row.note == NOT_TAKEN_OVER
        meaning = "The new environment begins without it." if left_out else _MEANINGS[row.chip]
        costs = self._costs(row, width)
        if costs:
            return Content("\n").join([*lines, *costs])
        return Content("\n").join([*lines, Content.styled(meaning, "$text-muted")])

    def _choices(self, row: ChangeRow) -> Content:
        parts: list[Content] = []
        at = len(_LABEL)
        for category, (key, label) in _KEYS.items():
            chosen = row.chip is Chip[category.name]
            box = "(•)" if chosen else "( )"
            part = Content.assemble(
                (key, "$text-accent bold"), f" {box} ", (label, "bold" if chosen else "")
            )
            self._spans.append((at, at + part.cell_length, category))
            at += part.cell_length + len(_GAP)
            parts.append(part)
        choices = Content(_GAP).join(parts)
        return Content.assemble((_LABEL, "$text-muted"), choices)

    def _costs(self, row: ChangeRow, width: int) -> list[Content]:
        """In the place of what the category means: what the other one would add or save.

        While none is chosen, what each of them costs; the meanings stand on the page below.
        """
        costs = self._impact.what_if if row.choosable and self._impact is not None else {}
        if row.chip is Chip.OPEN:
            owns = [(NAMES[key], cost.own or cost) for key, cost in costs.items()]
            tries = open_words(dict(owns))
        else:
            tries = [
                f"{NAMES[key].capitalize()} instead: {words}"
                for key, cost in costs.items()
                if cost.difference is not None and key.value != row.chip.name
                for wide in (True, False)
                if (words := difference_words(cost.difference, with_intervals=wide))
            ]
        fitting = [words for words in tries if words and len(words) <= width]
        shown = [*fitting, *tries[-1:]][:1]
        return [clip(Content.styled(words, "$text-accent"), width) for words in shown if words]

    def _fixed(self, row: ChangeRow) -> Content:
        return Content.assemble(
            (_LABEL, "$text-muted"),
            (f"{row.chip.letter} ", "bold"),
            (row.chip.words.capitalize(), "bold"),
        )
