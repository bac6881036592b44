"""Sentences for what stops a plan: stale files, failing tests, conflicts."""

from __future__ import annotations

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.breaker import Breaker, TripReason
from plan_tui.engine.plan_run import PlanRun


def stale_files(changed: list[str], roots: tuple[str, ...]) -> Problem:
    """The problem of a plan whose project files changed."""
    first = changed[0] if changed else None
    for root in roots:
        first = first.removeprefix(f"{root}/") if first else None
    more = f" and {len(changed) - 1:,} more" if len(changed) > 1 else ""
    what = f": {first}{more}" if first else " while the plan was reviewed"
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title=f"The project changed{what}.",
        message="The plan was made from the files before.",
        hint="Build it again: your choices are kept.",
        path=first,
    )


def not_loading(problem: Problem) -> Problem:
    """The problem of a plan that can't be built again, as its project does not load any more."""
    place = f": {problem.path}" if problem.path else ""
    line = f", line {problem.line}" if problem.path and problem.line else ""
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title=f"The project does not load{place}{line}.",
        message="This is the last plan that could be built.",
        hint="Mend it, then build the plan again: your choices are kept.",
        path=problem.path,
        line=problem.line,
        column=problem.column,
    )


def half_chosen(problem: Problem) -> Problem:
    """The problem of a plan that SQLMesh changed in part before it failed."""
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title="This plan could not be revised.",
        message=f"{problem.title} SQLMesh may have changed some of its categories already.",
        hint="Build it again: your choices are kept.",
    )


def how_stopped(breaker: Breaker) -> tuple[RunOutcome, Problem | None]:
    """How a run ends that its breaker has stopped."""
    if breaker.reason is TripReason.CONFLICT:
        return RunOutcome.FAILED, Problem(
            code=ProblemCode.CONFLICT,
            title=breaker.message,
            message="Another plan was applied to the same environment meanwhile.",
            hint="Build the plan again: batches that are done are kept.",
        )
    return RunOutcome.CANCELLED, None


def with_findings(problem: Problem, run: PlanRun) -> Problem:
    """The problem with what failed named: the tests, or the rules that models break."""
    if problem.code is ProblemCode.FAILED_LINT:
        return _with_rules(problem, run)
    if problem.code is not ProblemCode.FAILED_TESTS or not run.tests.failures:
        return problem
    names = ", ".join(failure.name for failure in run.tests.failures[:3])
    more = len(run.tests.failures) - 3
    text = f"{run.tests.failed} of {run.tests.run} fail: {names}"
    message = f"{text}{f' and {more} more' if more > 0 else ''}."
    first = run.tests.failures[0]
    return problem.model_copy(update={"message": message, "path": first.path})


def _with_rules(problem: Problem, run: PlanRun) -> Problem:
    broken = [violation for violation in run.lint if violation.severity == "error"]
    if not broken:
        return problem
    listed = "; ".join(
        f"{each.model.replace(chr(34), '')}: {each.message} ({each.rule})" for each in broken[:3]
    )
    more = f"; and {len(broken) - 3} more" if len(broken) > 3 else ""
    return problem.model_copy(update={"message": f"{listed}{more}"})
