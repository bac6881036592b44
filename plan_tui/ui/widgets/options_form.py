"""The form of a plan's options: a line each, with what the engine makes of the value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.segment import Segment

from plan_tui.contract.options import OPTION_BY_FIELD, OPTIONS, Option
from plan_tui.contract.plan import PlanOptions
from plan_tui.contract.text import clean
from plan_tui.ui.draft import TRISTATE, Draft, inherited_flag, why_blocked
from plan_tui.ui.glyphs import CHECKED, INHERITED, UNCHECKED, WARNING
from plan_tui.ui.selectors import join_names
from plan_tui.ui.widgets.cells import fit
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.rows import RowState

GROUP_WORDS = {
    "dates": "Dates",
    "scope": "Scope",
    "categories": "Categories",
    "backfill": "Backfill",
    "checks": "Checks",
}
LABEL_CELLS = 20
VALUE_CELLS = 20
VALUE_AT = 1 + LABEL_CELLS
"""Where the value starts, after the cursor's bar and the label."""


@dataclass(frozen=True)
class Note:
    """What stands beside a value."""

    text: str
    bad: bool = False


class OptionsForm(LineList):
    """All options by group; flags toggle, the rest is edited in place by the screen."""

    DEFAULT_CSS = """
    OptionsForm > .line-list--heading { color: $text-muted; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draft = Draft("")
        self._defaults: PlanOptions | None = None
        self._notes: Mapping[str, Note] = {}
        self._blocked: dict[str, str] = {}
        self._query = ""

    def on_mount(self) -> None:
        self._lay_out()

    @property
    def option(self) -> Option | None:
        """The option under the cursor."""
        return OPTION_BY_FIELD.get(self.cursor_key or "")

    def blocked(self, option: Option) -> str | None:
        """Why an option can't be set now."""
        return self._blocked.get(option.field)

    def show(self, draft: Draft, defaults: PlanOptions | None, notes: Mapping[str, Note]) -> None:
        """Draws a draft."""
        self._draft, self._defaults, self._notes = draft, defaults, notes
        self._blocked = {
            option.field: reason
            for option in OPTIONS
            if (reason := why_blocked(draft, option)) is not None
        }
        self.update_rows([option.field for option in OPTIONS])

    def find(self, query: str) -> int:
        """Leaves only options that have these letters in name, flag or help; how many."""
        self._query = query.strip().casefold()
        count = self._lay_out()
        matching = [option for option in OPTIONS if self._matches(option)]
        if self._query and matching:
            self.move_to(min(matching, key=self._distance).field)
        return count

    def _distance(self, option: Option) -> int:
        """How far a search is from an option: label or flag before the words of its help."""
        label, flag = option.label.casefold(), option.flag.removeprefix("--").casefold()
        query = self._query.removeprefix("--")
        if query in (label, flag):
            return 0
        if label.startswith(query) or flag.startswith(query):
            return 1
        return 2 if query in label or query in flag else 3

    def row_of(self, field: str) -> int | None:
        """The line of an option within the view, or None when it is out of sight."""
        if field not in self.keys:
            return None
        row = list(self.keys).index(field) - self.scroll_offset.y
        return row if 0 <= row < self.scrollable_content_region.height else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # The screen's own ``enter`` does it at once, before the next key is looked at.
        return action != "open" and super().check_action(action, parameters)

    def _lay_out(self) -> int:
        keys: list[str] = []
        headings: list[str] = []
        matching = [option for option in OPTIONS if self._matches(option)]
        for group in GROUP_WORDS:
            members = [option.field for option in matching if option.group == group]
            if members:
                heading = f"/{group}"
                headings.append(heading)
                keys += [heading, *members]
        self.set_rows(keys, headings)
        return len(matching)

    def _matches(self, option: Option) -> bool:
        words = f"{option.label} {option.flag} {option.help} {option.group}".casefold()
        return all(part in words for part in self._query.split())

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        if state.heading:
            return [Segment(GROUP_WORDS[key[1:]])]
        option = OPTION_BY_FIELD[key]
        value = self._draft.values.get(option.field)
        blocked = option.field in self._blocked
        label = self.tone("muted") if blocked else None
        shade = self.tone("muted" if value is None else "strong")
        note = self._note(option)
        room = max(0, width - LABEL_CELLS - VALUE_CELLS - 1)
        segments = [
            Segment(fit(f" {option.label}", LABEL_CELLS), label),
            Segment(fit(self._value(option), VALUE_CELLS), shade),
        ]
        tone = self.tone("bad" if note.bad else "muted")
        return [*segments, Segment(" "), Segment(fit(note.text, room), tone)]

    def _value(self, option: Option) -> str:
        value = self._draft.values.get(option.field)
        if option.kind == "flag":
            return self._flag(option, value is True, value is None)
        if value is None:
            return "-" if option.field in self._blocked else "default"
        return clean(join_names(value) if isinstance(value, tuple) else str(value))

    def _flag(self, option: Option, on: bool, unset: bool) -> str:
        if unset and option.field in TRISTATE and self._defaults is not None:
            inherited = inherited_flag(option, self._defaults)
            return f"{INHERITED} project: {'on' if inherited else 'off'}"
        return CHECKED if on else UNCHECKED

    def _note(self, option: Option) -> Note:
        if option.field in self._blocked:
            return Note(f"{WARNING} {short_reason(self._blocked[option.field])}")
        return self._notes.get(option.field, Note(""))


def short_reason(sentence: str) -> str:
    """The part of a sentence that says what to do, for a narrow column."""
    return sentence.rpartition(": ")[2].rstrip(".") if ": " in sentence else sentence
