"""Restatements: what they compute anew, what they clear elsewhere, and what they leave out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.awaiting import awaited
from plan_tui.engine.dangers.subject import Subject, span, spans
from plan_tui.engine.names import plain

PATIENCE = 60.0
"""Seconds that the worker may take to read the other environments."""


def environments_lose_intervals(subject: Subject) -> Iterator[Danger]:
    """Environments whose own versions of restated models must be filled again."""
    by_environment: defaultdict[str, list[str]] = defaultdict(list)
    for loss in awaited(subject.built.losses, subject.check, PATIENCE):
        by_environment[loss.environment].append(f"{plain(loss.name)}  {spans(loss.intervals)}")
    for environment, lines in sorted(by_environment.items()):
        models = f"{len(lines):,} models" if len(lines) > 1 else "a model"
        yield Danger(
            rule="environments_lose_intervals",
            severity=Severity.WARNS,
            message=(
                f"{environment} loses intervals of {models}: its own versions depend on what is "
                "restated, and count as not filled afterwards."
            ),
            hint=f"Plan or run {environment} afterwards, so that they are filled again.",
            details=tuple(sorted(lines)),
        )


def downstream_restated(subject: Subject) -> Iterator[Danger]:
    """Existing data that is computed anew, downstream models included."""
    plan = subject.plan
    chosen = plan.selected_models_to_restate
    if not chosen or not plan.restatements:
        return
    restated = {each.name: interval for each, interval in plan.restatements.items()}
    below = sorted(set(restated) - set(chosen))
    more = f", and {len(below):,} downstream of them," if below else ""
    models = f"{len(restated) - len(below):,} restated models" if len(restated) > 1 else "A model"
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
