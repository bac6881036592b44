"""Which events are lines of a run's log, and what they say there."""

from __future__ import annotations

from plan_tui.contract import events as ev


def line_of(event: ev.Event) -> tuple[str, str] | None:
    """The level and the text of an event's line; None where it has none."""
    match event:
        case ev.Logged():
            return event.level, event.text
        case ev.Warned():
            return "warning", event.message
        case ev.ErrorReported():
            return "error", f"{event.problem.title} {event.problem.message}".strip()
        case _:
            return None
