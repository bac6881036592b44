"""What a plan says of models that could not be read, and of those that were left out for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.words import count
from plan_tui.engine.broken.summary import summary
from plan_tui.engine.names import plain
from plan_tui.engine.placing import Place, place_of
from plan_tui.engine.problems import reason_of, sentence_of

if TYPE_CHECKING:
    from plan_tui.engine.broken.stand_ins import Broken, Withheld
    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.project import Project

BROKEN = "broken_model"
NOT_PLANNED = "not_planned"
CORRECT = "Correct the file, then build the plan again."
CORRECT_ALL = "Correct the files, then build the plan again."
MOST_LINES = 20
"""Lines of SQLMesh's own words that are kept."""


def broken_dangers(project: Project) -> tuple[Danger, ...]:
    """Every broken file of a loaded project, and every model that is not planned because of one."""
    context, stand_ins = project.context, project.context.stand_ins
    broken = [_broken(project, each) for each in stand_ins.broken]
    withheld = [_withheld(context, each) for each in stand_ins.withheld.values()]
    return (
        *sorted(broken, key=lambda each: (each.path or "", each.line or 0)),
        *sorted(withheld, key=lambda each: each.view_name),
    )


def _broken(project: Project, broken: Broken) -> Danger:
    context, roots, hide = project.context, project.key.paths, project.secrets.hide
    place = place_of(broken.failure.error, roots, broken.failure.path)
    shown = _names(context, broken) or place.path or "A model"
    said = hide(_without(roots, reason_of(sentence_of(broken.failure.error))))
    lines = [line.rstrip() for line in said.split("\n") if line.strip()]
    what = hide(_without(roots, summary(broken.failure.error)))
    known = broken.kept[0] if len(broken.kept) == 1 else None
    return Danger(
        rule=BROKEN,
        model=known,
        severity=Severity.BLOCKS,
        message=f"{shown} is broken: {place_words(place)}: {what}",
        hint=" ".join((CORRECT, *_meanwhile(context, broken))),
        view_name=shown,
        details=tuple(lines[:MOST_LINES]),
        path=place.path,
        line=place.line,
        column=place.column,
    )


def _without(roots: tuple[str, ...], text: str) -> str:
    """A text whose paths start where the project does."""
    for root in roots:
        text = text.replace(f"{root}{os.sep}", "")
    return text


def place_words(place: Place) -> str:
    """``models/orders.sql, line 3, column 6``."""
    parts = [place.path or "its definition"]
    parts += [f"line {place.line}"] if place.line else []
    parts += [f"column {place.column}"] if place.line and place.column else []
    return ", ".join(parts)


def _names(context: EngineContext, broken: Broken) -> str:
    names = [_shown(context, name) for name in broken.kept]
    names += [_shown(context, str(each)) for each in broken.new]
    more = len(names) - 3
    return f"{', '.join(names[:3])}{f' and {more:,} more' if more > 0 else ''}"


def _shown(context: EngineContext, name: str) -> str:
    """A model's name as the project writes it."""
    model = context.models.get(name)
    if model is not None:
        return str(model.name)
    catalog = f"{plain(context.default_catalog)}." if context.default_catalog else ""
    return plain(name).removeprefix(catalog)


def _meanwhile(context: EngineContext, broken: Broken) -> Iterator[str]:
    if broken.kept:
        source = context.stand_ins.sources.get(broken.kept[0])
        yield f"Until then this plan has it as {source} has it, so no change of it is shown."
    if broken.new:
        yield "It is new, so this plan leaves it out."
    if broken.guarded:
        guarded = count(len(broken.guarded), "model")
        yield f"The file does not tell whose it is: nothing of {guarded} is shown as removed."
    if broken.tests:
        yield f"Its unit tests ({broken.tests:,}) did not run."


def _withheld(context: EngineContext, withheld: Withheld) -> Danger:
    shown, because = _shown(context, withheld.name), _shown(context, withheld.because)
    source = context.stand_ins.sources.get(withheld.name)
    meanwhile = f"it stays as {source} has it" if withheld.known else "it is left out"
    why = "is not planned either" if withheld.because in context.stand_ins.withheld else "is broken"
    return Danger(
        rule=NOT_PLANNED,
        model=withheld.name,
        severity=Severity.WARNS,
        message=f"{shown} is not planned: it depends on {because}, which {why}.",
        hint=f"Correct what is broken, then build the plan again: until then {meanwhile}.",
        view_name=shown,
    )


def broken_refusal(dangers: tuple[Danger, ...]) -> Problem | None:
    """Why a plan with broken models can't be applied, or None where there are none."""
    broken = [each for each in dangers if each.rule == BROKEN]
    if not broken:
        return None
    first, more = broken[0], len(broken) - 1
    listed = "\n".join(each.message for each in broken[:3])
    rest = f"\nAnd {len(broken) - 3:,} more." if len(broken) > 3 else ""
    return Problem(
        code=ProblemCode.BROKEN_MODEL,
        title=f"{first.view_name} is broken{f', and {more:,} more' if more else ''}: "
        "a plan without it is not applied.",
        message=f"{listed}{rest}",
        hint=CORRECT_ALL if more else CORRECT,
        path=first.path,
        line=first.line,
        column=first.column,
    )
