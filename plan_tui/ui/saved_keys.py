"""The commands that can do nothing in a saved plan: footer, help and palette leave them out."""

from __future__ import annotations

from plan_tui.contract.state import EngineState

_NO_ENGINE = "This is a saved plan, opened to be read: it has no engine, and nothing runs here."
_NO_WAREHOUSE = "This is a saved plan: it has no warehouse to compare data in."
_USELESS: dict[str, str] = {
    # It stays as it was, so that nothing can be chosen, allowed, built again or applied: the
    # screens say so themselves.
    "review.breaking": "",
    "review.non_breaking": "",
    "review.all_breaking": "",
    "review.all_non_breaking": "",
    "review.next_open": "",
    "review.unmark": "",
    "review.refresh": "",
    "review.cancel": "",
    "review.apply": "",
    "dangers.allow": "",
    "dangers.apply": "",
    "review.data_diff": _NO_WAREHOUSE,
    "go.setup": _NO_ENGINE,
    "go.run": _NO_ENGINE,
    "go.history": _NO_ENGINE,
}
"""Why, by the id of the command; empty where its screen has the words."""


def is_useless(command_id: str, state: EngineState) -> bool:
    """Whether a command can never do its work here, however the plan is looked at."""
    return state.info is not None and state.info.saved is not None and command_id in _USELESS


def why_useless(command_id: str, state: EngineState) -> str | None:
    """Why a key does nothing here; None where it does something, or its screen has the words."""
    return (_USELESS[command_id] or None) if is_useless(command_id, state) else None
