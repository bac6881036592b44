"""A command that the session does not take, with its reason and HTTP status."""

from __future__ import annotations

from plan_tui.contract.errors import Problem, ProblemCode


class Refused(Exception):
    """The answer is no."""

    def __init__(self, problem: Problem, status: int) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.status = status


def busy(title: str) -> Problem:
    """Something else has to end first."""
    return Problem(
        code=ProblemCode.BUSY,
        title=title,
        message="The engine does one thing at a time.",
        hint="Wait for it to end, or cancel it.",
    )


def no_plan() -> Problem:
    """There is nothing to review."""
    return Problem(
        code=ProblemCode.NO_PLAN,
        title="There is no plan under review.",
        message="None was built yet, or the last one was applied.",
        hint="Build a plan first.",
    )


def not_under_review(plan_id: str) -> Problem:
    """Another plan was built since the one that is asked for."""
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title="That plan is not the one under review any more.",
        message=f"It was plan {plan_id[:8]}, and another one was built since.",
        hint="Review the new plan, then apply it.",
    )


def revised() -> Problem:
    """The plan was changed between the wish to apply it and its beginning."""
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title="The plan was changed while it was checked, so it was not applied.",
        message="A category or a permission was set at the same time. Nothing was applied.",
        hint="Review the plan as it is now, then apply it.",
    )


def plan_cancelled() -> Problem:
    """A cancel came while the words of a plan were read."""
    return Problem(
        code=ProblemCode.CANCELLED,
        title="The plan was cancelled before it began.",
        message="Nothing was built and nothing was changed.",
        hint="Ask for it again when you want it.",
    )


def was_cancelled() -> Problem:
    """A cancel came before the apply began."""
    return Problem(
        code=ProblemCode.CANCELLED,
        title="The apply was cancelled before it began.",
        message="Nothing was applied; the plan is still under review.",
        hint="Apply it again when you want it.",
    )
