"""What applying a plan will do, fact by fact; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plan_tui.contract.dangers import Severity
from plan_tui.contract.exclusions import PROD
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineInfo, EngineState, PlanFacts
from plan_tui.contract.text import clean
from plan_tui.contract.words import batches_text
from plan_tui.ui.formatting import count, interval
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.change_rows import warning_count
from plan_tui.ui.widgets.progress_rows import names_in_words

Fact = tuple[str, str, str]
"""A label, what it says, and its style."""

_PLAIN = ""
_WARN = "$text-warning bold"
ROOM = 52
"""Cells of a fact's words, in each of their lines."""
_MOST_DANGERS = 4
"""Dangers that are written out before the rest is counted."""
_NAME_LINES = 3
"""Lines of names that are written out before the rest is counted."""


def is_production(plan: PlanOverviewStageTracker) -> bool:
    """Whether this plan needs the stronger question."""
    return plan.environment == PROD


def facts_of(state: EngineState, time: str = "", unseen: Sequence[str] | None = None) -> list[Fact]:
    """Everything a person should know before saying yes.

    Args:
        state: What is to be applied.
        time: How long it may take, in words; empty while that is computed.
        unseen: Names of the changes that nobody looked at; None where that is not known.
    """
    if state.plan is None or state.facts is None:
        return []
    facts = list(_facts(state.plan, state.facts, state.info, time))
    if unseen:
        facts.append(("Not seen", _listed(count(len(unseen), "change"), unseen), _WARN))
    return facts


def _facts(
    plan: PlanOverviewStageTracker, facts: PlanFacts, info: EngineInfo | None, time: str
) -> Iterator[Fact]:
    source = f", from {clean(facts.create_from)}" if facts.create_from else ""
    new = f"  new{source}" if plan.is_new_environment else ""
    strong = "$text-error bold" if is_production(plan) else "bold"
    yield "Environment", f"{clean(plan.environment)}{new}", strong
    if facts.half_applied:
        yield "Resumes", "its last apply, which ended half-way", _WARN
    if info is not None:
        where = " / ".join(clean(part) for part in (info.engine_type, info.gateway) if part)
        yield "Warehouse", where, _PLAIN
    if facts.batches:
        parts = (
            count(facts.models, "model"),
            count(facts.intervals, "interval"),
            batches_text(facts.batches, facts.audits),
        )
        yield "Backfill", ", ".join(parts), _PLAIN
        if facts.deferred:
            late = f"{facts.deferred:,} of {count(facts.batches, 'batch', 'batches')}"
            words = f"{late} can't be cancelled: SQLMesh runs them after the promotion"
            yield "", words, _WARN
        yield "Dates", interval((plan.start, plan.end)), _PLAIN
        yield from _beyond(plan)
        yield "Time", time, _PLAIN
    elif plan.plan_options.empty_backfill:
        yield "Backfill", "none: what is missing is recorded as filled, empty", _WARN
    else:
        yield "Backfill", "none", _PLAIN
    yield "Tables", f"{facts.tables_created:,} created", _PLAIN
    yield "Views", f"{facts.views_updated:,} created or updated", _PLAIN
    yield from _losses(plan, facts)


def _beyond(plan: PlanOverviewStageTracker) -> Iterator[Fact]:
    """Which models are filled outside of the plan's dates, as those that are always whole."""
    wider = [
        model
        for model in plan.backfills.models
        if any(start < plan.start or end > plan.end for start, end in model.intervals)
    ]
    if wider:
        filled = [each for model in wider for each in model.intervals]
        span = interval((min(start for start, _ in filled), max(end for _, end in filled)))
        beyond = "goes beyond them" if len(wider) == 1 else "go beyond them"
        lead = f"{count(len(wider), 'model')} {beyond}, {span}"
        yield "", _listed(lead, [model.view_name for model in wider]), _PLAIN


def _losses(plan: PlanOverviewStageTracker, facts: PlanFacts) -> Iterator[Fact]:
    """What is not as it was afterwards."""
    if facts.rewritten:
        lead = f"existing data of {count(facts.rewritten, 'model')} is computed anew"
        yield "Rewritten", _listed(lead, facts.restated), _WARN
    if plan.changes.removed:
        names = [node.view_name for node in plan.changes.removed]
        models = count(len(names), "model")
        if plan.is_new_environment:
            source = clean(facts.create_from or PROD)
            yield "Left out", _listed(f"{models} of {source}, not taken over", names), _PLAIN
        else:
            yield "Removed", _listed(models, names), _WARN
    elif facts.views_removed and not plan.is_new_environment:
        yield "Removed", count(facts.views_removed, "view"), _WARN
    yield from _dangers(plan)
    warnings = warning_count(plan)
    if warnings:
        yield "Warnings", f"{warnings:,}, at the end of the list of changes", _WARN


def _dangers(plan: PlanOverviewStageTracker) -> Iterator[Fact]:
    """What may be lost, that included which was allowed; notes are counted."""
    listed = [each for each in plan.dangers if each.allowed or each.severity is not Severity.NOTES]
    for danger in listed[:_MOST_DANGERS]:
        word = "Allowed" if danger.allowed else "Danger"
        # What would run is on the page of dangers: the question has to fit beside it.
        said = danger.message.split(" (")[0] if danger.details else danger.message
        yield word, clean(said.rstrip(".")), _WARN
    more = len(plan.dangers) - len(listed[:_MOST_DANGERS])
    if more:
        yield "Dangers" if not listed else "", f"{more:,} more: ! lists them", _PLAIN


def _listed(lead: str, names: Sequence[str]) -> str:
    """``2 models: a, b``: as many names as fit, the others as a number."""
    if not names:
        return lead
    words = lead
    for shown in range(1, len(names) + 1):
        longer = f"{lead}: {names_in_words(names, most=shown)}"
        if shown > 1 and len(wrap(longer, ROOM)) > _NAME_LINES:
            break
        words = longer
    return words
