"""What SQLMesh's categorizer found, what plan_tui sees, and what it suggests.

The categorizer is asked again, as SQLMesh's ``PlanBuilder`` asks it: what it found stays readable
after somebody has chosen otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmesh.core.config import AutoCategorizationMode
from sqlmesh.core.plan.common import is_breaking_kind_change
from sqlmesh.core.snapshot.categorizer import categorize_change

from plan_tui.contract.impact import CategoryReason, SemanticChange
from plan_tui.contract.plan import Category
from plan_tui.engine.impact.choice_words import choice_sentences, forward_only_words
from plan_tui.engine.impact.query_views import Effect, Sight, sight_of
from plan_tui.engine.impact.seed_views import with_rows_told
from plan_tui.engine.mapping import category_of

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan

WORDS = {
    "BREAKING": "breaking",
    "NON_BREAKING": "non-breaking",
    "FORWARD_ONLY": "forward-only",
    "INDIRECT_BREAKING": "indirectly breaking",
    "INDIRECT_NON_BREAKING": "indirectly non-breaking",
    "METADATA": "metadata only",
}

NO_SUGGESTION = " plan_tui suggests neither; breaking is the careful choice."


@dataclass(frozen=True)
class _Finding:
    """What the categorizer found, and why."""

    found: str | None
    words: str


def category_reason(
    built: BuiltPlan, name: str, changes: tuple[SemanticChange, ...]
) -> CategoryReason:
    """Why a model has its category, or needs one.

    Args:
        built: The plan; it is not changed.
        name: The snapshot name of the model.
        changes: Its semantic diff, for what only that can see.
    """
    diff = built.plan.context_diff
    snapshot = diff.snapshots_by_name[name]
    if snapshot.snapshot_id in diff.added:
        return _added(built, snapshot)
    if name not in diff.modified_snapshots:
        return CategoryReason()
    if not diff.directly_modified(name):
        return _following(built, snapshot)
    if snapshot.snapshot_id not in diff.new_snapshots:
        return _recorded(built, snapshot)
    return _direct(built, snapshot, changes)


def _added(built: BuiltPlan, snapshot: Snapshot) -> CategoryReason:
    if snapshot.snapshot_id not in built.plan.context_diff.new_snapshots:
        return _recorded(built, snapshot)
    return CategoryReason(
        found="BREAKING",
        reason="SQLMesh counts every model that is new as breaking: all of its data is computed.",
        choices=choice_sentences(built, snapshot, None),
        forward_only=forward_only_words(built, snapshot),
    )


def _recorded(built: BuiltPlan, snapshot: Snapshot) -> CategoryReason:
    category = category_of(snapshot)
    words = WORDS.get(category or "", "no category")
    return CategoryReason(
        found=category,
        reason=f"SQLMesh recorded this version as {words} when it was first applied.",
        forward_only=forward_only_words(built, snapshot),
    )


def _following(built: BuiltPlan, snapshot: Snapshot) -> CategoryReason:
    """Of a model that is changed by others, or in its metadata alone."""
    category = category_of(snapshot)
    match category:
        case "INDIRECT_BREAKING":
            words = "Its category follows from its parents, of which one is breaking."
            if snapshot.is_materialized_view:
                words = "A materialized view is rebuilt whenever a model upstream changes."
        case "INDIRECT_NON_BREAKING":
            words = "Its category follows from its parents, of which none is breaking."
        case "METADATA":
            words = "Only metadata changed, so SQLMesh computes nothing anew."
        case None:
            words = "Its category follows once those of its parents are chosen."
        case _:
            words = f"SQLMesh recorded this version as {WORDS.get(category, category)}."
    return CategoryReason(
        found=category, reason=words, forward_only=forward_only_words(built, snapshot)
    )


def _direct(
    built: BuiltPlan, snapshot: Snapshot, changes: tuple[SemanticChange, ...]
) -> CategoryReason:
    new, old = built.plan.context_diff.modified_snapshots[snapshot.name]
    if not snapshot.is_model:
        return CategoryReason(reason="An audit has no category: no data follows from it.")
    finding, sight = _finding(built, new, old), sight_of(new, old)
    if snapshot.is_seed:
        sight = with_rows_told(sight, changes)
    suggestion = _suggestion(finding, sight, rebuilt=is_breaking_kind_change(old, new))
    seen = "" if sight.words in finding.words else f" plan_tui sees: {sight.words}."
    can_choose = bool(built.view.choices(snapshot))
    return CategoryReason(
        found=finding.found,
        reason=finding.words + seen + (NO_SUGGESTION if can_choose and not suggestion else ""),
        suggestion=suggestion if can_choose else None,
        choices=choice_sentences(built, snapshot, sight),
        forward_only=forward_only_words(built, snapshot),
    )


def _suggestion(finding: _Finding, sight: Sight, *, rebuilt: bool) -> Category | None:
    if rebuilt or sight.effect is Effect.CHANGES:
        return Category.BREAKING
    if sight.effect is Effect.NOTHING or finding.found == "NON_BREAKING":
        return Category.NON_BREAKING
    return None


# The categorizer, asked as the builder asks it


def _finding(built: BuiltPlan, new: Snapshot, old: Snapshot) -> _Finding:
    builder = built.builder
    if not builder._auto_categorization_enabled:
        return _Finding(None, "SQLMesh was not asked: this plan has no automatic categories.")
    if is_breaking_kind_change(old, new):
        return _Finding("BREAKING", f"SQLMesh finds it breaking: {_rebuild(old, new)}.")
    modes = builder._categorizer_config.dict()
    mode = modes.get(new.model.source_type, AutoCategorizationMode.OFF)
    lacking = _lacks_columns(built, new)
    if lacking is not None:
        shown = built.view.view_name(lacking)
        why = f"the columns of {shown} are not known, so nothing is compared"
        return _by_default(mode, why)
    category = categorize_change(new, old, config=builder._categorizer_config)
    if mode == AutoCategorizationMode.OFF:
        words = f"this project has no automatic categories for {_kind(new)}"
        return _Finding(None, f"SQLMesh was not asked: {words}.")
    if category is not None and category.name == "NON_BREAKING":
        return _Finding("NON_BREAKING", f"SQLMesh finds it non-breaking: {_harmless(new)}.")
    return _by_default(mode, _undecided(new, old))


def _by_default(mode: AutoCategorizationMode, why: str) -> _Finding:
    """What becomes of a change of which the categorizer can't tell."""
    if mode == AutoCategorizationMode.FULL:
        return _Finding("BREAKING", f"SQLMesh takes it as breaking: {why}.")
    if mode == AutoCategorizationMode.OFF:
        return _Finding(None, f"SQLMesh was not asked: {why}.")
    return _Finding(None, f"SQLMesh could not decide: {why}.")


def _lacks_columns(built: BuiltPlan, new: Snapshot) -> Snapshot | None:
    """The model, of this one and those below, whose columns are not known."""
    plan = built.plan
    below = sorted(plan.indirectly_modified.get(new.snapshot_id, set()))
    for snapshot_id in (new.snapshot_id, *below):
        snapshot = plan.snapshots[snapshot_id]
        if snapshot.is_model and snapshot.model.columns_to_types is None:
            return snapshot
    return None


def _rebuild(old: Snapshot, new: Snapshot) -> str:
    if old.is_model and new.is_model and old.model.kind.name != new.model.kind.name:
        before, after = old.model.kind.name.value, new.model.kind.name.value
        return f"its kind changes from {before} to {after}, which needs a new table"
    return "it needs a new table"


def _kind(new: Snapshot) -> str:
    words = {"sql": "SQL models", "python": "Python models", "seed": "seeds"}
    return words.get(new.model.source_type, "external models")


def _harmless(new: Snapshot) -> str:
    if new.model.is_sql:
        return "columns came and nothing else of its query changed"
    return "columns came, and those that were there are the same"


def _undecided(new: Snapshot, old: Snapshot) -> str:
    """Why ``is_breaking_change`` of the model says nothing."""
    if type(new.node) is not type(old.node):
        return "it is another form of model now"
    model, before = new.model, old.model
    if model.is_python:
        return "it never compares Python code"
    if model.is_seed:
        return "columns of the seed changed or went"
    if not model.is_sql:
        return "columns of the table outside went or changed their type"
    if model.lookback != before.lookback:
        return f"the lookback changes from {before.lookback} to {model.lookback}"
    if sight_of(new, old).words.startswith("one of the queries"):
        return "one of the queries can't be rendered"
    return "more changed in its query than columns that came"
