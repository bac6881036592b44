"""The change list: every row of a plan, by how it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.message import Message

from plan_tui.contract.dangers import Severity
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import number
from plan_tui.ui.glyphs import DONE, WARNING
from plan_tui.ui.widgets.cells import clip_head, fit
from plan_tui.ui.widgets.change_columns import CHIP, REACH, Columns
from plan_tui.ui.widgets.change_facets import Facets, Side, parsed, why_unanswered
from plan_tui.ui.widgets.change_filter import matching
from plan_tui.ui.widgets.change_rows import HEADING, ChangeRow, ChangeRows
from plan_tui.ui.widgets.change_sections import Section, heading_words
from plan_tui.ui.widgets.line_list import LineList, RowState
from plan_tui.ui.widgets.names import clip_names

_NOTHING = "#"
"""The key of the line that says that nothing matches."""
PREVIEWED = "p"
"""Stands behind the chip of a model whose data is a preview, where no danger does."""
_COUNTED = frozenset(
    (Section.DIRECT, Section.ADDED, Section.INDIRECT, Section.RESTATED, Section.MISSING)
)
"""Sections whose rows have intervals as a rule."""


class ChangeList(LineList):
    """Changes by section with category, reach, intervals and batches; drawn from ``ChangeRows``."""

    MARKABLE: ClassVar[bool] = True

    class MarkRefused(Message):
        """A row without choices was to be marked."""

        def __init__(self, row: ChangeRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._changes = ChangeRows()
        self._filter = ""
        self._facets = Facets()
        self.side = Side.ALL
        """Whose changes are shown; ``show_side`` changes it."""
        self._shown: dict[str, int] = {}
        self._longest = 0
        self._columns = Columns.of(0, 0)
        self._widest = REACH
        self._columns_of = (0, 0, 0)
        self._cut: Mapping[str, str] = {}
        """What stands for names that are too long for their column."""

    # What it shows

    @property
    def changes(self) -> ChangeRows:
        """All rows, shown or not."""
        return self._changes

    @property
    def filter_text(self) -> str:
        """The filter's text."""
        return self._filter

    @property
    def shown_rows(self) -> list[ChangeRow]:
        """The rows that the filter leaves, from top to bottom."""
        rows = self._changes.rows
        return [rows[key] for key in self.keys if key in rows]

    @property
    def cursor_row(self) -> ChangeRow | None:
        """The row under the cursor."""
        key = self.cursor_key
        return None if key is None else self._changes.rows.get(key)

    def show(self, changes: ChangeRows) -> None:
        """Shows a plan's rows; only what changed is drawn again."""
        before, self._changes = self._changes, changes
        self._longest = max(map(cell_len, self._names()), default=0)
        direct = (row for row in changes.rows.values() if row.section is Section.DIRECT)
        self._widest = max((len(most_words(row)) + 1 for row in direct), default=0)
        if before.sections == changes.sections and self.keys:
            self.update_rows(changes.changed_keys(before))
        else:
            self._columns_of = (0, 0, 0)
            self._lay_out()

    def _names(self) -> Iterable[str]:
        return (row.name for row in self._changes.rows.values() if row.is_model)

    def filter(self, query: str) -> None:
        """Leaves only rows that match."""
        if query != self._filter:
            self._filter = query
            self._lay_out()

    @property
    def facets(self) -> Facets:
        """What is known of the changes."""
        return self._facets

    def show_facets(self, facets: Facets) -> None:
        """Takes what is known of the changes; only what that changes is drawn again."""
        before, self._facets = self._facets, facets
        query = parsed(self._filter)
        if query.facets or self.side is not Side.ALL:
            self._lay_out()
        else:
            rows = self._changes.rows.values()
            self.update_rows(
                [row.key for row in rows if before.is_seen(row) != facets.is_seen(row)]
            )

    def show_side(self, side: Side) -> None:
        """Leaves only one side's changes, or all."""
        if side is not self.side:
            self.side = side
            self._lay_out()

    def _lay_out(self) -> None:
        keys = self._changes.keys(
            matching(self._changes.rows, self._filter, self._facets, self.side)
        )
        self._shown = {}
        if not keys and self._changes.rows:
            self.set_rows([_NOTHING], [_NOTHING])
            return
        section = ""
        for key in keys:
            if key.startswith(HEADING):
                section = key
                self._shown[section] = 0
            else:
                self._shown[section] += 1
        self.set_rows(keys, self._shown)

    # What is chosen

    def next_open(self) -> bool:
        """Puts the cursor on the next model without a category, from the top again at the end."""
        return self.next_of(lambda row: row.chip.letter == "?")

    def next_of(self, wanted: Callable[[ChangeRow], bool]) -> bool:
        """Puts the cursor on the next row of a kind; False where none is shown."""
        rows = self.shown_rows
        at = next((i for i, row in enumerate(rows) if row.key == self.cursor_key), -1)
        for row in rows[at + 1 :] + rows[: at + 1]:
            if wanted(row):
                return self.move_to(row.key)
        return False

    def choosable(self) -> list[ChangeRow]:
        """The marked rows with choices; all shown ones with choices where none is marked."""
        rows = [row for row in self._changes.rows.values() if row.key in self.marks]
        return [row for row in rows or self.shown_rows if row.choosable]

    def action_mark(self) -> None:
        row = self.cursor_row
        if row is None or row.choosable:
            super().action_mark()
        else:
            self.post_message(self.MarkRefused(row))

    # Drawing

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        if self._columns_of != (width, self._longest, self._widest):
            self._columns_of = (width, self._longest, self._widest)
            self._columns = Columns.of(*self._columns_of)
            self._cut = clip_names(self._names(), self._columns.name)
        if key == _NOTHING:
            return [Segment(fit(nothing_words(self._filter, self._facets, self.side), width))]
        if state.heading:
            return self._heading(key)
        row = self._changes.rows[key]
        return self._model(row) if row.is_model else self._other(row, width)

    def paint_mark(self, key: str, state: RowState) -> Segment:
        row = self._changes.rows.get(key)
        if state.marked or row is None or not self._facets.is_seen(row):
            return super().paint_mark(key, state)
        return Segment(DONE, self.tone("muted"))

    def _heading(self, key: str) -> list[Segment]:
        columns = self._columns
        section = Section(key[len(HEADING) :])
        total = len(self._changes.sections[section])
        words = heading_words(section, self._shown[key], total)
        room = CHIP + columns.name + columns.note + columns.kind
        if section not in _COUNTED:
            return [Segment(fit(words, room))]
        reach = "reach" if section is Section.DIRECT and columns.reach else ""
        labels = (
            reach.rjust(columns.reach),
            "intervals".rjust(columns.intervals) if columns.intervals else "",
            "batches".rjust(columns.batches) if columns.batches else "",
        )
        named = "".join(labels)
        # The words may go on above the first column, as far as its own name leaves room.
        spare = max(0, len(named) - len(named.lstrip()) - 1)
        return [Segment(fit(words, room + spare)), Segment(named[spare:], self.tone("label"))]

    def _model(self, row: ChangeRow) -> list[Segment]:
        columns, muted = self._columns, self.tone("muted")
        name = fit(self._cut.get(row.name, row.name), columns.name)
        segments = [*self._chip(row), Segment(name)]
        if columns.note:
            segments.append(Segment(" " + fit(row.noted, columns.note - 1), muted))
        if columns.kind:
            segments.append(Segment(" " + fit(kind_words(row.kind), columns.kind - 1), muted))
        if columns.reach:
            tone = None if row.reading is not None and row.reading.reading else muted
            words = fit(reach_words(row), columns.reach - 1).rstrip()
            segments.append(Segment(words.rjust(columns.reach), tone))
        blank = row.section not in _COUNTED or row.audit
        for value, width in ((row.intervals, columns.intervals), (row.batches, columns.batches)):
            if width:
                shown = None if blank and not value else value
                segments.append(Segment(number(shown, width), None if value else muted))
        return segments

    def _chip(self, row: ChangeRow) -> list[Segment]:
        letter = row.chip.letter
        mark = Segment(PREVIEWED, self.tone("warn")) if row.preview else Segment(" ")
        if row.danger is not None:
            tone = "bad" if row.danger is Severity.BLOCKS else "warn"
            mark = Segment(WARNING, self.tone(tone))
        # Beside a blank, or it would read as the first letter of the name.
        return [Segment(f" {letter} ", self.tone(row.chip.tone)), mark, Segment(" ")]

    def _other(self, row: ChangeRow, width: int) -> list[Segment]:
        room = width - CHIP
        name = clip_head(row.name, room)
        left = room - len(name)
        note = fit(f"  {clip_head(row.note, max(0, left - 2))}", left) if row.note else ""
        return [*self._chip(row), Segment(name), Segment(note, self.tone("muted"))]


def nothing_words(query: str, facets: Facets, side: Side) -> str:
    """Why no row is left."""
    asked = parsed(query)
    if problem := asked.problem or why_unanswered(asked, facets):
        return problem
    if asked.facets or side is not Side.ALL:
        return f"No change is {side}" if not query.strip() else f"Nothing matches {clean(query)}"
    return f"No name matches {clean(query)}"


def kind_words(kind: str) -> str:
    """``INCREMENTAL_BY_TIME_RANGE`` as ``incremental by time range``."""
    return kind.lower().replace("_", " ")


def reach_words(row: ChangeRow) -> str:
    """``7 of 14`` models downstream read what changed; nothing while that is computed."""
    counts = row.reading
    return "" if counts is None else f"{counts.reading:,} of {counts.reached:,}"


def most_words(row: ChangeRow) -> str:
    """The longest that the reach of a row may say, known before it is computed."""
    most = f"{max(row.reach or 0, 99):,}"
    return f"{most} of {most}"
