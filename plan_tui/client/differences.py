"""How a plan differs from a saved one, in what an apply would do; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import TypeVar

from plan_tui.client.plan_names import view_names
from plan_tui.contract.changes import ModelBackfill
from plan_tui.contract.origins import Labels
from plan_tui.contract.saved import SavedPlan
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineInfo
from plan_tui.contract.words import count, range_text

T = TypeVar("T")
MOST_RANGES = 5
MOST_NAMES = 5
MOST_LINES = 40


def differences(
    saved: SavedPlan, plan: PlanOverviewStageTracker, labels: Labels, info: EngineInfo
) -> Iterator[str]:
    """One sentence for each difference; none where applying does the same.

    Times and ids are none: two plans are never built at the same moment.

    Args:
        saved: The plan as it was saved.
        plan: The same plan, computed anew.
        labels: Its labels, with the fingerprints.
        info: The engine that computed it.
    """
    yield from _places(saved.info, info)
    yield from _environment(saved.plan, plan)
    yield from _models(saved, plan, labels)
    yield from _backfills(saved.plan, plan)
    yield from _others(saved.plan, plan)


def only_of_time(sentences: Sequence[str]) -> bool:
    """Whether only intervals differ, as they do when time has passed."""
    return bool(sentences) and all(sentence.startswith("intervals of ") for sentence in sentences)


def _places(before: EngineInfo, now: EngineInfo) -> Iterator[str]:
    for what, old, new in (
        ("gateway", before.gateway, now.gateway),
        ("kind of warehouse", before.engine_type, now.engine_type),
        ("project", before.project, now.project),
        ("SQLMesh", before.sqlmesh_version, now.sqlmesh_version),
    ):
        if old != new:
            yield f"{what}: {old or 'none'} when it was saved, {new or 'none'} now"


def _environment(before: PlanOverviewStageTracker, now: PlanOverviewStageTracker) -> Iterator[str]:
    if before.environment != now.environment:
        yield f"environment: {before.environment} when it was saved, {now.environment} now"
    if before.is_new_environment and not now.is_new_environment:
        yield f"environment: {now.environment} was new, and exists now"
    if now.is_new_environment and not before.is_new_environment:
        yield f"environment: {now.environment} existed, and is gone now"


def _models(saved: SavedPlan, plan: PlanOverviewStageTracker, labels: Labels) -> Iterator[str]:
    before, now = _kinds(saved.plan), _kinds(plan)
    names = view_names(plan)
    yield from _compared(before, now, lambda kind: kind, "change of")
    moved = [name for name in moved_definitions(saved, labels) if name in before and name in now]
    follow = {each.name for each in plan.changes.modified.indirect}
    for name in moved:
        if name not in follow:
            yield f"definition of {names[name]}: it changed since, or the environment did"
    below = [names[name] for name in moved if name in follow]
    if below:
        shown = ", ".join(below[:MOST_NAMES])
        more = f" and {len(below) - MOST_NAMES:,} more" if len(below) > MOST_NAMES else ""
        yield f"versions of models that follow what is above them: {shown}{more}"


def moved_definitions(saved: SavedPlan, labels: Labels) -> list[str]:
    """The snapshot names whose version, or that of the environment, is another one now."""
    mine, now = saved.labels.models, labels.models
    # What is only filled has no change of its own: its intervals are compared.
    return [name for name in mine if name in now and mine[name].change != now[name].change]


def definition_lines(before: str, now: str) -> list[str]:
    """How a definition differs, as the lines of a diff; a long one is cut, and says so."""
    found = list(unified_diff(before.splitlines(), now.splitlines(), n=1, lineterm=""))[3:]
    more = len(found) - MOST_LINES
    return [*found[:MOST_LINES], *([f"… {count(more, 'more line')}"] if more > 0 else [])]


def _kinds(plan: PlanOverviewStageTracker) -> dict[str, str]:
    """What happens to each model, with its category."""
    changes = plan.changes
    modified = changes.modified
    chosen = [("added", each.name, each.change_category) for each in changes.added]
    chosen += [("directly modified", each.name, each.change_category) for each in modified.direct]
    chosen += [
        ("indirectly modified", each.name, each.change_category) for each in modified.indirect
    ]
    found = {name: f"{what}, {category or 'not categorized'}" for what, name, category in chosen}
    found |= {each.name: "removed" for each in changes.removed}
    return found | {each.name: "metadata only" for each in modified.metadata}


def _backfills(before: PlanOverviewStageTracker, now: PlanOverviewStageTracker) -> Iterator[str]:
    old = {model.name: model for model in before.backfills.models}
    new = {model.name: model for model in now.backfills.models}
    yield from _compared(old, new, _work, "intervals of", lambda model: model.view_name)


def _work(model: ModelBackfill) -> str:
    ranges = ", ".join(range_text(interval) for interval in model.intervals[:MOST_RANGES])
    more = len(model.intervals) - MOST_RANGES
    rest = f" and {more:,} more ranges" if more > 0 else ""
    work = f"{count(model.interval_count, 'interval')} in {count(model.batches, 'batch')}"
    return f"{ranges}{rest} ({work})"


def _others(before: PlanOverviewStageTracker, now: PlanOverviewStageTracker) -> Iterator[str]:
    old = {name: range_text(interval) for name, interval in before.restatements.items()}
    new = {name: range_text(interval) for name, interval in now.restatements.items()}
    yield from _compared(old, new, lambda text: text, "restatement of")
    for what, mine, other in (
        ("Python requirements", before.changes.requirements, now.changes.requirements),
        ("environment statements", before.changes.environment_statements,
         now.changes.environment_statements),
    ):  # fmt: skip
        if mine != other:
            yield f"{what}: other changes than when it was saved"
    dangers = [{f"{each.rule}: {each.message}" for each in plan.dangers} for plan in (before, now)]
    yield from (f"danger, gone now: {words}" for words in sorted(dangers[0] - dangers[1]))
    yield from (f"danger, new: {words}" for words in sorted(dangers[1] - dangers[0]))


def _compared(
    before: Mapping[str, T],
    now: Mapping[str, T],
    words: Callable[[T], str],
    what: str,
    shown: Callable[[T], str] | None = None,
) -> Iterator[str]:
    for name in (*before, *(each for each in now if each not in before)):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        told = [words(each) if each is not None else "none" for each in (old, new)]
        if told[0] == told[1] and old is not None and new is not None:
            told = ["other ones", "these"]
        known = new if new is not None else old
        label = shown(known) if shown is not None and known is not None else plain(name)
        yield f"{what} {label}: {told[0]} when it was saved, {told[1]} now"


def plain(name: str) -> str:
    """A snapshot name without its quotes."""
    return name.replace('"', "")
