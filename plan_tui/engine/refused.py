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
