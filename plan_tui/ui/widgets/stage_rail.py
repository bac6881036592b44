"""The rail of stages: what is done, at work, and to come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from plan_tui.contract.stages import Meta, StageStatus
from plan_tui.contract.state import StageName, StageProgress
from plan_tui.contract.text import clean
from plan_tui.ui.clock import now_of
from plan_tui.ui.formatting import clip, duration
from plan_tui.ui.glyphs import DONE, FAILED, RUNNING, STOPPED, WAITING
from plan_tui.ui.widgets.cells import clip_head

REFRESH_SECONDS = 0.5
INSTANT_MS = 50
"""Milliseconds under which a stage of a warm engine is left out."""

STAGE_WORDS: dict[StageName, str] = {
    StageName.BEFORE_ALL: "before all",
    StageName.AFTER_ALL: "after all",
    StageName.DEFERRED_BACKFILL: "late backfill",
}

LONG_MS = 9 * 60_000 + 59_000
"""A time as long as most stages come to need at most."""

_STATUS = {True: StageStatus.SUCCESS, False: StageStatus.INIT}

GLYPH_STYLES = {
    DONE: "$text-success",
    FAILED: "$text-error bold",
    RUNNING: "$text-warning bold",
    STOPPED: "$text-warning",
}
_ENDED = {StageStatus.SUCCESS: DONE, StageStatus.FAIL: FAILED, StageStatus.INIT: STOPPED}


def stage_words(name: StageName) -> str:
    """A stage's name as it is shown."""
    return STAGE_WORDS.get(name, str(name))


def stage_glyph(stage: StageProgress) -> str:
    """The sign of how far a stage is."""
    if stage.meta is None:
        return WAITING
    if not stage.meta.done:
        return RUNNING
    return _ENDED[stage.meta.status]


def stage_time(stage: StageProgress, now: int) -> str:
    """How long a stage took, or has been at it; nothing before it starts."""
    if stage.meta is None:
        return ""
    end = stage.meta.end if stage.meta.end is not None else now
    return duration(end - stage.meta.start)


def stage_count(stage: StageProgress) -> str:
    """``18/61`` where the stage counts and has started."""
    if stage.meta is None or not stage.total:
        return ""
    return f"{stage.done:,}/{stage.total:,}"


def wide_stage(stage: StageProgress, now: int) -> Content:
    """``✓ creation 18/18 2.0s``."""
    glyph = stage_glyph(stage)
    parts = [stage_words(stage.name), stage_count(stage), stage_time(stage, now)]
    style = "$text-muted" if stage.meta is None else ""
    if glyph == RUNNING:
        style = "bold"
    return Content.assemble(
        (glyph, GLYPH_STYLES.get(glyph, "$text-muted")),
        (" " + " ".join(part for part in parts if part), style),
    )


def named_stage(stage: StageProgress, now: int) -> Content:
    """``✓ creation 2.0s``; the count only while the stage is at work."""
    done = stage.meta is not None and stage.meta.done
    return wide_stage(stage.model_copy(update={"total": 0}) if done else stage, now)


def is_instant(stage: StageProgress) -> bool:
    """Whether a stage of a warm engine's plan had nothing to do, so that it only takes room."""
    meta = stage.meta
    warm = stage.name in (StageName.IMPORTING, StageName.LOADING)
    return warm and meta is not None and meta.done and (meta.end or 0) - meta.start < INSTANT_MS


def narrow_stage(stage: StageProgress, now: int) -> Content:
    """``✓2.0s``; the name only while the stage is at work."""
    glyph = stage_glyph(stage)
    if glyph == RUNNING:
        return wide_stage(stage, now)
    return Content.assemble((glyph, GLYPH_STYLES.get(glyph, "$text-muted")), stage_time(stage, now))


def plain_stage(stage: StageProgress, now: int) -> Content:
    """``✓ creation``; count and time only while the stage is at work."""
    glyph = stage_glyph(stage)
    if glyph == RUNNING:
        return wide_stage(stage, now)
    return Content.assemble(
        (glyph, GLYPH_STYLES.get(glyph, "$text-muted")),
        (f" {stage_words(stage.name)}", "$text-muted" if stage.meta is None else ""),
    )


Form = Callable[[StageProgress, int], Content]

FORMS: tuple[tuple[Form, bool], ...] = (
    (wide_stage, True),
    (named_stage, True),
    (plain_stage, True),
    (narrow_stage, True),
    (narrow_stage, False),
)
"""How stages are drawn, and whether the note is: the first that fits is taken."""

NAMES_FROM = 100
"""Cells of a terminal from which a stage's name says more than the time it took."""
_LEAST_MESSAGE = 10
"""Cells under which a message says nothing any more."""


def form_cells(form: Form, stages: Sequence[StageProgress]) -> int:
    """The cells that stages come to need at most in a form, whichever of them is at work."""
    ended = [form(_at_most(stage, done=True), 0).cell_length for stage in stages]
    at_work = [form(_at_most(stage, done=False), 0).cell_length for stage in stages]
    more = max((most - least for most, least in zip(at_work, ended, strict=True)), default=0)
    return sum(ended) + max(0, more) + 2 * max(0, len(stages) - 1)


def _at_most(stage: StageProgress, done: bool) -> StageProgress:
    """A stage with the longest count and time that it can have."""
    meta = Meta(start=0, end=LONG_MS, done=done, status=_STATUS[done])
    return stage.model_copy(update={"meta": meta, "done": stage.total})


class StageRail(Widget):
    """One line: title, stages with glyph, name and time, and a note at the right."""

    DEFAULT_CSS = """
    StageRail { height: 1; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._stages: tuple[StageProgress, ...] = ()
        self._note = ""
        self._reserve = 0
        self._drawn = ""

    def on_mount(self) -> None:
        self.set_interval(REFRESH_SECONDS, self._tick)

    def show(
        self, title: str, stages: tuple[StageProgress, ...], note: str = "", reserve: int = 0
    ) -> None:
        """Draws these stages.

        Args:
            title: What stands before them.
            stages: From left to right.
            note: What stands at the right end.
            reserve: Cells kept for a note that changes. The stages' form is then chosen for the
                longest that they can become too, so that it stays the same while they go on.
        """
        self._title, self._stages, self._note = clean(title), stages, clean(note)
        self._reserve = reserve
        self._tick()

    def _tick(self) -> None:
        text = self.render().plain
        if text != self._drawn:
            self._drawn = text
            self.refresh()

    def render(self) -> Content:
        now, width = now_of(self.app), max(10, self.size.width)
        title = Content.assemble((self._title, "bold"), "   " if self._title else "")
        shown = [stage for stage in self._stages if not is_instant(stage)]
        form, with_note = self._form(shown, width - title.cell_length, now)
        stages = Content("  ").join([form(stage, now) for stage in shown])
        note = Content.styled(self._note if with_note else "", "$text-muted")
        line = Content.assemble(title, stages)
        room = width - line.cell_length - note.cell_length
        if room < 0:
            return clip(line, width)
        message = self._message(form is wide_stage, room - 2)
        return Content.assemble(line, message, " " * (room - message.cell_length), note)

    def _form(self, shown: list[StageProgress], width: int, now: int) -> tuple[Form, bool]:
        """The first form with room for stages and note; with a reserve, for all they can become."""
        for form, with_note in FORMS:
            if form is plain_stage and self.size.width < NAMES_FROM:
                continue
            cells = Content("  ").join([form(stage, now) for stage in shown]).cell_length
            if self._reserve:
                cells = max(cells, form_cells(form, shown))
            note = max(self._reserve, cell_len(self._note)) if with_note else 0
            if cells + note + 2 <= width:
                return form, with_note
        return FORMS[-1]

    def _message(self, wide: bool, width: int) -> Content:
        """What the running stage has in hand, as much as there is room for."""
        running = [stage for stage in self._stages if stage_glyph(stage) == RUNNING]
        if not wide or not running or not running[0].message or width < _LEAST_MESSAGE:
            return Content("")
        words = clip_head(clean(running[0].message), width - 2)
        return Content.styled(f"  {words}", "$text-muted")
