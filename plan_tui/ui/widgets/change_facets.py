"""What a filter may ask of a change beside its name: ``tag:finance cat:breaking seen:no``; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plan_tui.contract.base import Name
from plan_tui.contract.origins import Label, Origin
from plan_tui.contract.text import clean
from plan_tui.ui.widgets.change_chips import Chip
from plan_tui.ui.widgets.change_rows import ChangeRow
from plan_tui.ui.widgets.change_sections import CHANGED

YES_OR_NO = ("yes", "no")


class Side(Name):
    """Whose changes are shown; ``o`` goes round."""

    ALL = "all"
    MINE = "mine"
    DRIFT = "drift"

    def after(self) -> Side:
        """The side that ``o`` goes to."""
        sides = list(Side)
        return sides[(sides.index(self) + 1) % len(sides)]


@dataclass(frozen=True)
class Facets:
    """What is known of the changes beside the plan's document."""

    labels: Mapping[str, Label] | None = None
    """By snapshot name; None until the engine has told them."""
    origins: Mapping[str, Origin] | None = None
    """By snapshot name; None until they were asked for, and where nothing is known of any."""
    seen: frozenset[str] = frozenset()
    """Changes that were looked at, as ``change_id`` names them."""

    def change_id(self, row: ChangeRow) -> str | None:
        """What stays the same as long as a change is the same; None where that is not known."""
        if row.section not in CHANGED:
            return None
        if not row.is_model:
            text = f"{row.key}\n{row.name}\n{row.text}"
            return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:20]
        label = (self.labels or {}).get(row.key)
        return None if label is None else label.change

    def is_seen(self, row: ChangeRow) -> bool:
        """Whether the change was looked at."""
        return self.change_id(row) in self.seen

    def unseen(self, rows: Mapping[str, ChangeRow]) -> list[ChangeRow] | None:
        """The changes that were not looked at yet; None until they can be told apart."""
        if self.labels is None:
            return None
        changed = (row for row in rows.values() if row.section in CHANGED)
        return [row for row in changed if not self.is_seen(row)]

    def is_on(self, side: Side, row: ChangeRow) -> bool:
        """Whether a change belongs to a side; what is not known belongs to none."""
        origin = (self.origins or {}).get(row.key)
        if side is Side.ALL:
            return True
        return origin is not None and origin.mine is (side is Side.MINE)


@dataclass(frozen=True)
class Query:
    """A filter's text, taken apart."""

    words: tuple[str, ...] = ()
    """Parts of a name."""
    facets: tuple[tuple[str, str], ...] = ()
    """Names of facets with what is asked of them; nothing is asked while a value is typed."""
    problem: str = ""
    """What can't be asked, in a sentence."""

    @property
    def needs_origins(self) -> bool:
        """Whether it asks whose a change is."""
        return any(name in ("mine", "drift") for name, _ in self.facets)

    @property
    def follows_seen(self) -> bool:
        """Whether it has to be answered again when a change was looked at."""
        return any(name == "seen" for name, _ in self.facets)


def parsed(text: str) -> Query:
    """Takes a filter's text apart: ``name:value`` is a facet, all else part of a name."""
    words: list[str] = []
    facets: list[tuple[str, str]] = []
    problem = ""
    for word in text.lower().split():
        name, colon, value = word.partition(":")
        if not colon:
            words.append(word)
        elif name not in _TESTS:
            problem = problem or f"There is no {clean(name)}: to ask for; {', '.join(_TESTS)} are."
        elif value and name in _FLAGS and not any(each.startswith(value) for each in YES_OR_NO):
            problem = problem or f"{name}: is yes or no."
        elif value:
            facets.append((name, value))
    return Query(tuple(words), tuple(facets), problem)


def fits(query: Query, row: ChangeRow, facets: Facets) -> bool:
    """Whether a row has what is asked of its facets."""
    return all(_TESTS[name](value, row, facets) for name, value in query.facets)


def why_unanswered(query: Query, facets: Facets) -> str:
    """What is asked for and not known, in a sentence; empty where all is."""
    if facets.labels is None and any(name in ("tag", "owner", "seen") for name, _ in query.facets):
        return "Tags, owners and what was seen are not known yet."
    if facets.origins is None and query.needs_origins:
        return "Whose the changes are is not known."
    return ""


def completion(text: str, facets: Facets, rows: Mapping[str, ChangeRow]) -> str | None:
    """The text with its last word completed, or None where nothing completes it."""
    start, _, word = text.rpartition(" ")
    lead = f"{start} " if start else ""
    name, colon, value = word.partition(":")
    if not word:
        return None
    if not colon:
        found = next((each for each in _TESTS if each.startswith(word.lower())), None)
        return f"{lead}{found}:" if found else None
    values = _values(name.lower(), facets, rows)
    found = next((each for each in values if each.lower().startswith(value.lower())), None)
    return f"{lead}{name}:{found}" if found and value.lower() != found.lower() else None


def _values(name: str, facets: Facets, rows: Mapping[str, ChangeRow]) -> list[str]:
    labels = (facets.labels or {}).values()
    match name:
        case "tag":
            return sorted({clean(tag) for label in labels for tag in label.tags})
        case "owner":
            return sorted({clean(label.owner) for label in labels if label.owner})
        case "kind":
            return sorted({row.kind.lower() for row in rows.values() if row.kind})
        case "cat":
            return sorted({_category(row) for row in rows.values() if _category(row)})
        case _:
            return list(YES_OR_NO) if name in _FLAGS else []


def _category(row: ChangeRow) -> str:
    """A row's chip as one word: ``indirectly-breaking``, ``open``."""
    return "open" if row.chip is Chip.OPEN else row.chip.words.replace(" ", "-")


def _tag(value: str, row: ChangeRow, facets: Facets) -> bool:
    label = (facets.labels or {}).get(row.key)
    return label is not None and any(value in clean(tag).lower() for tag in label.tags)


def _owner(value: str, row: ChangeRow, facets: Facets) -> bool:
    label = (facets.labels or {}).get(row.key)
    return label is not None and value in clean(label.owner or "").lower()


def _kind(value: str, row: ChangeRow, facets: Facets) -> bool:
    return value.replace("-", "_") in row.kind.lower()


def _cat(value: str, row: ChangeRow, facets: Facets) -> bool:
    return _category(row).startswith(value.replace("_", "-"))


def _flag(test: Callable[[ChangeRow, Facets], bool | None]) -> Test:
    """A facet of yes or no; what is not known is neither."""

    def fits_flag(value: str, row: ChangeRow, facets: Facets) -> bool:
        answer = test(row, facets)
        return answer is not None and answer is "yes".startswith(value)

    return fits_flag


def _is_mine(row: ChangeRow, facets: Facets) -> bool | None:
    origin = (facets.origins or {}).get(row.key)
    return None if origin is None else origin.mine


def _is_drift(row: ChangeRow, facets: Facets) -> bool | None:
    mine = _is_mine(row, facets)
    return None if mine is None else not mine


def _is_seen(row: ChangeRow, facets: Facets) -> bool | None:
    return None if facets.change_id(row) is None else facets.is_seen(row)


Test = Callable[[str, ChangeRow, Facets], bool]

_TESTS: dict[str, Test] = {
    "tag": _tag,
    "owner": _owner,
    "kind": _kind,
    "cat": _cat,
    "danger": _flag(lambda row, facets: row.danger is not None),
    "mine": _flag(_is_mine),
    "drift": _flag(_is_drift),
    "seen": _flag(_is_seen),
}
_FLAGS = frozenset({"danger", "mine", "drift", "seen"})
FACETS = tuple(_TESTS)
"""The names that a filter may ask for."""
