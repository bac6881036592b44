"""How an apply ended, told by a command: what was done and left, and each failure whole, once."""

from __future__ import annotations

from plan_tui.cli import EXIT_CANCELLED, EXIT_DONE, EXIT_FAILED
from plan_tui.client.errors import EngineLost
from plan_tui.commands.apply_report import Print, result_lines, summary_text, what_is_left
from plan_tui.commands.failures import show_problem
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.results import problems_of
from plan_tui.contract.state import ApplyProgress, EngineState, RunOutcome, SessionState


def tell_end(apply: ApplyProgress, show: Print, program: str) -> int:
    """Says how an apply ended; returns the exit code.

    Args:
        apply: The apply.
        show: Prints a line where the apply's progress was printed; what failed goes to stderr.
        program: What stands for ``plan-tui`` in commands.
    """
    show(summary_text(apply))
    if apply.outcome is RunOutcome.SUCCEEDED:
        return EXIT_DONE
    for line in result_lines(apply):
        show(line)
    show(what_is_left(apply, program))
    if apply.outcome is RunOutcome.CANCELLED:
        return EXIT_CANCELLED
    for problem in problems_of(apply.models.values(), apply.problem or unexplained()):
        show_problem(problem, program)
    return EXIT_FAILED


def unexplained() -> Problem:
    """Why a run failed of which the engine does not say it."""
    return Problem(
        code=ProblemCode.INTERNAL,
        title="The engine ended the run and did not say why.",
        hint="Its log says more: plan-tui engine log.",
    )


def unheard(state: EngineState, program: str) -> str:
    """What becomes of an apply whose output is a pipe that was closed.

    Args:
        state: The last that was heard of the engine.
        program: What stands for ``plan-tui`` in commands.
    """
    if state.state is not SessionState.APPLYING:
        return "Nobody reads the output any more: nothing was applied."
    return (
        "Nobody reads the output any more: the apply goes on in the engine. "
        f"{program} status shows how far it is, {program} cancel stops it."
    )


def unknown_outcome(error: EngineLost, state: EngineState) -> Problem:
    """What is known of an apply whose engine was lost."""
    log = f" Its log: {state.info.log_path}." if state.info is not None else ""
    restating = state.facts is not None and bool(state.facts.restated)
    hint = "plan-tui resume says what is left, and does it with --yes."
    if restating:
        hint += (
            " The restated data may be part new and part old: either that or apply the same "
            "restatement again. Until then a plan warns of what is still to be restated."
        )
    return Problem(
        code=ProblemCode.ENGINE_LOST,
        title="The engine was lost while it applied: how that ended is unknown.",
        message=f"{error.problem.message}{log}",
        hint=hint,
    )
