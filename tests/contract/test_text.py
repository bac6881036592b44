from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_tui.contract.text import clean, clean_json


@pytest.mark.parametrize("text", ["", "shop.orders", "größe ✓ 数 ▌", "[bold]x[/]", "a  b"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("a\x07b", "a<U+0007>b"),
        ("\x9b2J", "<U+009B>2J"),
        ("user\u202etxt.exe", "user<U+202E>txt.exe"),
        ("or\u200bders", "or<U+200B>ders"),
        ("a\tb", "a    b"),
        ("\udc80", "<U+DC80>"),
        ("one\ntwo", "one<U+000A>two"),
    ],
)
def test_what_a_terminal_obeys_or_hides_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("a\r\nb\nc", "a\nb\nc"), ("a\rb", "a<U+000D>b")])
def test_line_ends_are_kept_on_request(text: str, shown: str) -> None:
    assert clean(text, keep_newlines=True) == shown


@given(st.text())
def test_no_control_or_format_character_is_left(text: str) -> None:
    left = {unicodedata.category(character) for character in clean(text)}
    assert not left & {"Cc", "Cs", "Zl", "Zp"}
    assert "\x1b" not in clean(text, keep_newlines=True)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.dictionaries(st.text(), st.text()), st.sampled_from([None, 1]))
def test_a_json_document_means_the_same_and_gives_no_orders(
    content: dict[str, str], indent: int | None
) -> None:
    document = json.dumps(content, ensure_ascii=False, indent=indent)
    harmless = clean_json(document)
    assert json.loads(harmless) == content
    assert clean(harmless, keep_newlines=True) == harmless


@pytest.mark.parametrize("character", ["\u034f", "\u3164", "\ufe01", "\U000e0101"])
def test_what_is_drawn_as_nothing_is_shown(character: str) -> None:
    assert clean(f"a{character}b") == f"a<U+{ord(character):04X}>b"


def test_a_sign_in_its_picture_form_stays() -> None:
    assert clean("\u26a0\ufe0f") == "\u26a0\ufe0f"
