"""One table of the plan's options: the command line, the form and the shown command use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest

Group = Literal["dates", "scope", "categories", "backfill", "checks"]
Kind = Literal["date", "flag", "names", "name", "count"]


@dataclass(frozen=True)
class Option:
    """An option of ``sqlmesh plan``."""

    field: str
    """The field of ``PlanDates`` or ``PlanOptions``."""
    flag: str
    """SQLMesh's flag."""
    kind: Kind
    group: Group
    label: str
    """A few words for a form."""
    help: str
    """One line."""
    short: str | None = None
    """SQLMesh's one-letter flag."""


OPTIONS: tuple[Option, ...] = (
    Option("start", "--start", "date", "dates", "Start",
           "Backfill from this date on; prod takes one only with a restatement.", "-s"),
    Option("end", "--end", "date", "dates", "End",
           "Backfill up to this date; prod takes one only with a restatement.", "-e"),
    Option("execution_time", "--execution-time", "date", "dates", "Execution time",
           "What counts as now; relative dates are read from it."),
    Option("select_models", "--select-model", "names", "scope", "Select models",
           "Take only these changes: names, tag:x, +model for upstream, model+ for downstream."),
    Option("backfill_models", "--backfill-model", "names", "scope", "Backfill models",
           "Compute data for these models only; the rest stays as it is."),
    Option("restate_models", "--restate-model", "names", "scope", "Restate",
           "Compute existing data of these and all downstream again; local changes wait.", "-r"),
    Option("create_from", "--create-from", "name", "scope", "Create from",
           "The environment that a new one starts from (prod if left out)."),
    Option("include_unmodified", "--include-unmodified", "flag", "scope", "Include unmodified",
           "Give the environment views of all models, changed or not."),
    Option("forward_only", "--forward-only", "flag", "categories", "Forward-only",
           "Reuse the existing tables: changes hold from now on, without a rebuild."),
    Option("effective_from", "--effective-from", "date", "categories", "Effective from",
           "From which date a forward-only change rewrites data once it is in prod."),
    Option("no_auto_categorization", "--no-auto-categorization", "flag", "categories",
           "No auto categories", "Leave every category to you."),
    Option("allow_destructive_models", "--allow-destructive-model", "names", "categories",
           "Allow destructive", "Forward-only models that may drop or narrow columns."),
    Option("allow_additive_models", "--allow-additive-model", "names", "categories",
           "Allow additive", "Forward-only models that may gain columns."),
    Option("enable_preview", "--enable-preview", "flag", "categories", "Preview",
           "Show forward-only changes on a throw-away copy in a development environment."),
    Option("skip_backfill", "--skip-backfill", "flag", "backfill", "Skip backfill",
           "Create views only; the data stays missing."),
    Option("empty_backfill", "--empty-backfill", "flag", "backfill", "Empty backfill",
           "Record the intervals as filled without computing them."),
    Option("no_gaps", "--no-gaps", "flag", "backfill", "No gaps",
           "Refuse to replace a model by a version that has less history."),
    Option("run", "--run", "flag", "backfill", "Run",
           "Also compute what has come due by cron since the last run."),
    Option("ignore_cron", "--ignore-cron", "flag", "backfill", "Ignore cron",
           "With run: compute every missing interval, due or not."),
    Option("min_intervals", "--min-intervals", "count", "backfill", "Min intervals",
           "At least this many intervals of each model, whatever the start date."),
    Option("skip_tests", "--skip-tests", "flag", "checks", "Skip tests",
           "Do not run the unit tests."),
    Option("test_changed_only", "--test-changed-only", "flag", "checks", "Changed tests only",
           "Run the unit tests of changed models only."),
    Option("skip_linter", "--skip-linter", "flag", "checks", "Skip lint",
           "Do not run the linter."),
    Option("diff_rendered", "--diff-rendered", "flag", "checks", "Rendered diff",
           "Compare queries after macros are expanded."),
)  # fmt: skip

OPTION_BY_FIELD: dict[str, Option] = {option.field: option for option in OPTIONS}


def value_of(request: PlanRequest, option: Option) -> object:
    """What a request says of an option."""
    holder = request.dates if option.group == "dates" else request.options
    return getattr(holder, option.field)


def sqlmesh_arguments(request: PlanRequest) -> list[str]:
    """The arguments after ``sqlmesh`` that ask for the same plan, categories left out.

    SQLMesh's command line takes no categories: it asks for them.
    """
    arguments = ["plan"]
    if request.environment:
        arguments.append(request.environment)
    for option in OPTIONS:
        value = value_of(request, option)
        if value is None or value is False or value == ():
            continue
        if option.kind == "flag":
            arguments.append(option.flag)
        elif isinstance(value, tuple):
            for name in value:
                arguments += [option.flag, name]
        else:
            arguments += [option.flag, str(value)]
    return arguments


def request_of(environment: str | None, values: dict[str, object]) -> PlanRequest:
    """Builds a request from option values by field name.

    Args:
        environment: The target environment, or None for the project's default.
        values: Values by field; None and missing ones are left at their defaults.

    Raises:
        pydantic.ValidationError: A value is not of its option's kind.
    """
    given = {field: value for field, value in values.items() if value is not None}
    dates = {f: v for f, v in given.items() if OPTION_BY_FIELD[f].group == "dates"}
    options = {f: v for f, v in given.items() if f not in dates}
    return PlanRequest(
        environment=environment,
        plan_dates=PlanDates.model_validate(dates),
        plan_options=PlanOptions.model_validate(options),
    )
