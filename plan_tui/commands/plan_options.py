"""The options of ``sqlmesh plan`` for our commands, made from the contract's one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from plan_tui.contract.exclusions import exclusions
from plan_tui.contract.options import OPTIONS, Option, request_of
from plan_tui.contract.plan import Category, PlanRequest

Command = TypeVar("Command", bound=Callable[..., Any])

ALIASES = {"skip_backfill": ("--dry-run",)}
"""Second names that SQLMesh gives its options."""


def plan_options(command: Command) -> Command:
    """Adds every plan option and ``--category``."""
    command = click.option(
        "--category",
        "categories",
        multiple=True,
        metavar="MODEL=CATEGORY",
        callback=_read_categories,
        help="BREAKING or NON_BREAKING for a changed model; may be given repeatedly.",
    )(command)
    for option in reversed(OPTIONS):
        command = _click_option(option)(command)
    return command


def request_from(
    environment: str | None, categories: dict[str, Category], values: dict[str, Any]
) -> PlanRequest:
    """The request that a command line asks for.

    Raises:
        click.UsageError: Options exclude each other, or a value is not of its kind.
    """
    if environment is not None and not environment.strip():
        raise click.UsageError("The environment has no name.")
    given = {field: value for field, value in values.items() if value not in (None, False, ())}
    try:
        request = request_of(environment, given)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"])
        raise click.UsageError(f"{field}: {wrong['msg']}.") from error
    if categories:
        request = request.model_copy(update={"categories": categories})
    clashes = exclusions(request)
    if clashes:
        raise click.UsageError("\nError: ".join(clash.sentence for clash in clashes))
    return request


def _click_option(option: Option) -> Callable[[Command], Command]:
    names = [name for name in (option.short, option.flag) if name is not None]
    names += [*ALIASES.get(option.field, ()), option.field]
    match option.kind:
        case "flag":
            return click.option(*names, is_flag=True, help=option.help)
        case "names":
            return click.option(*names, multiple=True, metavar="NAME", help=option.help)
        case "count":
            return click.option(*names, type=click.IntRange(min=0), help=option.help)
        case "date":
            return click.option(*names, metavar="DATE", help=option.help)
        case "name":
            return click.option(*names, metavar="NAME", help=option.help)


def _read_categories(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, Category]:
    return dict(_read_category(text) for text in given)


def _read_category(text: str) -> tuple[str, Category]:
    model, _, category = text.rpartition("=")
    try:
        if model.strip():
            return model.strip(), Category(category.strip().upper().replace("-", "_"))
    except ValueError:
        pass
    choices = " or ".join(f"{model.strip() or 'MODEL'}={choice}" for choice in Category)
    raise click.BadParameter(f"{text!r} is not of the form {choices}.")
