"""Whether a plan may be revised as asked, before anything is rebuilt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import AllowRequest, Category, Names
from plan_tui.engine.locked import refuse_locked
from plan_tui.engine.mapping import category_of
from plan_tui.engine.names import BadNameError, UnknownModelError
from plan_tui.engine.planner import allow, effective_choices, finder_of
from plan_tui.engine.refused import Refused, no_plan
from plan_tui.engine.selecting import Selectors

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.planner import BuiltPlan


def check_choices(backend: Backend, categories: Mapping[str, Category]) -> dict[str, Category]:
    """The choices by snapshot name.

    Raises:
        Refused: A model does not exist, or SQLMesh lets nobody choose for it.
    """
    built = backend.built
    assert built is not None
    try:
        found = finder_of(backend.project.context, built.plan).find_all(categories)
    except UnknownModelError as error:
        raise Refused(error.problem, 422) from error
    usable, impossible = effective_choices(built.view, found)
    # A category that a model has anyway is no wish: the same command works again after an apply.
    refused = [name for name in impossible if _present(built, name) != str(found[name])]
    if refused:
        names = built.view.view_names()
        listed = ", ".join(names.get(name, name) for name in refused[:5])
        raise Refused(
            Problem(
                code=ProblemCode.BAD_REQUEST,
                title=f"There is no category to choose for {listed}.",
                message=" ".join(dict.fromkeys(_why_none(built, name) for name in refused)),
                hint="Leave it out.",
            ),
            422,
        )
    return usable


def _present(built: BuiltPlan, name: str) -> str | None:
    """The category that a model of the plan has, or had when it was applied."""
    snapshot = built.view.plan.context_diff.snapshots_by_name.get(name)
    return None if snapshot is None else category_of(snapshot)


def _why_none(built: BuiltPlan, name: str) -> str:
    """Why nobody can choose the category of a model."""
    diff = built.view.plan.context_diff
    shown = built.view.view_names().get(name, name)
    if diff.directly_modified(name) or any(each.name == name for each in diff.added):
        return (
            built.facts.categories_locked
            or "Only added and directly changed models whose version is new have a choice."
        )
    if diff.indirectly_modified(name):
        return f"{shown} is changed only indirectly: its category follows from its parents."
    if diff.metadata_updated(name):
        return f"Only metadata of {shown} is changed, which has a category of its own."
    if name not in diff.snapshots_by_name:
        return f"{shown} is removed."
    return f"This plan doesn't change {shown}."


def make_choices(backend: Backend, wanted: dict[str, Category]) -> None:
    """Changes categories of the plan under review, in the worker's thread.

    Args:
        backend: The project with its plan.
        wanted: The choices of all who asked, which are taken out; they are back in it where none
            is made, for the next try.

    Raises:
        Refused: Another process holds the state's file.
    """
    choices: dict[str, Category] = {}
    while wanted:
        name, category = wanted.popitem()
        choices[name] = category
    if not choices:
        return
    try:
        refuse_locked(backend)
        backend.choose(choices)
    except Refused:
        for name, category in choices.items():
            wanted.setdefault(name, category)
        raise
    finally:
        backend.project.release()


def allow_changes(backend: Backend, wanted: AllowRequest) -> None:
    """Sets which models may change their tables; a list that is not given stays.

    Raises:
        Refused: There is no plan any more, a model does not exist, or another process holds the
            state's file.
    """
    built = backend.built
    if built is None:
        raise Refused(no_plan(), 404)
    finder = finder_of(backend.project.context, built.plan)
    read = Selectors(backend.project.context, finder)
    options = built.request.options

    def selectors(asked: Names | None, before: Names) -> Names:
        return before if asked is None else read.named(asked) or ()

    try:
        destructive = selectors(wanted.allow_destructive_models, options.allow_destructive_models)
        additive = selectors(wanted.allow_additive_models, options.allow_additive_models)
    except BadNameError as error:
        raise Refused(error.problem, 422) from error
    try:
        refuse_locked(backend)
        context = backend.project.context
        backend.revise(lambda plan: allow(context, plan, destructive, additive))
    finally:
        backend.project.release()
