"""What the engine makes of typed dates and selectors, and the notes that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plan_tui.contract.lookup import DateReading, SelectionReading
from plan_tui.contract.options import OPTION_BY_FIELD, OPTIONS, Option
from plan_tui.contract.text import clean
from plan_tui.ui.draft import Draft, Value
from plan_tui.ui.formatting import count, date, instant_utc, relative_day
from plan_tui.ui.glyphs import WARNING
from plan_tui.ui.selectors import split_names
from plan_tui.ui.widgets.options_form import Note

SHOWN_NAMES = 4
"""Names of matched models that fit the two lines below the options."""

DateKey = tuple[str, str | None]
"""A date's text with the execution time that it is relative to."""


class Readings:
    """Answers that were given already; the same question is asked once."""

    def __init__(self) -> None:
        self.dates: dict[DateKey, DateReading] = {}
        self.selections: dict[tuple[str, ...], SelectionReading] = {}

    def forget_selections(self) -> None:
        """After the project was loaded anew, selectors may match other models."""
        self.selections.clear()

    def date_key(self, draft: Draft, option: Option) -> DateKey | None:
        """What to ask for a date option."""
        text = draft.values.get(option.field)
        if option.kind != "date" or not isinstance(text, str):
            return None
        base = draft.values.get("execution_time")
        if option.field == "execution_time" or not isinstance(base, str):
            return text, None
        return text, base

    def unread(self, draft: Draft) -> Iterator[tuple[Option, DateKey | tuple[str, ...]]]:
        """The questions of a draft that have no answer yet."""
        for option in OPTIONS:
            key = self.date_key(draft, option)
            if key is not None and key not in self.dates:
                yield option, key
            names = draft.values.get(option.field)
            if option.kind == "names" and isinstance(names, tuple) and names not in self.selections:
                yield option, names

    def problem(self, draft: Draft) -> tuple[Option, str] | None:
        """The first value that the engine can't read, and why.

        A selection may name models that only the environment has still: a plan tells.
        """
        for option in OPTIONS:
            if option.field == "select_models" and not self._is_unreadable(draft, option):
                continue
            note = self.note(draft, option, 0)
            if note is not None and note.bad:
                return option, note.text
        return None

    def _is_unreadable(self, draft: Draft, option: Option) -> bool:
        names = draft.values.get(option.field)
        reading = self.selections.get(names) if isinstance(names, tuple) else None
        return reading is not None and reading.unreadable

    def notes(self, draft: Draft, environments: Mapping[str, object], now: int) -> dict[str, Note]:
        """The notes beside the values of a draft."""
        notes: dict[str, Note] = {}
        for option in OPTIONS:
            note = self.note(draft, option, now)
            if note is not None:
                notes[option.field] = note
        if "create_from" in draft.values and draft.environment in environments:
            notes["create_from"] = Note(f"{clean(draft.environment)} exists: has no effect")
        return notes

    def note(self, draft: Draft, option: Option, now: int) -> Note | None:
        """The note beside one value, or None where there is nothing to say."""
        key = self.date_key(draft, option)
        if key is not None:
            if words := self._order_words(draft, option):
                return Note(f"{WARNING} {words}", bad=True)
            return date_note(self.dates.get(key), now, is_end=option.field == "end")
        names = draft.values.get(option.field)
        if option.kind == "names" and isinstance(names, tuple):
            return selection_note(self.selections.get(names))
        return None

    def _order_words(self, draft: Draft, option: Option) -> str | None:
        """Why a start and an end do not go together, told at both of them."""
        if option.field not in ("start", "end"):
            return None
        start, end = (self._moment(draft, field) for field in ("start", "end"))
        if start is None or end is None or start <= end:
            return None
        if option.field == "end":
            return f"lies before the start, {instant_utc(start)}"
        return f"lies after the end, {instant_utc(end)}"

    def _moment(self, draft: Draft, field: str) -> int | None:
        key = self.date_key(draft, OPTION_BY_FIELD[field])
        reading = self.dates.get(key) if key is not None else None
        return reading.at if reading is not None else None


def selected_words(reading: SelectionReading | None) -> str:
    """Which models selectors match, as many as there is room for."""
    if reading is None or not reading.names:
        return ""
    shown = [clean(name) for name in reading.names[:SHOWN_NAMES]]
    more = len(reading.names) - len(shown)
    return ", ".join(shown) + (f" … {more:,} more" if more else "")


def date_note(reading: DateReading | None, now: int, *, is_end: bool = False) -> Note:
    """``2026-11-18 00:00 UTC, 7 days ago``, or why it is no date.

    An end says what it takes in: ``2026-11-18, whole day UTC``, or what lies before a moment.
    """
    if reading is None:
        return Note("reading…")
    if reading.at is None:
        return Note(f"{WARNING} {clean(reading.problem) or 'not a date'}", bad=True)
    when = instant_utc(reading.at)
    if is_end and reading.whole_day:
        when = f"{date(reading.at)}, whole day UTC"
    elif is_end:
        when = f"before {when}"
    return Note(f"{when}, {relative_day(reading.at, now)}")


def selection_note(reading: SelectionReading | None) -> Note:
    """``5 models``, or why the selectors match none."""
    if reading is None:
        return Note("matching…")
    if reading.problem:
        return Note(f"{WARNING} {clean(reading.problem)}", bad=True)
    if not reading.names:
        return Note(f"{WARNING} no model matches", bad=True)
    return Note(count(len(reading.names), "model"))


def parsed(option: Option, text: str) -> tuple[Value | None, str | None]:
    """The value of a text that was typed for an option, or what is wrong with it."""
    text = text.strip()
    if not text:
        return None, None
    if option.kind == "names":
        return split_names(text), None
    if option.kind == "count":
        if text.isdecimal():
            return int(text), None
        return None, f"{OPTION_BY_FIELD[option.field].label} takes a whole number from 0 on."
    return text, None
