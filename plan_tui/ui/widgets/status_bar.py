"""The header: project, gateway, engine and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

from plan_tui.contract.state import EngineInfo, EngineState, ProjectState, SessionState
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import clip, count, duration
from plan_tui.ui.glyphs import RUNNING, SEPARATOR, WARNING

REFRESH_SECONDS = 0.5


@dataclass(frozen=True)
class Connection:
    """How the app and its engine stand."""

    started: int
    """When the app began to look for the engine, epoch milliseconds."""
    connected: bool = False
    lost: bool = False
    read_only: bool = False
    project: str = ""
    """What the project is called until the engine says its name."""


class StatusBar(Widget):
    """One line: what project this is, where it runs, and what the engine does."""

    DEFAULT_CSS = """
    StatusBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._state = EngineState()
        self._connection = Connection(0)
        self._drawn = ""

    def on_mount(self) -> None:
        self.set_interval(REFRESH_SECONDS, self._tick)

    def show(self, state: EngineState, connection: Connection) -> None:
        """Draws a state."""
        self._state, self._connection = state, connection
        self._tick()

    def _tick(self) -> None:
        text = self._text(self._now()).plain
        if text != self._drawn:
            self._drawn = text
            self.refresh()

    def _now(self) -> int:
        from plan_tui.ui.clock import now_of

        return now_of(self.app)

    def render(self) -> Content:
        return self._text(self._now())

    def _text(self, now: int) -> Content:
        width = max(10, self.size.width)
        right = self._right()
        words = engine_words(self._state, self._connection, now)
        left = Content.assemble(
            (project_words(self._state.info, self._connection), "bold"),
            (f" {SEPARATOR} ", "$text-muted"),
            *words,
        )
        room = width - right.cell_length - 1
        if left.cell_length > room:
            left = clip(left, room)
        gap = " " * max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right)

    def _right(self) -> Content:
        if self._connection.read_only:
            return Content.styled(" read-only ", "reverse")
        return Content.styled("plan_tui", "$text-muted")


def project_words(info: EngineInfo | None, connection: Connection) -> str:
    """``shop · duckdb/local``; ``shop +1`` where a plan reads two projects."""
    if info is None:
        return clean(connection.project) or "plan_tui"
    more = len(info.paths) - 1
    words = clean(info.project) + (f" +{more}" if more > 0 else "")
    where = "/".join(clean(part) for part in (info.engine_type, info.gateway) if part)
    return f"{words} {SEPARATOR} {where}" if where else words


def engine_words(
    state: EngineState, connection: Connection, now: int
) -> list[tuple[str, str] | str]:
    """What the engine does, in a few words."""
    info = state.info
    if connection.lost:
        return [(f"{WARNING} engine lost", "$error bold")]
    if not connection.connected or info is None:
        waited = duration(now - connection.started)
        return [(f"{RUNNING} starting the engine {waited}", "$warning")]
    if info.project_state is ProjectState.BROKEN:
        return [(f"{WARNING} the project can't be loaded", "$error bold")]
    if info.project_state is not ProjectState.READY:
        return [(f"{RUNNING} {_loading_words(state, info, now)}", "$warning")]
    models = "" if info.models is None else f", {count(info.models, 'model')}"
    match state.state:
        case SessionState.PLANNING:
            return [(f"{RUNNING} planning {duration(now - state.since)}", "$warning")]
        case SessionState.APPLYING:
            return [(f"{RUNNING} applying {duration(now - state.since)}", "$warning")]
        case _:
            return [f"{'engine warm' if info.saved is None else 'saved plan'}{models}"]


def _loading_words(state: EngineState, info: EngineInfo, now: int) -> str:
    """What is at work while the project comes up, and for how long."""
    importing = info.project_state is ProjectState.IMPORTING
    words = "importing SQLMesh" if importing else "loading the project"
    loading = state.loading
    since = info.started
    if loading is not None:
        if loading.meta is not None:
            since = loading.meta.start
        if loading.total:
            words += f" {loading.done:,}/{loading.total:,}"
        if loading.message and loading.message != words:
            words += f" ({clean(loading.message)})"
    return f"{words} {duration(now - since)}"
