"""Names of models cut to a number of cells, so that one can still tell which is which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rich.cells import cell_len

from plan_tui.ui.glyphs import ELLIPSIS
from plan_tui.ui.widgets.cells import clip_middle, fit

_LEAST = 8
"""Cells of a name that are left whole where only its differing part is shown."""


def clip_name(name: str, width: int) -> str:
    """A name in at most ``width`` cells.

    The model's own name counts more than its schema, and the schema more than its catalog; of what
    has to be cut both ends stay, as names of one project begin and end alike.
    """
    if cell_len(name) <= width:
        return name
    before, _, own = name.rpartition(".")
    schema = before.rpartition(".")[2]
    if schema and schema != before and cell_len(schema) + cell_len(own) + 2 <= width:
        return f"{ELLIPSIS}{schema}.{own}"
    room = width - cell_len(own) - 1
    if schema and room >= 2:
        return f"{clip_middle(schema, room, tail=0)}.{own}"
    if before and cell_len(own) < width:
        return f"{ELLIPSIS}{own}"
    return clip_middle(own, width)


@lru_cache(maxsize=4096)
def fit_name(name: str, width: int) -> str:
    """A name in exactly ``width`` cells."""
    return fit(clip_name(name, width), width)


def clip_names(names: Iterable[str], width: int) -> Mapping[str, str]:
    """The names that do not fit, each with what stands for it in at most ``width`` cells.

    Names that would look alike begin with what tells them apart.
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        if cell_len(name) > width:
            alike[clip_name(name, width)].append(name)
    cut: dict[str, str] = {}
    for short, of in alike.items():
        at = _differing(of) if len(of) > 1 and width > _LEAST else 0
        for name in of:
            cut[name] = ELLIPSIS + clip_middle(name[at:], width - 1) if at else short
    return cut


def _differing(names: list[str]) -> int:
    """Where names begin to differ, at the start of the word that does."""
    start = 0
    for at, letters in enumerate(zip(min(names), max(names), strict=False)):
        if len(set(letters)) > 1:
            break
        if letters[0] in "._":
            start = at + 1
    return start
