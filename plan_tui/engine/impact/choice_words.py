"""What each category of a model would mean, in one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.contract.plan import Category
from plan_tui.engine.impact.query_views import Effect, Sight

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan


def choice_sentences(
    built: BuiltPlan, snapshot: Snapshot, sight: Sight | None
) -> dict[Category, str]:
    """A sentence for each category that can be chosen.

    Args:
        built: The plan.
        snapshot: The model.
        sight: What is seen of its change; None for a new model.
    """
    if not built.view.choices(snapshot):
        return {}
    below = len(built.plan.indirectly_modified.get(snapshot.snapshot_id, ()))
    kept = is_forward_only(built, snapshot)
    itself = "It keeps its table" if kept else "It gets a new table"
    if not below:
        words = f"{itself}; {_readers(built, snapshot)}."
        return {Category.BREAKING: words, Category.NON_BREAKING: words}
    models = "the model below" if below == 1 else f"the {below:,} models below"
    return {
        Category.BREAKING: f"{itself}, and {models} with it{_needless(sight)}.",
        Category.NON_BREAKING: f"{itself}; {models} keep{'s' if below == 1 else ''} "
        f"{'its' if below == 1 else 'their'} data{_outdated(sight)}.",
    }


def _readers(built: BuiltPlan, snapshot: Snapshot) -> str:
    """Who of this plan reads a model whose change makes no other model follow."""
    diff = built.plan.context_diff
    added = changed = False
    for other in diff.snapshots.values():
        if snapshot.snapshot_id in other.parents:
            added = added or other.snapshot_id in diff.added
            changed = changed or diff.directly_modified(other.name)
    if not added and not changed:
        return "nothing that this plan changes reads it"
    which = " or ".join(["new"] * added + ["changed themselves"] * changed)
    return f"only models that are {which} read it"


def is_forward_only(built: BuiltPlan, snapshot: Snapshot) -> bool:
    """Whether its change is applied going forward, whatever its category."""
    if snapshot.change_category is not None:
        return bool(snapshot.forward_only)
    forward = built.plan.forward_only or built.builder._is_forward_only_change(snapshot.snapshot_id)
    return bool(forward and not snapshot.is_seed)


def forward_only_words(built: BuiltPlan, snapshot: Snapshot) -> str:
    """What forward-only means here, and where it comes from; nothing where it is not."""
    if not is_forward_only(built, snapshot):
        return ""
    if built.plan.forward_only:
        source = "this plan is forward-only"
    elif snapshot.is_model and snapshot.model.forward_only:
        source = "the model says so"
    else:
        source = "all that changes upstream is"
    return f"Forward-only ({source}): it keeps its table, and data that is there stays as it is."


def _needless(sight: Sight | None) -> str:
    if sight is None or sight.effect is not Effect.NOTHING:
        return ""
    return ", though the rows that are there stay the same"


def _outdated(sight: Sight | None) -> str:
    if sight is None or sight.effect is not Effect.CHANGES:
        return ""
    return ", which was computed from rows as they were before"
