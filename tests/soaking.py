"""How many trials a test makes: few each time, many with ``make soak``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TypeVar

import pytest

Trial = TypeVar("Trial")

SOAKING = bool(os.environ.get("PLAN_TUI_SOAK"))

long = pytest.mark.skipif(not SOAKING, reason="a long trial: make soak")
"""Marks what runs with ``make soak`` only."""


def trials(few: Iterable[int], many: Iterable[int]) -> tuple[int, ...]:
    """The seeds to try."""
    return tuple(many if SOAKING else few)


def sampled(every: Iterable[Trial]) -> Sequence[Trial]:
    """Every third one, which of neighbours that are much alike leaves one; all when soaking."""
    return tuple(every) if SOAKING else tuple(every)[::3]
