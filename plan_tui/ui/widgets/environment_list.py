"""The environment picker: two lines for each environment, and one to make a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment

from plan_tui.contract.lookup import EnvironmentInfo
from plan_tui.contract.text import clean
from plan_tui.ui.clock import now_of
from plan_tui.ui.environment_words import HALF_APPLIED, data_words, facts
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import SEPARATOR
from plan_tui.ui.widgets.cells import fit
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.rows import RowState

NEW = "+new"
"""The key of the row that makes an environment; no environment can be called so."""

DETAIL = "/detail"
COUNT_CELLS = 13
DATA_CELLS = 15


class EnvironmentList(LineList):
    """Environments, the remembered ones until the engine tells the real ones."""

    DEFAULT_CSS = """
    EnvironmentList > .line-list--heading { color: $text-muted; text-style: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._known: dict[str, EnvironmentInfo] = {}
        self._names: tuple[str, ...] = ()
        self._fresh: tuple[str, ...] = ()
        self._planned = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names, those that were just made up too."""
        return (*self._names, *self._fresh)

    @property
    def real_names(self) -> tuple[str, ...]:
        """The names that exist, or did when they were last seen."""
        return self._names

    @property
    def chosen(self) -> str | None:
        """The environment under the cursor."""
        key = self.cursor_key
        return None if key is None or key == NEW else key

    def info_of(self, name: str) -> EnvironmentInfo | None:
        """What is known of an environment."""
        return self._known.get(name)

    def show_names(self, names: Sequence[str]) -> None:
        """Shows names of which nothing else is known yet."""
        self._names = tuple(names)
        self._lay_out()

    def show(self, environments: Sequence[EnvironmentInfo]) -> None:
        """Shows environments; the one under the cursor stays, though it does not exist yet."""
        chosen = self.chosen
        self._known = {each.name: each for each in environments}
        self._names = tuple(self._known)
        self._fresh = tuple(name for name in self._fresh if name not in self._known)
        if chosen is not None and chosen not in self.names:
            self._fresh = (*self._fresh, chosen)
        self._lay_out()
        self.repaint_rows()

    def add(self, name: str) -> None:
        """Adds a name that a plan will make an environment of, and puts the cursor on it."""
        if name not in self.names:
            self._fresh = (*self._fresh, name)
            self._lay_out()
        self.move_to(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # The screen's own ``enter`` does it at once, before the next key is looked at.
        return action != "open" and super().check_action(action, parameters)

    def _lay_out(self) -> None:
        keys: list[str] = []
        for name in self.names:
            keys += [name, name + DETAIL]
        keys.append(NEW)
        self.set_rows(keys, [key for key in keys if key.endswith(DETAIL)])

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        if key == NEW:
            return [Segment("+ new environment", self.tone("accent")), Segment("  n")]
        if key.endswith(DETAIL):
            return self._detail(key.removesuffix(DETAIL), width)
        return self._head(key, width)

    def _head(self, name: str, width: int) -> list[Segment]:
        known = self._known.get(name)
        if known is None:
            return [Segment(fit(clean(name), width))]
        models, data = count(known.models, "model"), data_words(known)
        room = max(8, width - COUNT_CELLS - DATA_CELLS - 1)
        return [
            Segment(fit(clean(name), room), self.tone("strong")),
            Segment(models.rjust(COUNT_CELLS)),
            Segment(data.rjust(DATA_CELLS)),
        ]

    def _detail(self, name: str, width: int) -> list[Segment]:
        known = self._known.get(name)
        if known is None:
            words = "new: a plan creates it" if name in self._fresh else "as of last time"
            return [Segment(f"  {words}", self.tone("muted"))]
        said = facts(known, now_of(self.app))
        line, kept = "", 0
        for words in said:
            longer = f"{line} {SEPARATOR} {words}" if line else f"  {words}"
            if len(longer) > width:
                break
            line, kept = longer, kept + 1
        if not kept and said:
            line = f"  {said[0]}"
        style = self.tone("bad" if HALF_APPLIED in said else "muted")
        return [Segment(line, style)]
