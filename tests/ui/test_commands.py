"""The table of commands: keys that arrive everywhere, and none used twice."""

from __future__ import annotations

import pytest

from plan_tui.ui import commands_history, commands_review, commands_run, commands_setup
from plan_tui.ui.commands import Command, bindings, footer_commands
from plan_tui.ui.screens import help as help_screen
from plan_tui.ui.screens import leave, problem

TABLES = {
    "setup": commands_setup.COMMANDS,
    "review": commands_review.COMMANDS,
    "run": commands_run.COMMANDS,
    "history": commands_history.COMMANDS,
    "recorded run": commands_history.RUN_COMMANDS,
    "problem": problem.COMMANDS,
    "leave": leave.COMMANDS,
    "help": (help_screen.CLOSE,),
}
FORBIDDEN = {f"ctrl+{letter}" for letter in "abhiqsz"} | {"ctrl+enter", "shift+enter", "alt+enter"}


@pytest.mark.parametrize("place", TABLES)
def test_keys_arrive_everywhere_and_are_unique(place: str) -> None:
    seen: dict[str, Command] = {}
    for command in TABLES[place]:
        for key in command.keys:
            assert key not in FORBIDDEN
            other = seen.get(key)
            # While one types or is asked, a key may have another meaning for the time.
            assert other is None or other.priority != command.priority, (key, command.id)
            seen[key] = command


@pytest.mark.parametrize("place", TABLES)
def test_every_command_has_words_and_an_id_of_its_own(place: str) -> None:
    ids = [command.id for command in TABLES[place]]
    assert len(ids) == len(set(ids))
    for command in TABLES[place]:
        assert command.label
        assert command.help.endswith(".")
        assert command.group


@pytest.mark.parametrize("place", TABLES)
def test_the_footer_has_at_most_eight_keys(place: str) -> None:
    assert len(footer_commands(TABLES[place])) <= 8


def test_bindings_carry_id_and_tooltip() -> None:
    made = bindings(commands_setup.COMMANDS)
    assert {binding.id for binding in made} == {each.id for each in commands_setup.COMMANDS}
    assert all(binding.tooltip for binding in made)
