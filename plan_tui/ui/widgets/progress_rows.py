"""The rows of a run: their order, and what each says in words; all of it pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from plan_tui.contract.base import Interval
from plan_tui.contract.state import ModelProgress, ModelStatus, RunningBatch
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import (
    DAY,
    about,
    count,
    date,
    duration,
    interval,
    is_whole_days,
    whole_days,
)
from plan_tui.ui.glyphs import DONE, FAILED, RUNNING, SEPARATOR, SKIPPED, STOPPED, WAITING

EIGHTHS = " ▏▎▍▌▋▊▉"
FULL = "█"

GLYPHS: dict[ModelStatus, str] = {
    ModelStatus.WAITING: WAITING,
    ModelStatus.RUNNING: RUNNING,
    ModelStatus.DONE: DONE,
    ModelStatus.FAILED: FAILED,
    ModelStatus.SKIPPED: SKIPPED,
    ModelStatus.STOPPED: STOPPED,
}

FAILED_GROUP, WORKING_GROUP, STOPPED_GROUP, WAITING_GROUP, SKIPPED_GROUP, DONE_GROUP = range(6)


def group_of(model: ModelProgress) -> int:
    """Where a model stands in the list: failures first, then what is at work, done last.

    A model between two of its batches still counts as at work, so that it keeps its place.
    """
    match model.status:
        case ModelStatus.FAILED:
            return FAILED_GROUP
        case ModelStatus.STOPPED:
            return STOPPED_GROUP
        case ModelStatus.SKIPPED:
            return SKIPPED_GROUP
        case ModelStatus.DONE:
            return DONE_GROUP
        case _:
            at_work = model.status is ModelStatus.RUNNING or model.done > 0
            return WORKING_GROUP if at_work else WAITING_GROUP


@dataclass(frozen=True)
class _Place:
    group: int
    stamp: int


class RowOrder:
    """Keeps rows in groups; inside a group a row stays where it came in.

    Whoever comes to a group stands at its end, except among the done: there the newest is first,
    so that nothing moves but the rows between the old place and the new one.
    """

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._stamp = 0

    def clear(self) -> None:
        """Forgets all rows, for another run."""
        self._places.clear()

    def take(self, models: Iterable[ModelProgress]) -> bool:
        """Notes where these models stand now; True where any of them has to move."""
        moved = False
        for model in models:
            group, place = group_of(model), self._places.get(model.name)
            if place is None or place.group != group:
                self._stamp += 1
                self._places[model.name] = _Place(group, self._stamp)
                moved = True
        return moved

    def rows(self) -> list[str]:
        """All names from top to bottom."""
        return sorted(self._places, key=self._sort_key)

    def failed(self) -> list[str]:
        """The names of the failed models, in the order in which they failed."""
        return [name for name in self.rows() if self._places[name].group == FAILED_GROUP]

    def _sort_key(self, name: str) -> tuple[int, int]:
        place = self._places[name]
        return place.group, -place.stamp if place.group == DONE_GROUP else place.stamp


def bar(done: int, total: int, width: int) -> str:
    """A bar of fixed width in eighths of a cell; it is full only when all is done."""
    if total <= 0 or width <= 0:
        return " " * max(0, width)
    eighths = min(width * 8, done * width * 8 // total)
    if done > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return (FULL * full + (EIGHTHS[rest] if rest else "")).ljust(width)


def batch_age(batch: RunningBatch, now: int) -> int:
    """Since when a batch runs, in milliseconds."""
    return max(0, now - batch.since)


def elapsed(model: ModelProgress, now: int) -> int:
    """The time spent on a model: its finished batches and those at work."""
    return model.elapsed + sum(batch_age(batch, now) for batch in model.running)


def spent_words(millis: int) -> str:
    """How long something took that is over: ``372ms``, ``3.9s``, ``1m42s``."""
    return f"{max(0, millis)}ms" if millis < 1_000 else duration(millis)


def oldest_batch(model: ModelProgress) -> RunningBatch | None:
    """The batch that has been at work longest."""
    return min(model.running, key=lambda batch: batch.since, default=None)


def names_in_words(names: Sequence[str], most: int = 1) -> str:
    """``orders``, ``orders and 2 more``."""
    shown = ", ".join(clean(name) for name in names[:most])
    left = len(names) - most
    return f"{shown} and {left:,} more" if left > 0 else shown


def joined(words: Sequence[str], width: int) -> str:
    """``18/55 batches · 1 failed``: the first of them, as many as fit."""
    text = ""
    for word in words:
        longer = f"{text} {SEPARATOR} {word}" if text else word
        if text and cell_len(longer) > width:
            break
        text = longer
    return text


def note(model: ModelProgress, width: int = 200) -> str:
    """What a model is at, waits for, or came to, in as many words as fit."""
    match model.status:
        case ModelStatus.RUNNING:
            return _running_note(model, width)
        case ModelStatus.WAITING:
            return f"waits for {names_in_words(model.waits_for)}" if model.waits_for else "ready"
        case ModelStatus.DONE:
            return _done_note(model, width)
        case ModelStatus.FAILED:
            return failure_line(model)
        case ModelStatus.SKIPPED:
            because = model.skipped_because
            return f"skipped: {clean(because)} failed" if because else "skipped"
        case ModelStatus.STOPPED:
            return f"stopped, {count(model.total - model.done, 'batch', 'batches')} left"


def _running_note(model: ModelProgress, width: int) -> str:
    batch = oldest_batch(model)
    if batch is None:
        return "ready for its next batch"
    more = len(model.running) - 1
    also = f" +{more:,}" if more else ""
    return fitting_interval(batch.interval, width - len(also)) + also


def fitting_interval(value: Interval, width: int) -> str:
    """An interval in so many cells where that is possible; years give way first.

    The end's year goes without saying where the interval is shorter than a year.
    """
    text = interval(value)
    if len(text) <= width:
        return text
    if not is_whole_days(value):
        return text[5:]
    first, last = date(value[0]), date(value[1] - DAY)
    return f"{first} .. {last[5:]}" if whole_days(value) < 365 else f"{first[2:]} .. {last[2:]}"


def _done_note(model: ModelProgress, width: int) -> str:
    parts = []
    if model.rows is not None:
        parts.append(count(model.rows, "row"))
    if model.audits_passed:
        parts.append(f"{count(model.audits_passed, 'audit')} passed")
    return joined(parts, width)


def failure_line(model: ModelProgress) -> str:
    """A failed model's reason, in the first line of the warehouse's words."""
    failure = model.failure
    if failure is None:
        return "failed"
    words = failure.message or failure.title
    return clean(next((line for line in words.splitlines() if line.strip()), "failed").strip())


def left_words(remaining: int | None) -> str:
    """``~20 s``, or nothing where it can't be told yet."""
    return "" if remaining is None else f"~{about(remaining)}"


def counts_of(models: Mapping[str, ModelProgress]) -> dict[ModelStatus, int]:
    """How many models are how far."""
    counts = dict.fromkeys(ModelStatus, 0)
    for model in models.values():
        counts[model.status] += 1
    return counts


def batches_of(models: Mapping[str, ModelProgress]) -> tuple[int, int]:
    """Batches done and batches in all."""
    done = sum(model.done for model in models.values())
    return done, sum(model.total for model in models.values())
