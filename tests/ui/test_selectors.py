"""Selectors are split as they are typed, and completed where they end."""

from __future__ import annotations

import pytest

from plan_tui.ui.selectors import complete, join_names, split_names

WORDS = ("shop.orders", "shop.order_items", "finance.orders_daily", "tag:core", "tag:finance")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        (" , ", ()),
        ("a b,c", ("a", "b", "c")),
        ("+a+, tag:x", ("+a+", "tag:x")),
        ("tag:x & +a, b", ("tag:x & +a", "b")),
        ("(a | b)", ("(a | b)",)),
    ],
)
def test_split(text: str, names: tuple[str, ...]) -> None:
    assert split_names(text) == names
    assert split_names(join_names(names)) == names


def texts(typed: str) -> list[str]:
    return [completion.text for completion in complete(typed, WORDS)]


def test_names_that_start_so_come_first() -> None:
    assert texts("ord") == ["finance.orders_daily", "shop.order_items", "shop.orders"]
    assert texts("shop") == ["shop.order_items", "shop.orders"]


def test_operators_and_earlier_names_stay() -> None:
    assert texts("a, +shop.orders_") == []
    assert texts("a, +shop.orde") == ["a, +shop.order_items", "a, +shop.orders"]
    assert texts("tag:c") == ["tag:core"]
    assert texts("^tag:f") == ["^tag:finance"]


def test_a_whole_name_completes_to_nothing() -> None:
    assert texts("tag:core") == []
