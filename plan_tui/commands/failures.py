"""What went wrong, on stderr: what, why, where and what to do; and the exit code."""

from __future__ import annotations

import click

from plan_tui.cli import EXIT_BAD_INPUT, EXIT_CANCELLED, EXIT_FAILED, Settings
from plan_tui.client.errors import ClientError
from plan_tui.commands.words import range_text
from plan_tui.contract.command_line import PROGRAM, with_program
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.text import clean

BAD_INPUT = frozenset(
    {
        ProblemCode.BAD_REQUEST,
        ProblemCode.UNKNOWN_MODEL,
        ProblemCode.NO_PROJECT,
        ProblemCode.UNKNOWN_CONFIG,
    }
)
"""Problems that only another command line solves."""


_SQL_WORDS = {
    ProblemCode.FAILED_AUDIT: "the query that finds these rows",
    ProblemCode.DESTRUCTIVE_CHANGE: "what would run",
    ProblemCode.ADDITIVE_CHANGE: "what would run",
}
"""What a problem's SQL is; for others it is what the warehouse refused."""


class CommandFailed(Exception):
    """A command can't go on; carries what is told and the exit code."""

    def __init__(self, problem: Problem, code: int = EXIT_FAILED) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.code = code


def tell(error: Exception, settings: Settings) -> int:
    """Says what went wrong; returns the exit code."""
    program = settings.program
    match error:
        case CommandFailed():
            show_problem(error.problem, program)
            code = error.code
        case ClientError():
            show_problem(error.problem, program)
            code = exit_code(error.problem)
        case _:
            show_problem(_unexpected(error), program)
            code = EXIT_FAILED
    if settings.debug:
        import traceback

        text = "".join(traceback.format_exception(error))
        click.echo(clean(text, keep_newlines=True), err=True, nl=False)
    return code


def exit_code(problem: Problem | None) -> int:
    """1, 4 where it was cancelled, or 3 where the command line asks for what does not exist."""
    if problem is not None and problem.code is ProblemCode.CANCELLED:
        return EXIT_CANCELLED
    return EXIT_BAD_INPUT if problem is not None and problem.code in BAD_INPUT else EXIT_FAILED


def show_problem(problem: Problem, program: str = PROGRAM) -> None:
    """Prints a problem to stderr.

    Args:
        problem: What went wrong.
        program: What stands for ``plan-tui`` in commands that it mentions.
    """
    problem = problem.model_copy(update={"hint": with_program(problem.hint, program)})
    title = click.style(f"Error: {clean(problem.title)}", fg="red", bold=True)
    if problem.code is ProblemCode.CANCELLED:
        title = click.style(f"Cancelled: {clean(problem.title)}", bold=True)
    click.echo("\n".join((title, *problem_details(problem))), err=True)


def problem_details(problem: Problem) -> list[str]:
    """The lines below a problem's title."""
    lines = _indented(problem.message)
    if problem.path is not None:
        place = problem.path if problem.line is None else f"{problem.path}, line {problem.line}"
        lines += _indented(f"in {place}")
    if problem.model is not None and problem.model not in problem.title:
        lines += _indented(f"model {problem.model}")
    if problem.interval is not None:
        lines += _indented(f"interval {range_text(problem.interval)}")
    if problem.nearest and problem.nearest[0] not in problem.message:
        lines += _indented(f"nearest names: {', '.join(problem.nearest)}")
    if problem.sql is not None:
        lines.append(f"  {_SQL_WORDS.get(problem.code, 'the statement that failed')}:")
        lines += ["  " + line for line in _indented(problem.sql)]
    return lines + _indented(problem.hint)


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in clean(text, keep_newlines=True).splitlines() if line.strip()]


def _unexpected(error: Exception) -> Problem:
    return Problem(
        code=ProblemCode.INTERNAL,
        title="plan_tui did not expect this.",
        message=f"{type(error).__name__}: {error}",
        hint="Run it again with --debug to see where it comes from.",
    )
