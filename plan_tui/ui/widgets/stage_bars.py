"""The stages of a run as rows with bars, for screens that have the room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment

from plan_tui.contract.state import StageProgress
from plan_tui.contract.text import clean
from plan_tui.ui.glyphs import DONE, FAILED, RUNNING, STOPPED
from plan_tui.ui.widgets.cells import clip_head
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.progress_rows import bar
from plan_tui.ui.widgets.rows import RowState
from plan_tui.ui.widgets.stage_rail import stage_count, stage_glyph, stage_time, stage_words

NAME, BAR, COUNT, TIME = 13, 20, 13, 6
LOOKS = {DONE: "good", FAILED: "bad", RUNNING: "accent", STOPPED: "warn"}


class StageBars(LineList, can_focus=False):
    """A row per stage: how far it is, how long it takes, what it has in hand."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "stage-bars--track",
    }
    DEFAULT_CSS = """
    StageBars {
        height: auto;
        & > .stage-bars--track { background: $panel; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stages: dict[str, StageProgress] = {}
        self._now = 0

    def show(self, stages: tuple[StageProgress, ...], now: int) -> None:
        """Draws what changed."""
        self._stages = {str(stage.name): stage for stage in stages}
        self._now = now
        names = tuple(self._stages)
        if names != tuple(self.keys):
            self.set_rows(names)
            self._cursor = None
            self.styles.height = len(names) + 2
        self.update_rows(names)

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        stage = self._stages[key]
        glyph = stage_glyph(stage)
        look = self.tone(LOOKS.get(glyph, "muted"))
        plain = None if stage.meta is not None else self.tone("muted")
        yield Segment(f"{glyph} ", look)
        yield Segment(f"{stage_words(stage.name).ljust(NAME)} ", plain)
        yield Segment(
            self._bar(stage),
            look + self.get_component_rich_style("stage-bars--track", partial=True),
        )
        yield Segment(f" {stage_count(stage).rjust(COUNT)}", plain)
        yield Segment(f" {stage_time(stage, self._now).rjust(TIME)}  ", self.tone("muted"))
        room = width - NAME - BAR - COUNT - TIME - 7
        yield Segment(clip_head(clean(stage.message), max(1, room)), self.tone("muted"))

    def _bar(self, stage: StageProgress) -> str:
        if stage.meta is not None and stage.meta.done and not stage.total:
            return bar(1, 1, BAR)
        return bar(stage.done, stage.total, BAR)
