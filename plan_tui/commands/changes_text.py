"""The changes of a plan as text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import click

from plan_tui.contract.changes import AddedChange, DirectChange, NodeRef
from plan_tui.contract.impact import ReachCount
from plan_tui.contract.plan import Category
from plan_tui.contract.stages import ChangesStage
from plan_tui.contract.text import clean
from plan_tui.contract.words import reach_words

T = TypeVar("T")

CATEGORY_COLORS = {"BREAKING": "red", "NON_BREAKING": "green"}

Names = Mapping[str, str]
"""Display names by snapshot name."""


def change_lines(
    changes: ChangesStage, reach: Mapping[str, ReachCount] | None = None
) -> Iterator[str]:
    """The lines of all changes, each with all that is known of it.

    Args:
        changes: The changes of a plan.
        reach: How many models read what changed, by model, where that is known.
    """
    reach = reach or {}
    names = _display_names(changes)
    modified = changes.modified
    before: list[str] = ["", click.style("Changes", bold=True)]
    yield from before
    yield from _section("Directly modified", modified.direct, lambda c: _direct(c, names, reach))
    yield from _section("Added", changes.added, _added)
    yield from _section("Removed", changes.removed, lambda c: [_title(c)])
    yield from _section(
        "Indirectly modified",
        modified.indirect,
        lambda c: [
            f"{_title(c, c.kind)} {_chip(c.change_category, choices=())}",
            *_listed("because of", c.parents, names),
        ],
    )
    yield from _section(
        "Metadata only", modified.metadata, lambda c: [_title(c, c.kind), *diff_lines(c.diff)]
    )
    yield from _text_diff("Python requirements", changes.requirements)
    yield from _text_diff("Environment statements", changes.environment_statements)
    if not names and not changes.requirements and not changes.environment_statements:
        yield "  none"


def diff_lines(diff: str | None) -> Iterator[str]:
    """A text diff, its lines coloured.

    SQLMesh names no files and ends the lines of a diff's frame twice: neither is shown. A blank
    line of the definition itself begins with a space.
    """
    for line in clean(diff or "", keep_newlines=True).splitlines():
        if not line or line.rstrip() in ("---", "+++"):
            continue
        if line.startswith("+"):
            yield click.style(f"  {line}", fg="green")
        elif line.startswith("-"):
            yield click.style(f"  {line}", fg="red")
        elif line.startswith("@@"):
            yield click.style(f"  {line}", fg="cyan")
        else:
            yield f"  {line}"


def _section(
    title: str, changes: Sequence[T], lines: Callable[[T], Iterable[str]]
) -> Iterator[str]:
    if not changes:
        return
    yield f"  {title} ({len(changes):,})"
    for change in changes:
        yield from (f"    {line}" for line in lines(change))


def _direct(change: DirectChange, names: Names, reach: Mapping[str, ReachCount]) -> Iterator[str]:
    yield f"{_title(change, change.kind)} {_chip(change.change_category, change.choices)}"
    if (counts := reach.get(change.name)) is not None and counts.reached:
        yield f"  {reach_words(counts.reading, counts.reached)}"
    yield from _listed("below changed", change.parents, names)
    yield from _listed("affects directly changed", change.direct, names)
    yield from _listed("affects indirectly changed", change.indirect, names)
    yield from diff_lines(change.diff)


def _added(change: AddedChange) -> list[str]:
    return [f"{_title(change, change.kind)} {_chip(change.change_category, change.choices)}"]


def _title(change: NodeRef, kind: str | None = None) -> str:
    name = click.style(clean(change.view_name), bold=True)
    what = kind if change.node_type == "model" else change.node_type
    return f"{name} [{clean(what)}]" if what else name


def _chip(category: str | None, choices: tuple[Category, ...]) -> str:
    if category is None:
        # Without choices SQLMesh has no category to give: nothing is left open.
        return click.style("not categorized", fg="yellow", bold=True) if choices else ""
    return click.style(clean(category), fg=CATEGORY_COLORS.get(category, "blue"))


def _listed(what: str, found: tuple[str, ...], names: Names) -> list[str]:
    if not found:
        return []
    shown = ", ".join(clean(names.get(name, name)) for name in found)
    return [f"  {what} ({len(found):,}): {shown}"]


def _text_diff(title: str, diff: str | None) -> Iterator[str]:
    if diff:
        yield f"  {title}"
        yield from (f"  {line}" for line in diff_lines(diff))


def _display_names(changes: ChangesStage) -> Names:
    modified = changes.modified
    listed: tuple[NodeRef, ...] = (
        *changes.added,
        *changes.removed,
        *modified.direct,
        *modified.indirect,
        *modified.metadata,
    )
    return {change.name: change.view_name for change in listed}
