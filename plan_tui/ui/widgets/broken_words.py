"""What the change list says of a model that does not parse or render; pure."""

from __future__ import annotations

from plan_tui.contract.dangers import Danger
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.glyphs import ARROW


def place_of(danger: Danger) -> str:
    """``models/orders.sql:3:6``, as far as it is known."""
    parts = [danger.path, danger.line, danger.column if danger.line else None]
    return clean(":".join(str(part) for part in parts if part))


def whole_text(danger: Danger, *, saved: bool = False) -> str:
    """What is wrong, what to do, and SQLMesh's own words.

    Args:
        danger: What is said of the model.
        saved: Whether it stands in a saved plan, in which the form has nothing to set.
    """
    hint = danger.hint if saved else in_the_app(danger.hint)
    parts = [danger.message, f"{ARROW} {hint}" if hint else ""]
    return "\n\n".join(part for part in (*parts, "\n".join(danger.details)) if part)
