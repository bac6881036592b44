"""Escape and the key after it arrive in one piece, and are two keys."""

from __future__ import annotations

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver

from plan_tui.ui.commands_review import COMMANDS
from plan_tui.ui.escape_key import ESC, NO_KEYS, WITH_ALT, EscapeParser, tell_escape_apart


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not gone on with at once is a key of its own."""
    monkeypatch.setattr("textual.constants.ESCAPE_DELAY", 0.0)


def keys_of(parser: XTermParser, sent: str) -> list[str]:
    told = [*parser.feed(sent), *parser.tick(), *parser.tick()]
    return [each.key for each in told if isinstance(each, events.Key)]


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (ESC, ["escape"]),
        (f"{ESC}\r", ["escape", "enter"]),
        (f"{ESC}j", ["escape", "j"]),
        (f"{ESC}D", ["escape", "D"]),
        (f"{ESC}?", ["escape", "question_mark"]),
        (f"{ESC}1", ["escape", "1"]),
        (f"{ESC} ", ["escape", "space"]),
        (f"{ESC}]", ["escape", "right_square_bracket"]),
        (f"{ESC}[", ["escape", "left_square_bracket"]),
        (f"{ESC}\x12", ["escape", "ctrl+r"]),
        (f"{ESC}/pay", ["escape", "slash", "p", "a", "y"]),
        (f"{ESC}{ESC}", ["escape", "escape"]),
        (f"{ESC}{ESC}[A", ["escape", "up"]),
        (f"{ESC}y", ["alt+y"]),
        (f"{ESC}j{ESC}", ["escape", "j", "escape"]),
        (f"{ESC}y{ESC}", ["alt+y", "escape"]),
        (f"{ESC}[{ESC}", ["escape", "left_square_bracket", "escape"]),
        (f"{ESC}O{ESC}", ["escape", "O", "escape"]),
        (f"{ESC}[1{ESC}", ["escape", "left_square_bracket", "1", "escape"]),
        (f"{ESC}[{ESC}[A", ["escape", "left_square_bracket", "up"]),
        (f"{ESC}O{ESC}y{ESC}", ["escape", "O", "alt+y", "escape"]),
        (f"^{ESC}[{ESC}", ["circumflex_accent", "escape", "left_square_bracket", "escape"]),
        (f"{ESC}[A", ["up"]),
        (f"{ESC}[Z", ["shift+tab"]),
        (f"{ESC}OP", ["f1"]),
        (f"{ESC}[15~", ["f5"]),
        ("aq", ["a", "q"]),
    ],
)
def test_escape_is_a_key(sent: str, keys: list[str]) -> None:
    assert keys_of(EscapeParser(), sent) == keys


PASTED = [
    ("\x1b[200~ab\x1b[201~z", ["paste ab", "z"]),
    ("y\x1b[200~a\x1bq\r\x1b[201~z", ["y", "paste aq\r", "z"]),
    ("\x1b[200~\x1b\x1b[201~\x1b[A", ["paste ", "up"]),
    ("\x1b[200~\x1b[20\x1b[A\x1b[201~", ["paste [20[A"]),
    ("\x1b[200~a\x1b[200~b\x1b[201~c\x1b[200~\x1bd\x1b[201~", ["paste a[200~b", "c", "paste d"]),
    ("\x1bj\x1b[200~\x1bOP\x1b[201~\x1b", ["escape", "j", "paste OP", "escape"]),
]
"""What comes in, and what it is."""


@pytest.mark.parametrize(("sent", "told"), PASTED)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_what_is_pasted_presses_no_key(sent: str, told: list[str], size: int) -> None:
    parser = EscapeParser()
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    came = [each for piece in pieces for each in parser.feed(piece)]
    came += [*parser.tick(), *parser.tick()]
    found = []
    for each in came:
        if isinstance(each, events.Key):
            found.append(each.key)
        elif isinstance(each, events.Paste):
            found.append(f"paste {each.text}")
    assert found == told


def test_no_other_sequence_is_read_in_another_way() -> None:
    for sequence in ANSI_SEQUENCES_KEYS:
        if len(sequence) > 2:
            assert keys_of(EscapeParser(), sequence) == keys_of(XTermParser(), sequence), sequence


def test_the_keys_with_alt_are_those_that_are_bound() -> None:
    bound = {key for command in COMMANDS for key in command.keys if key.startswith("alt+")}
    assert bound == {f"alt+{letter}" for letter in WITH_ALT}
    assert not set(WITH_ALT) & set(NO_KEYS)


def test_the_app_is_read_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_driver, "XTermParser", XTermParser)
    tell_escape_apart()
    assert linux_driver.XTermParser is EscapeParser
