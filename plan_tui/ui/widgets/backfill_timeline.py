"""The timeline: models down, time across; it zooms from years to minutes and draws line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType

from plan_tui.contract.text import clean
from plan_tui.contract.timeline import TimelineModel
from plan_tui.ui.formatting import DAY, number
from plan_tui.ui.glyphs import WARNING
from plan_tui.ui.widgets.cells import fit
from plan_tui.ui.widgets.line_list import LineList, RowState
from plan_tui.ui.widgets.names import fit_name
from plan_tui.ui.widgets.timeline_glyphs import TONES, TimelineGlyphs, glyphs_for
from plan_tui.ui.widgets.timeline_view import (
    NOTHING,
    Piece,
    TimeView,
    Track,
    borders_of,
    effective_column,
    states_of,
)

COUNT_CELLS = 9
LEAST_NAME = 12
MOST_NAME = 40
CURSOR = Style(reverse=True, bold=True)
CURSOR_IN_REVERSE = Style(reverse=False, bold=True)
"""In a row that is drawn in reverse itself, as it is without colours."""


class BackfillTimeline(LineList):
    """One row per model; the cursor stands on a model and on a moment."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Earlier", show=False),
        Binding("right,l", "step(1)", "Later", show=False),
        Binding("home", "end_of_time(-1)", "First interval", show=False),
        Binding("end", "end_of_time(1)", "Last interval", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs: TimelineGlyphs = glyphs_for(getattr(sys.__stdout__, "encoding", "utf-8"))
        self._tracks: dict[str, Track] = {}
        self._now = 0
        self._bounds = (0, DAY)
        self._longest = LEAST_NAME
        self._view: TimeView | None = None
        self._at: int | None = None
        self._draw_place: Callable[[], None] | None = None

    # What is shown

    @property
    def track(self) -> Track | None:
        """The model under the cursor."""
        return None if self.cursor_key is None else self._tracks.get(self.cursor_key)

    @property
    def at(self) -> int:
        """The moment under the cursor."""
        return self._at or 0

    @property
    def view(self) -> TimeView | None:
        """The time in view; None until the size is known."""
        return self._view

    @property
    def piece(self) -> Piece | None:
        """What the cell under the cursor shows."""
        if self.track is None or self._view is None:
            return None
        return self.track.most(*self._view.interval(self.at))

    def show(self, models: Sequence[TimelineModel], now: int) -> None:
        """Shows other models; the time in view stays, where there was one.

        Args:
            models: From top to bottom.
            now: The execution time of the plan.
        """
        self._now = now
        self._tracks = {model.name: Track(model) for model in models}
        self._longest = max((len(model.view_name) for model in models), default=LEAST_NAME)
        pieces = [piece for track in self._tracks.values() for piece in track.pieces]
        start = min((piece.start for piece in pieces), default=now - DAY)
        end = max((piece.end for piece in pieces), default=now)
        self._bounds = (start, max(end, now, start + DAY))
        self.set_rows([model.name for model in models])
        if self._at is not None:
            self._at = self._clamped(self._at)
        self._fit_columns()
        self.repaint_rows()
        self._tell_place()

    def _fit_columns(self) -> None:
        width = self.scrollable_content_region.width - self._margin - self._left_cells
        if width < 1 or not self._tracks:
            return
        if self._view is None:
            self._view = TimeView.fitting(*self._backfill(), width)
            if self._at is None:
                self._at = self._first_missing(self._view)
        self._view = self._view.resized(width).showing(self.at)

    @property
    def _name_cells(self) -> int:
        share = self.scrollable_content_region.width * 3 // 10
        return max(LEAST_NAME, min(self._longest, share, MOST_NAME))

    @property
    def _left_cells(self) -> int:
        """Cells before the first moment."""
        return self._name_cells + 1 + COUNT_CELLS + 2

    @property
    def margin(self) -> int:
        """Cells of the row before the first moment, the cursor's own included."""
        return self._margin + self._left_cells

    def _backfill(self) -> tuple[int, int]:
        """The stretch of what is missing, without models of which more is missing than is meant."""
        sane = [track for track in self._tracks.values() if track.model.absurd is None]
        missing = [run for track in sane for run in track.model.missing]
        if not missing:
            return self._bounds
        start, end = min(run.start for run in missing), max(run.end for run in missing)
        margin = max((end - start) // 20, DAY)
        return max(start - margin, self._bounds[0]), max(end, min(self._now, end + margin))

    def _first_missing(self, view: TimeView) -> int:
        missing = () if self.track is None else self.track.model.missing
        return max(missing[0].start, view.origin) if missing else view.origin

    def _clamped(self, at: int) -> int:
        return min(max(at, self._bounds[0]), self._bounds[1] - 1)

    def go_to_missing(self) -> None:
        """Goes to where something is first missing of the model under the cursor."""
        if self.track is not None and self.track.model.missing:
            self._at = self.track.model.missing[0].start
            self._go(self._at)

    def follow(self, draw: Callable[[], None]) -> None:
        """Has something drawn whenever the cursor or the time in view moved.

        It is called in the turn of the key, not by a message: all of it is one paint then.
        """
        self._draw_place = draw

    def _set_cursor(self, position: int | None) -> None:
        super()._set_cursor(position)
        self._tell_place()

    def _tell_place(self) -> None:
        if self._draw_place is not None:
            self._draw_place()

    # Moving in time

    def action_step(self, by: int) -> None:
        """Goes to the next cell or the one before."""
        if self._view is not None:
            self._go(self._view.moment(self._view.column(self.at) + by))

    def action_page_time(self, halves: int) -> None:
        """Goes half a view earlier or later."""
        if self._view is not None:
            self._go(self.at + halves * self._view.cell * (self._view.width // 2))

    def action_end_of_time(self, side: int) -> None:
        """Goes to the first or last interval of the model."""
        if self.track is not None and self.track.pieces:
            pieces = self.track.pieces
            self._go(pieces[0].start if side < 0 else max(piece.end for piece in pieces) - 1)

    def action_border(self, direction: int) -> None:
        """Goes to where the model's next stretch begins, or the one before."""
        if self.track is None or self._view is None:
            return
        start, end = self._view.interval(self.at)
        found = self.track.border(end - 1 if direction > 0 else start, direction)
        if found is not None:
            self._go(found)

    def action_zoom(self, by: int) -> None:
        """A closer look at what the cursor's cell shows (by < 0), or a farther one."""
        if self._view is None:
            return
        start, end = self._view.interval(self.at)
        piece = self.piece
        if by < 0 and piece is not None and start < piece.start < end:
            self._at = piece.start
        self._show_view(self._view.zoomed(by, self.at))

    def action_fit(self) -> None:
        """Shows all of time, from the first interval to the last."""
        if self._view is not None:
            self._show_view(TimeView.fitting(*self._bounds, self._view.width))

    def _go(self, at: int) -> None:
        view = self._view
        if view is None:
            return
        self._at = self._clamped(at)
        shown = view.showing(self.at)
        if shown != view:
            self._show_view(shown)
            return
        if self.cursor_key is not None:
            self.update_rows([self.cursor_key])
        self._tell_place()

    def _show_view(self, view: TimeView) -> None:
        self._view = view.showing(self.at)
        self.repaint_rows()
        self._tell_place()

    def on_resize(self) -> None:
        super().on_resize()
        self._fit_columns()
        self.repaint_rows()
        self._tell_place()

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        column = event.x - self.margin
        if self._view is not None and 0 <= column < self._view.width:
            self._go(self._view.moment(column))

    # Drawing

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        track = self._tracks.get(key)
        if track is None:
            return
        model = track.model
        yield Segment(fit_name(clean(model.view_name), self._name_cells) + " ")
        absurd = model.absurd is not None
        counted = number(model.interval_count or None, COUNT_CELLS - 1)
        yield Segment(WARNING if absurd else " ", self.tone("bad"))
        yield Segment(counted + "  ", self.tone("bad") if absurd else None)
        if self._view is not None and self._view.width > 0:
            yield from self._strip(track, self._view, state.cursor)

    def _strip(self, track: Track, view: TimeView, under_cursor: bool) -> Iterator[Segment]:
        cells = self._cells(track, view)
        cursor = view.column(self.at) if under_cursor else -1
        row = self.get_component_rich_style("line-list--cursor")
        mark = CURSOR_IN_REVERSE if row.reverse else CURSOR
        for (sign, tone, here), group in groupby(
            (*cell, column == cursor) for column, cell in enumerate(cells)
        ):
            style = self.tone(tone)
            yield Segment(sign * len(list(group)), style + mark if here else style)

    def _cells(self, track: Track, view: TimeView) -> list[tuple[str, str]]:
        """The sign and the tone of each cell."""
        glyphs, states = self.glyphs, states_of(track, view)
        cells = [(glyphs.states.get(state, "?"), TONES.get(state, "bad")) for state in states]
        for column in borders_of(track, view, states):
            cells[column] = (glyphs.border, cells[column][1])
        now = view.column(self._now)
        if 0 <= now < view.width and states[now] == NOTHING:
            cells[now] = (glyphs.now, "muted")
        marked = effective_column(track.model, view, states)
        if marked is not None:
            cells[marked] = (glyphs.effective, "strong")
        return cells


def summary(models: Iterable[TimelineModel]) -> tuple[int, int, int, int]:
    """How many models, intervals and batches are filled, and how many models are absurd."""
    filled = [model for model in models if model.missing]
    return (
        len(filled),
        sum(model.interval_count for model in filled),
        sum(model.batch_count for model in filled),
        sum(1 for model in filled if model.absurd is not None),
    )


def left_heading(width: int) -> str:
    """The words above names and counts, in that many cells."""
    return fit("model", max(0, width - COUNT_CELLS - 2)) + "intervals".rjust(COUNT_CELLS) + "  "
