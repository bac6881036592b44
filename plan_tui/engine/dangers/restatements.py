"""Restatements: what they compute anew, what they clear elsewhere, and what they leave out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.awaiting import awaited
from plan_tui.engine.dangers.losses import Loss
from plan_tui.engine.dangers.subject import Subject, span, spans
from plan_tui.engine.names import plain

PATIENCE = 60.0
"""Seconds that the worker may take to read the other environments."""


def environments_lose_intervals(subject: Subject) -> Iterator[Danger]:
    """Environments whose own versions of restated models must be filled again."""
    by_environment: defaultdict[str, list[Loss]] = defaultdict(list)
    for loss in awaited(subject.built.losses, subject.check, PATIENCE):
        by_environment[loss.environment].append(loss)
    for environment, losses in sorted(by_environment.items()):
        filled = [each for each in losses if each.intervals]
        names = sorted({plain(each.name) for each in filled or losses})
        models = f"{len(names):,} models" if len(names) > 1 else names[0]
        message = (
            f"{environment} loses intervals of {models}: its own versions depend on what is "
            "restated, and count as not filled afterwards."
            if filled
            else f"SQLMesh clears intervals of {models} in {environment} too, whose own versions "
            "depend on what is restated. It has at most a preview of them, which stays."
        )
        yield Danger(
            rule="environments_lose_intervals",
            severity=Severity.WARNS if filled else Severity.NOTES,
            message=message,
            hint=f"Plan or run {environment} afterwards, so that they are filled again."
            if filled
            else f"Plan {environment} afterwards, if these intervals are to be filled there.",
            details=tuple(sorted(_loss(each) for each in losses)),
        )


def _loss(loss: Loss) -> str:
    """``db.shop.daily  2024-01-01 .. 2024-01-05``, and whether nothing of that is filled."""
    if loss.intervals:
        return f"{plain(loss.name)}  {spans(loss.intervals)}"
    return f"{plain(loss.name)}  {span(loss.cleared)}  not filled"


def downstream_restated(subject: Subject) -> Iterator[Danger]:
    """Existing data that is computed anew, downstream models included."""
    plan = subject.plan
    chosen = plan.selected_models_to_restate
    if not chosen or not plan.restatements:
        return
    restated = {each.name: interval for each, interval in plan.restatements.items()}
    below = sorted(set(restated) - set(chosen))
    named = len(restated) - len(below)
    more = f", and {len(below):,} downstream of {'it' if named == 1 else 'them'}," if below else ""
    models = f"{named:,} restated models" if named != 1 else "A model"
    yield Danger(
        rule="restatement",
        model=next(iter(restated)) if len(restated) == 1 else None,
        view_name=subject.shown(next(iter(restated))) if len(restated) == 1 else "",
        severity=Severity.WARNS,
        message=f"{models}{more} will be computed anew: data that is there is overwritten.",
        hint="Make sure that the sources still hold what these intervals are computed from.",
        details=tuple(
            f"{subject.shown(name)}  {span((int(interval[0]), int(interval[1])))}"
            f"{'  downstream' if name in below else ''}"
            for name, interval in sorted(restated.items(), key=lambda each: each[0] in below)
        ),
    )


def local_changes_ignored(subject: Subject) -> Iterator[Danger]:
    """Models that differ in the project and are restated as the environment has them."""
    ignored = subject.built.ignored
    if ignored:
        models = f"{len(ignored):,} models" if len(ignored) > 1 else plain(ignored[0])
        yield Danger(
            rule="local_changes_ignored",
            model=ignored[0] if len(ignored) == 1 else None,
            view_name=subject.shown(ignored[0]) if len(ignored) == 1 else "",
            severity=Severity.WARNS,
            message=(
                f"{models} changed in the project, and a restatement leaves that out: it computes "
                f"what {subject.environment} has."
            ),
            hint="Plan and apply the changes first, without restating, if they are meant.",
            details=tuple(plain(name) for name in ignored),
        )
