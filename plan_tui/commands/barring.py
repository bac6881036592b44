"""What keeps a built plan from being applied, on stderr."""

from __future__ import annotations

from collections.abc import Collection

from plan_tui.commands.failures import show_problem
from plan_tui.contract.dangers import Danger, blocking
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import PlanFacts
from plan_tui.contract.words import count

_TO_COME = frozenset({ProblemCode.UNCATEGORIZED, ProblemCode.NOTHING_TO_DO})
"""Refusals that say nothing against a plan."""


def is_nothing_to_do(facts: PlanFacts | None) -> bool:
    """Whether applying the plan would change nothing."""
    refusal = facts.refusal if facts is not None else None
    return refusal is not None and refusal.code is ProblemCode.NOTHING_TO_DO


def tell_barred(
    plan: PlanOverviewStageTracker | None, facts: PlanFacts | None, program: str
) -> bool:
    """Prints what bars the apply of a plan, its open categories apart, and what lets each pass.

    Args:
        plan: The plan, with its dangers.
        facts: While a category is open they refuse the plan for that, and not for its dangers.
        program: What stands for ``plan-tui`` in commands that are mentioned.

    Returns:
        Whether anything does.
    """
    refusal = facts.refusal if facts is not None else None
    if refusal is not None and refusal.code not in _TO_COME:
        show_problem(refusal, program)
        return True
    refused = blocking(plan.dangers) if plan is not None else ()
    if refused:
        show_problem(_problem(refused), program)
    return bool(refused)


def _problem(refused: Collection[Danger]) -> Problem:
    be = "blocks" if len(refused) == 1 else "block"
    return Problem(
        code=ProblemCode.DESTRUCTIVE_CHANGE,
        title=f"{count(len(refused), 'danger')} {be} the apply of this plan.",
        message="\n".join(each.message for each in refused),
        hint="\n".join(dict.fromkeys(each.hint for each in refused if each.hint)),
    )
