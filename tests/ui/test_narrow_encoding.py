"""Where the terminal's encoding lacks a sign, one of the same width stands there."""

from __future__ import annotations

import io

import pytest

from plan_tui.ui import glyphs
from plan_tui.ui.narrow_encoding import draw_plainly

DRAWN = "\u256d\u2500 Changes \u2500\u256e \u2502 s\u03bfuth \u6771 \u2026 \u25b8 \U0001f600"


def drawn(text: str, encoding: str) -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding, errors="backslashreplace", write_through=True)
    draw_plainly(stream)
    stream.write(text)
    return raw.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1"])
def test_signs_keep_their_width(encoding: str) -> None:
    assert drawn(DRAWN, encoding) == b"+- Changes -+ | s?uth ?? ~ > ??"


def test_utf_8_is_left_alone() -> None:
    assert drawn(DRAWN, "utf-8") == DRAWN.encode()


def test_signs_with_a_meaning_are_told_apart() -> None:
    signs = (glyphs.DONE, glyphs.FAILED, glyphs.RUNNING, glyphs.STOPPED, glyphs.CURSOR)
    plain = [drawn(sign, "ascii") for sign in signs]
    assert len({*plain, b"?"}) == len(signs) + 1
