"""Every danger of a plan: those that came with it, and those that are looked for afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from plan_tui.contract.dangers import Danger, Dangers, Severity
from plan_tui.engine.dangers import checks, promotion, restatements, spans, statements
from plan_tui.engine.dangers.subject import Subject
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.problems import sentence_of

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)

RULES: tuple[tuple[str, Callable[[Subject], Iterable[Danger]]], ...] = (
    ("what other environments lose", restatements.environments_lose_intervals),
    ("what a restatement reaches", restatements.downstream_restated),
    ("what a restatement leaves out", restatements.local_changes_ignored),
    ("gaps", spans.gaps),
    ("what an empty backfill records", spans.recorded_empty),
    ("the plan's range", spans.ranges_too_short),
    ("the number of intervals", spans.too_many_intervals),
    ("changes of kind", promotion.kind_changes),
    ("previews", promotion.previews_not_reused),
    ("views that are replaced", promotion.views_replaced),
    ("statements around queries", statements.statements_fail),
    ("statements of the environment", statements.environment_statements_fail),
    ("tests", checks.tests),
    ("lint", checks.lint),
)
"""What each looks for, in words, and the function that does."""


def dangers_of(asked: Asked) -> Dangers:
    """The answer to who looks at the dangers."""
    return Dangers(
        plan_id=asked.built.plan.plan_id,
        dangers=all_dangers(asked.backend, asked.built, asked.check),
    )


def all_dangers(
    backend: Backend, built: BuiltPlan, check: Callable[[], None] = lambda: None
) -> tuple[Danger, ...]:
    """All dangers of a plan, the blocking ones first; a rule that fails leaves the others.

    Args:
        backend: The engine's backend, for its project and what validation found.
        built: The plan.
        check: Called between rules, and while one waits; may raise to stop.
    """
    subject = Subject(backend.project.context, built, backend.validation, check)
    found = list(built.dangers)
    for what, rule in RULES:
        check()
        try:
            found += rule(subject)
        except LookDropped:
            raise
        except Exception as error:
            logger.info("The check of %s failed.", what, exc_info=error)
            found.append(_unchecked(what, error))
    order = list(Severity)
    return tuple(sorted(found, key=lambda each: order.index(each.severity)))


def _unchecked(what: str, error: Exception) -> Danger:
    return Danger(
        rule="not_checked",
        severity=Severity.NOTES,
        message=f"It could not be checked: {what}. {sentence_of(error)}",
        hint="The engine's log says more; look at it before you apply.",
    )
