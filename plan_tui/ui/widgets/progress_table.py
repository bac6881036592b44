"""The table of a run: a row per model, painted at most five times a second, changed cells only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Region
from textual.message import Message

from plan_tui.contract.state import ModelProgress, ModelStatus
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import duration
from plan_tui.ui.widgets.cells import clip_head, fit
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.names import fit_name
from plan_tui.ui.widgets.progress_columns import LEFT, TIME, Columns, ProgressHead
from plan_tui.ui.widgets.progress_rows import (
    GLYPHS,
    RowOrder,
    bar,
    batch_age,
    elapsed,
    left_words,
    note,
    oldest_batch,
    spent_words,
)
from plan_tui.ui.widgets.rows import Rows, RowState, changed_cells

SPREADING = frozenset(ModelStatus) - {ModelStatus.RUNNING, ModelStatus.DONE}
"""Their words take the room of the columns that say nothing for them."""

STATUS_LOOKS: dict[ModelStatus, str] = {
    ModelStatus.WAITING: "muted",
    ModelStatus.RUNNING: "running",
    ModelStatus.DONE: "good",
    ModelStatus.FAILED: "bad",
    ModelStatus.SKIPPED: "warn",
    ModelStatus.STOPPED: "warn",
}

OWN_LOOKS = frozenset({"running", "track"})


class ProgressTable(LineList):
    """The models of a run with their bars, times and words."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "progress-table--running",
        "progress-table--track",
    }
    DEFAULT_CSS = """
    ProgressTable {
        & > .progress-table--running { color: $text-primary; }
        & > .progress-table--track { background: $panel; }
    }
    """

    class ColumnsFitted(Message):
        """The columns stand elsewhere than before."""

        def __init__(self, columns: Columns) -> None:
            super().__init__()
            self.columns = columns

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._models: Mapping[str, ModelProgress] = {}
        self._order = RowOrder()
        self._now = 0
        self._only_failed = False
        self._columns: Columns | None = None
        self._longest_name = self._widest_count = 5
        self._follows_top = True
        self._looks: dict[str, Style] = {}

    @property
    def follows_top(self) -> bool:
        """Whether the cursor stays on the first row: it does until somebody moves it."""
        return self._follows_top

    def begin(self) -> None:
        """Forgets the last run."""
        self.set_rows(())
        self._models, self._follows_top = {}, True
        self._order.clear()

    def show(self, models: Mapping[str, ModelProgress], now: int, only_failed: bool) -> None:
        """Draws what changed: cells where rows stay, rows where they move."""
        changed = [model for name, model in models.items() if self._models.get(name) is not model]
        ticking = [name for name, model in models.items() if model.running]
        filtered = only_failed != self._only_failed
        self._models, self._now, self._only_failed = models, now, only_failed
        self._measure(changed)
        if self._order.take(changed) or filtered:
            self._arrange(self._order.failed() if only_failed else self._order.rows())
        self.update_rows({*(model.name for model in changed), *ticking})

    def on_resize(self) -> None:
        super().on_resize()
        self._fit()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._looks.clear()

    # Columns

    def _measure(self, changed: Iterable[ModelProgress]) -> None:
        name, widest = self._longest_name, self._widest_count
        for model in changed:
            name = max(name, cell_len(clean(model.view_name)))
            widest = max(widest, 2 * len(f"{model.total:,}") + 1)
        if (name, widest) != (self._longest_name, self._widest_count):
            self._longest_name, self._widest_count = name, widest
            self._fit()

    def _fit(self) -> None:
        width = self.scrollable_content_region.width - 1
        columns = Columns.fitting(width, self._longest_name, self._widest_count)
        if columns != self._columns:
            self._columns = columns
            self.repaint_rows()
            self.post_message(self.ColumnsFitted(columns))

    # Rows

    def _arrange(self, keys: Sequence[str]) -> None:
        """Puts rows where they belong; the view stays, the cursor goes with its model."""
        if len(keys) != len(self.keys):
            self.set_rows(keys)
        else:
            self._move_rows(keys)
        if self._follows_top and self._cursor:
            super()._set_cursor(0)

    def _move_rows(self, keys: Sequence[str]) -> None:
        top = self.scroll_offset.y
        view = range(top, min(top + self._view_height, len(keys)))
        before = {position: self._strips.get(self.keys[position]) for position in view}
        at = self.cursor_key
        self._rows = Rows.of(keys, ())
        if at is not None:
            self._cursor = 0 if self._follows_top else self._rows.index[at]
        if self.cursor_key != at:
            self.post_message(self.Highlighted(self, self.cursor_key))
        for position in view:
            shown = before[position]
            left, right = 0, self.size.width
            if shown is not None:
                left, right = changed_cells(shown[1], self._strip_of(position))
            if left < right:
                self.refresh(Region(left, position - top, right - left, 1))

    def _set_cursor(self, position: int | None) -> None:
        self._follows_top = not position
        super()._set_cursor(position)

    # Cells

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        model = self._models[key]
        columns = self._columns or Columns.fitting(width, self._longest_name, self._widest_count)
        look = self._look(STATUS_LOOKS[model.status])
        muted = self._look("muted")
        waiting = model.status is ModelStatus.WAITING
        yield Segment(f"{GLYPHS[model.status]} ", look)
        yield Segment(
            f"{fit_name(clean(model.view_name), columns.name)} ", muted if waiting else None
        )
        yield Segment(bar(model.done, model.total, columns.bar), look + self._look("track"))
        done = f"{model.done:,}/{model.total:,}" if model.total else ""
        yield Segment(f" {done.rjust(columns.count)}  ", muted if waiting else None)
        words = note(model, columns.note)
        if model.status in SPREADING:
            yield Segment(clip_head(words, columns.note + columns.tail), look)
        elif model.status is ModelStatus.DONE:
            age = columns.age + 1 if columns.age else 0
            yield Segment(fit(words, columns.note + age), muted)
            yield Segment(f" {spent_words(model.elapsed).rjust(TIME)}", muted)
        else:
            yield Segment(fit(words, columns.note))
            yield from self._times(model, columns)

    def _times(self, model: ModelProgress, columns: Columns) -> Iterable[Segment]:
        """The times in one piece: they tick together, and each piece costs its colours again."""
        age = ""
        if columns.age:
            oldest = oldest_batch(model)
            age = "" if oldest is None else duration(batch_age(oldest, self._now))
            age = f" {age.rjust(columns.age)}"
        spent = duration(elapsed(model, self._now)).rjust(TIME)
        yield Segment(f"{age} {spent} {left_words(model.remaining).rjust(LEFT)}")

    def _look(self, name: str) -> Style:
        if name not in OWN_LOOKS:
            return self.tone(name)
        look = self._looks.get(name)
        if look is None:
            look = self.get_component_rich_style(f"progress-table--{name}", partial=True)
            self._looks[name] = look
        return look


class ProgressPanel(Vertical):
    """The table of a run under the names of its columns."""

    DEFAULT_CSS = "ProgressPanel { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield ProgressHead()
        yield ProgressTable(id="models")

    @on(ProgressTable.ColumnsFitted)
    def _show_head(self, message: ProgressTable.ColumnsFitted) -> None:
        message.stop()
        self.query_one(ProgressHead).show(message.columns)
