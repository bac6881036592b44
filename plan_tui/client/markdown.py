"""A plan as a comment of a pull request: the summary first, all else folded below it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plan_tui.client.markdown_changes import change_items, diff_items
from plan_tui.client.markdown_sheet import LARGEST, Item, Section, sheet
from plan_tui.client.markdown_text import code, prose
from plan_tui.client.plan_names import view_names
from plan_tui.contract.changes import ModelBackfill
from plan_tui.contract.dangers import Danger
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.impact import ModelImpact, PlanEstimate
from plan_tui.contract.review import Step
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import PlanFacts
from plan_tui.contract.words import batches_text, count, duration, moment, range_text


@dataclass(frozen=True)
class PlanReport:
    """What a document tells of a plan."""

    plan: PlanOverviewStageTracker
    """With its diffs."""
    facts: PlanFacts | None = None
    impacts: Mapping[str, ModelImpact] = field(default_factory=dict)
    """By snapshot name, as far as they are known."""
    estimate: PlanEstimate | None = None


def markdown(report: PlanReport, largest: int = LARGEST) -> str:
    """The document, in at most so many bytes.

    Args:
        report: What it tells.
        largest: At least some 4,000.
    """
    plan = report.plan
    sections = (
        Section("Dangers", "dangers", tuple(_dangers(plan))),
        Section("Changes", "changes", tuple(change_items(plan.changes, report.impacts))),
        Section(_folded("Backfill", len(plan.backfills.models), "model"), "models",
                tuple(_backfill(plan)), folded=True),
        Section(_folded("Steps", len(plan.steps), "step") if plan.steps else "Steps: none listed",
                "steps", tuple(_steps(plan)), folded=True),
        Section("Definitions that changed", "diffs", tuple(diff_items(plan.changes)), folded=True),
        Section("Tests, lint and warnings", "findings", tuple(_findings(plan)), folded=True),
    )  # fmt: skip
    return sheet("".join(_summary(report)), sections, _tail(plan), largest)


def _summary(report: PlanReport) -> Iterator[str]:
    plan, facts = report.plan, report.facts
    yield f"## SQLMesh plan for {code(plan.environment)}\n\n"
    if plan.is_new_environment:
        origin = f", created from {code(facts.create_from)}" if facts and facts.create_from else ""
        yield f"A new environment{origin}.\n\n"
    modified = plan.changes.modified
    counts = (
        (len(modified.direct), "directly modified"),
        (len(plan.changes.added), "added"),
        (len(plan.changes.removed), "removed"),
        (len(modified.indirect), "indirectly modified"),
        (len(modified.metadata), "with other metadata"),
    )
    words = ", ".join(f"{number:,} {what}" for number, what in counts if number)
    yield f"- **Models**: {words or 'none changed'}\n"
    yield f"- **Backfill**: {_work(report)}\n"
    yield f"- **Range**: {range_text((plan.start, plan.end))} UTC\n"
    if dangers := plan.dangers:
        blocking = sum(danger.severity == "blocks" for danger in dangers)
        block = f", {blocking:,} of them in the way of applying" if blocking else ""
        yield f"- **Dangers**: {len(dangers):,}{block}\n"
    tests = plan.validation.tests
    yield f"- **Tests**: {tests.run:,} run, {tests.failed:,} failed, {tests.skipped:,} skipped\n"
    yield f"- **State**: {_standing(facts)}\n"


def _work(report: PlanReport) -> str:
    models, facts = report.plan.backfills.models, report.facts
    batches = facts.batches if facts is not None else sum(each.batches for each in models)
    if not models:
        return "none"
    parts = [
        count(len(models), "model"),
        count(sum(model.interval_count for model in models), "interval"),
        batches_text(batches, facts.audits if facts is not None else 0),
    ]
    estimate = report.estimate
    if estimate is not None and estimate.seconds is not None:
        rest = f", {count(estimate.unknown, 'model')} without history" if estimate.unknown else ""
        parts.append(f"about {duration(round(estimate.seconds * 1000))}{rest}")
    return ", ".join(parts)


def _standing(facts: PlanFacts | None) -> str:
    if facts is None or facts.refusal is None:
        return "ready to apply"
    if facts.refusal.code is ProblemCode.UNCATEGORIZED:
        return f"{count(len(facts.uncategorized), 'model')} not categorized"
    return f"can not be applied: {prose(facts.refusal.title)}"


def _dangers(plan: PlanOverviewStageTracker) -> Iterator[Item]:
    names = view_names(plan)
    for danger in plan.dangers:
        yield _danger(danger, names)


def _danger(danger: Danger, names: Mapping[str, str]) -> Item:
    about = f" {code(names.get(danger.model, danger.model))}" if danger.model else ""
    allowed = ", allowed for this plan" if danger.allowed else ""
    head = f"- **{danger.severity}** {code(danger.rule)}{about}{allowed}"
    hint = f" To do: {prose(danger.hint)}" if danger.hint else ""
    details = "".join(f"  - {code(line, 500)}\n" for line in danger.details)
    return Item(f"{head}: {prose(danger.message)}{hint}\n{details}", f"{head}\n")


def _backfill(plan: PlanOverviewStageTracker) -> Iterator[Item]:
    for model in plan.backfills.models:
        yield _missing(model)
    names = view_names(plan)
    for name, interval in plan.restatements.items():
        yield Item(f"- {code(names.get(name, name))} is computed again: {range_text(interval)}\n")


def _missing(model: ModelBackfill) -> Item:
    work = f"{count(model.interval_count, 'interval')} in {count(model.batches, 'batch')}"
    head = f"- {code(model.view_name)}: {work}"
    ranges = ", ".join(range_text(interval) for interval in model.intervals)
    return Item(f"{head}: {ranges}\n" if ranges else f"{head}\n", f"{head}\n")


def _steps(plan: PlanOverviewStageTracker) -> Iterator[Item]:
    names = view_names(plan)
    for note in plan.steps_notes:
        yield Item(f"{prose(note)}\n\n")
    for step in plan.steps:
        yield Item(f"1. {_step(step, names)}\n")


def _step(step: Step, names: Mapping[str, str]) -> str:
    about = f" {code(names.get(step.model, step.model))}" if step.model else ""
    return f"{code(step.stage)}{about}: {prose(step.text, 400)}"


def _findings(plan: PlanOverviewStageTracker) -> Iterator[Item]:
    for failure in plan.validation.tests.failures:
        head = f"- test {code(failure.name)} in {code(failure.path)} failed"
        yield Item(f"{head}: {prose(failure.message)}\n", f"{head}\n")
    for violation in plan.validation.lint:
        head = (
            f"- lint {prose(violation.severity)} {code(violation.rule)} of {code(violation.model)}"
        )
        yield Item(f"{head}: {prose(violation.message)}\n", f"{head}\n")
    for warning in plan.warnings:
        yield Item(f"- warning: {prose(warning)}\n")


def _folded(title: str, number: int, noun: str) -> str:
    return f"{title}: {count(number, noun)}"


def _tail(plan: PlanOverviewStageTracker) -> str:
    which = f"Plan {code(plan.plan_id[:8])}, " if plan.plan_id else "Planned "
    return f"\n{which}as of {moment(plan.execution_time)} UTC. Nothing was applied by this.\n"
