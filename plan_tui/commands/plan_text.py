"""A plan as text for people: whole, with nothing collapsed."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import click

from plan_tui.commands.changes_text import change_lines
from plan_tui.commands.words import count, moment, range_text
from plan_tui.contract.command_line import PROGRAM
from plan_tui.contract.dangers import Danger, Severity, blocking
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.impact import ReachCount
from plan_tui.contract.options import sqlmesh_arguments
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import ModelTests, PlanOverviewStageTracker, ValidationStage
from plan_tui.contract.state import PlanFacts
from plan_tui.contract.text import clean
from plan_tui.contract.words import batches_text

MOST_CHOSEN = 20
"""Categories that are written out for the apply of a plan."""


def plan_text(
    plan: PlanOverviewStageTracker,
    facts: PlanFacts | None,
    request: PlanRequest,
    program: str = PROGRAM,
    reach: Mapping[str, ReachCount] | None = None,
) -> Iterator[str]:
    """The lines of a plan.

    Args:
        plan: The document, with its diffs.
        facts: What the document does not spell out; None where it is not known.
        request: What was asked for, so that the same can be asked of ``apply``.
        program: ``plan-tui`` with the global options that lead to this project.
        reach: How many models read what changed, by model, where that is known.
    """
    yield from _head(plan, facts, request)
    yield from _validation(plan.validation, blocking(plan.dangers))
    yield from change_lines(plan.changes, reach)
    yield from _backfills(plan)
    yield from _restatements(plan)
    yield from _warnings(plan.warnings)
    yield from _dangers(plan.dangers)
    yield ""
    yield _sum(plan, facts)
    yield from _what_next(plan, facts, command_of(program, "apply", plan.environment, request))


def heading(text: str) -> str:
    """A section's heading."""
    return click.style(text, bold=True)


def command_of(program: str, command: str, environment: str, request: PlanRequest) -> str:
    """The ``plan-tui`` command that asks for the same plan."""
    asked = request.model_copy(update={"environment": environment})
    words = [command, *sqlmesh_arguments(asked)[1:]]
    for model, category in (request.categories or {}).items():
        words += ["--category", f"{model}={category}"]
    return clean(f"{program} {shlex.join(words)}")


def model_test_lines(tests: ModelTests) -> Iterator[str]:
    """Unit tests: the counts, then each failure whole."""
    yield f"  tests: {tests.run:,} run, {tests.failed:,} failed, {tests.skipped:,} skipped"
    for failure in tests.failures:
        title = click.style(f"    failed: {clean(failure.name)}", fg="red")
        yield f"{title} ({clean(failure.path)})"
        for line in clean(failure.message, keep_newlines=True).splitlines():
            yield f"      {line}"


def _head(
    plan: PlanOverviewStageTracker, facts: PlanFacts | None, request: PlanRequest
) -> Iterator[str]:
    new = ""
    if plan.is_new_environment:
        origin = f", created from {clean(facts.create_from)}" if facts and facts.create_from else ""
        new = f" (a new environment{origin})"
    yield f"{heading(f'Plan for {clean(plan.environment)}')}{new}"
    yield f"  range: {range_text((plan.start, plan.end))} UTC"
    yield f"  execution time: {moment(plan.execution_time)} UTC"
    options = sqlmesh_arguments(request.model_copy(update={"environment": None}))[1:]
    if options:
        yield f"  options: {clean(shlex.join(options))}"


def _validation(validation: ValidationStage, refused: Collection[Danger]) -> Iterator[str]:
    yield ""
    yield heading("Validation")
    yield from model_test_lines(validation.tests)
    errors = sum(violation.severity == "error" for violation in validation.lint)
    warnings = len(validation.lint) - errors
    yield f"  lint: {count(errors, 'error')}, {count(warnings, 'warning')}"
    for violation in validation.lint:
        color = "red" if violation.severity == "error" else "yellow"
        rule = click.style(f"{clean(violation.severity)}: {clean(violation.rule)}", fg=color)
        yield f"    {rule}: {clean(violation.model)}: {clean(violation.message)}"
    for danger in refused:
        failed = click.style("failed:", fg="red")
        yield f"  {failed} {clean(danger.view_name)}: {clean(danger.rule)}, see the dangers below"


def _backfills(plan: PlanOverviewStageTracker) -> Iterator[str]:
    models = plan.backfills.models
    yield ""
    yield heading(f"Backfills ({count(len(models), 'model')})")
    for model in models:
        batches = count(model.batches, "batch")
        yield f"  {clean(model.view_name)} [{clean(model.kind)}]: {clean(model.label)}"
        yield f"    {count(model.interval_count, 'interval')} in {batches}"
        if model.preview:
            yield "    preview: this data will not be reused in production"
    if plan.plan_options.empty_backfill:
        yield "  none: what is missing is recorded as filled, without data (--empty-backfill)"
    elif not models:
        yield "  none"


def _restatements(plan: PlanOverviewStageTracker) -> Iterator[str]:
    if not plan.restatements:
        return
    shown = {model.name: model.view_name for model in plan.backfills.models}
    yield ""
    yield heading(f"Restatements ({count(len(plan.restatements), 'model')})")
    for name, interval in plan.restatements.items():
        yield f"  {clean(shown.get(name, name))}: {range_text(interval)} is computed again"


def _warnings(warnings: tuple[str, ...]) -> Iterator[str]:
    if warnings:
        yield ""
        yield heading("Warnings")
        yield from warning_lines(warnings)


def warning_lines(warnings: Iterable[str]) -> Iterator[str]:
    """Warnings, each whole."""
    for warning in warnings:
        for index, line in enumerate(clean(warning, keep_newlines=True).splitlines()):
            yield click.style(f"  {'  ' if index else '! '}{line}", fg="yellow")


def _dangers(dangers: tuple[Danger, ...]) -> Iterator[str]:
    if not dangers:
        return
    yield ""
    yield heading(f"Dangers ({len(dangers):,})")
    colors = {Severity.BLOCKS: "red", Severity.WARNS: "yellow", Severity.NOTES: None}
    for danger in dangers:
        severity = click.style(f"{danger.severity}:", fg=colors[danger.severity])
        yield f"  {severity} {clean(danger.message)}"
        yield from (f"    {clean(line)}" for line in danger.details)
        if danger.hint:
            yield f"    -> {clean(danger.hint)}"


def _sum(plan: PlanOverviewStageTracker, facts: PlanFacts | None) -> str:
    changes, backfills = plan.changes, plan.backfills.models
    modified = changes.modified
    batches = facts.batches if facts is not None else sum(each.batches for each in backfills)
    direct = len(modified.direct) + len(changes.added) + len(changes.removed)
    parts = [
        f"{count(direct + len(modified.metadata), 'model')} changed",
        f"{len(modified.indirect):,} indirectly",
        f"{count(len(backfills), 'model')} to backfill",
        count(sum(model.interval_count for model in backfills), "interval"),
        batches_text(batches, facts.audits if facts is not None else 0),
    ]
    if facts is not None and facts.deferred:
        parts.append(f"{facts.deferred:,} of them after the promotion, where no cancel stops them")
    if facts is not None and facts.uncategorized:
        parts.append(f"{len(facts.uncategorized):,} not categorized")
    return heading(f"In all: {', '.join(parts)}.")


def _what_next(
    plan: PlanOverviewStageTracker, facts: PlanFacts | None, command: str
) -> Iterator[str]:
    refusal = facts.refusal if facts is not None else None
    refused = blocking(plan.dangers)
    allowing = _allowing(refused)
    if refusal is None:
        yield f"To apply it: {command} --yes{allowing}"
    elif refusal.code is ProblemCode.UNCATEGORIZED and facts is not None:
        yield from uncategorized_lines(facts)
        chosen = _choosing(facts.uncategorized)
        how = "To apply it, with NON_BREAKING where that is meant"
        yield f"{how}: {command} --yes{allowing}{chosen}"
    else:
        yield clean(refusal.title)
        if not refused:
            yield from (clean(part) for part in (refusal.message, refusal.hint) if part)
        if refused and all(each.allow for each in refused):
            yield f"To allow that and apply it: {command} --yes{allowing}"


def _allowing(refused: Iterable[Danger]) -> str:
    """The options that allow the dangers that block, where they can be allowed."""
    words = [(f"--allow-{each.allow}-model", each.option) for each in refused if each.allow]
    return "".join(f" {name} {clean(shlex.quote(model))}" for name, model in dict.fromkeys(words))


def _choosing(names: Sequence[str]) -> str:
    """The options that choose a category for each model, and for the first of very many."""
    words = [f" --category {clean(shlex.quote(_short(name)))}=BREAKING" for name in names]
    return "".join(words[:MOST_CHOSEN]) + (" ..." if len(words) > MOST_CHOSEN else "")


def _short(name: str) -> str:
    return name.replace('"', "")


def uncategorized_lines(facts: PlanFacts) -> Iterator[str]:
    """The models that still need a category, by the names that ``--category`` takes."""
    yield "These models need a category before it can be applied:"
    for name in facts.uncategorized:
        yield f"  {clean(_short(name))}"
