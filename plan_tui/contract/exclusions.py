"""Options that SQLMesh refuses together, each with a sentence that names both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plan_tui.contract.plan import PlanRequest

PROD = "prod"


@dataclass(frozen=True)
class Exclusion:
    """Two things that can't be asked for together."""

    field: str
    """The option to change, as a field name."""
    other: str
    """The option, or ``environment``, that it clashes with."""
    sentence: str
    """Why, naming both."""


def exclusions(request: PlanRequest) -> list[Exclusion]:
    """All clashes in a request; an empty list means that SQLMesh can try it.

    The rules are those of SQLMesh's ``Context.plan_builder`` and ``PlanBuilder.build``.
    """
    return list(_clashes(request))


def _clashes(request: PlanRequest) -> Iterator[Exclusion]:
    options, dates = request.options, request.dates
    if options.skip_tests and options.test_changed_only:
        yield Exclusion(
            "test_changed_only",
            "skip_tests",
            "Changed tests only (--test-changed-only) can't be set with --skip-tests: "
            "no test would run.",
        )
    if options.skip_backfill and options.empty_backfill:
        yield Exclusion(
            "empty_backfill",
            "skip_backfill",
            "--empty-backfill records intervals as filled and --skip-backfill leaves them "
            "missing: choose one.",
        )
    if options.effective_from and options.forward_only is not True:
        yield Exclusion(
            "effective_from",
            "forward_only",
            "--effective-from only has a meaning with --forward-only: set forward-only too.",
        )
    if options.ignore_cron and not options.run:
        yield Exclusion(
            "ignore_cron", "run", "--ignore-cron only has a meaning with --run: set run too."
        )
    if request.environment == PROD and options.restate_models is None:
        for field, value in (("start", dates.start), ("end", dates.end)):
            if value:
                yield Exclusion(
                    field,
                    "environment",
                    f"--{field} can't be set for prod without --restate-model: prod always gets "
                    "the whole range.",
                )
