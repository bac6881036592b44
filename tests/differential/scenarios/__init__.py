"""All comparisons, by name."""

from __future__ import annotations

from ..scenario import Scenario
from . import changes, histories, options


def _named(scenarios: tuple[Scenario, ...]) -> dict[str, Scenario]:
    named = {scenario.name: scenario for scenario in scenarios}
    assert len(named) == len(scenarios), "two scenarios have the same name"
    return named


PLAIN = _named((*changes.SCENARIOS, *options.SCENARIOS))
"""Edits and options on a project that was deployed once."""

WITH_HISTORY = _named(histories.SCENARIOS)
"""States that a project comes to by more than one plan."""

SCENARIOS = _named((*PLAIN.values(), *WITH_HISTORY.values()))
