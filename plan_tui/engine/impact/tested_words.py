"""A unit test in words: its tables, and what differs between two versions of it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange, UnitTestTable
from plan_tui.engine.impact.told import change

TABLES = ("inputs", "outputs")
MOST_MATCHED = 200
"""Rows, past those that are equal at the beginning, that are looked for elsewhere too."""


def tables_of(body: Any) -> tuple[UnitTestTable, ...]:
    """The tables of a test: what it gives and what it expects."""
    return tuple(
        UnitTestTable(name=name, rows=tuple(map(_row, rows)))
        for name, rows in _tables(body).items()
    )


def changes_of(name: str, before: Any, after: Any) -> Iterator[SemanticChange]:
    """What was done to a test.

    Args:
        name: The test's name.
        before: What it held; None where it is new.
        after: What it holds; None where it is gone.
    """
    if before is None:
        yield change(Kind.TEST_ADDED, name)
        return
    if after is None:
        yield change(Kind.TEST_REMOVED, name, _whole(before))
        return
    old, new = _tables(before), _tables(after)
    for table in dict.fromkeys([*old, *new]):
        yield from _of_rows(name, table, old.get(table, []), new.get(table, []))
    was, now = dict(_settings(before)), dict(_settings(after))
    for setting in dict.fromkeys([*was, *now]):
        if was.get(setting) != now.get(setting):
            yield _changed(name, setting, was.get(setting), now.get(setting))


def _of_rows(
    name: str, table: str, before: list[Any], after: list[Any]
) -> Iterator[SemanticChange]:
    was, now = ([*map(_row, rows)] for rows in (before, after))
    for what, i, to_i, j, to_j in _matched(was, now):
        if what == "equal":
            continue
        pairs = min(to_i - i, to_j - j)
        for number in range(pairs):
            yield from _of_row(name, table, j + number + 1, before[i + number], after[j + number])
        for text in was[i + pairs : to_i]:
            yield _changed(name, f"row gone from {table}", text, None)
        for text in now[j + pairs : to_j]:
            yield _changed(name, f"new row of {table}", None, text)


def _matched(before: list[str], after: list[str]) -> list[tuple[str, int, int, int, int]]:
    """How rows become others, as ``SequenceMatcher`` says it; very many are paired in order.

    It takes cubic time for rows that are alike, which a generated test may have by the thousand.
    """
    pairs = zip(before, after, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if max(len(before), len(after)) - same > MOST_MATCHED:
        return [("replace", same, len(before), same, len(after))]
    rest = SequenceMatcher(None, before[same:], after[same:], autojunk=False).get_opcodes()
    return [(what, i + same, k + same, j + same, m + same) for what, i, k, j, m in rest]


def _of_row(
    name: str, table: str, number: int, before: Any, after: Any
) -> Iterator[SemanticChange]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        yield _changed(name, table, _row(before), _row(after))
        return
    for column in dict.fromkeys([*before, *after]):
        sides = (_value(row[column]) if column in row else None for row in (before, after))
        was, now = sides
        if was != now:
            yield _changed(name, f"row {number} of {table}: {column}", was, now)


def _changed(test: str, subject: str, before: str | None, after: str | None) -> SemanticChange:
    return change(Kind.TEST_CHANGED, subject, before, after, place=test)


def _tables(body: Any) -> dict[str, list[Any]]:
    """Rows by the words for their table; what is no list of rows is one of text."""
    if not isinstance(body, Mapping):
        return {}
    found: dict[str, list[Any]] = {}
    for model, held in _items(body.get("inputs")):
        found[f"input {model}"] = _rows(held)
    for part, held in _items(body.get("outputs")):
        if part == "query":
            found["expected"] = _rows(held)
        elif part == "ctes":
            for cte, rows in _items(held):
                found[f"expected of {cte}"] = _rows(rows)
    return found


def _items(held: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(held, Mapping):
        yield from ((str(key), value) for key, value in held.items())


def _rows(held: Any) -> list[Any]:
    if isinstance(held, Mapping) and set(held) == {"rows"}:
        held = held["rows"]
    if isinstance(held, Mapping):
        rows = held.get("rows")
        listed = rows if isinstance(rows, list) else []
        rest = {key: value for key, value in held.items() if key != "rows" or not listed}
        return [*listed, *(f"{key}: {_value(value)}" for key, value in rest.items())]
    return list(held) if isinstance(held, list) else [] if held is None else [str(held)]


def _row(row: Any) -> str:
    if isinstance(row, Mapping):
        return ", ".join(f"{column} {_value(value)}" for column, value in row.items())
    return _value(row)


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _settings(body: Any) -> Iterator[tuple[str, str]]:
    """What else a test has: its model, variables, dialect, whether it is partial."""
    for key, value in _items(body):
        if key == "vars":
            yield from ((f"variable {name}", _value(each)) for name, each in _items(value))
        elif key not in TABLES:
            yield key, _value(value)
    for key, value in _items(body.get("outputs") if isinstance(body, Mapping) else None):
        if key not in ("query", "ctes"):
            yield key, _value(value)


def _whole(body: Any) -> str:
    return "\n".join(
        f"{table.name}: {row}" for table in tables_of(body) for row in (table.rows or ("no row",))
    )
