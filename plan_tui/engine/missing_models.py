"""Unit tests of models that do not exist: SQLMesh leaves them out with a line in its console."""

from __future__ import annotations

import os
import re

_SAID = re.compile(r"Model '(.+)' was not found(?: at (.+))?", re.DOTALL)


def of_missing_model(text: str) -> str:
    """The same warning in words that say what does not run, and what to do; others as they are.

    Args:
        text: What SQLMesh warns of.
    """
    said = _SAID.fullmatch(text.strip())
    if said is None:
        return text
    name = said.group(1).replace('"', "")
    path = (said.group(2) or "").strip()
    relative = os.path.relpath(path) if path else ""
    where = f" in {path if relative.startswith('..') else relative}" if path else ""
    return (
        f"A unit test{where} is of {name}, a model that does not exist: it does not run. "
        "Correct the model's name there, or remove the test."
    )
