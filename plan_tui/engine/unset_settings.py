"""Names what a connection was not given: variables that are not set become ``None``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.secrets import UNSET

_OF_A_CONNECTION = (
    ProblemCode.EXPIRED_CREDENTIALS,
    ProblemCode.MISSING_CREDENTIALS,
    ProblemCode.UNREACHABLE_WAREHOUSE,
)


def unset_settings(settings: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """The names of the settings that are the word ``None``, each once, in order.

    Args:
        settings: The settings of each connection, by name; they may be nested.
    """
    return tuple(dict.fromkeys(name for each in settings for name in _unset(each)))


def with_unset(problem: Problem, unset: tuple[str, ...]) -> Problem:
    """A problem of a connection that also says what the connection was not given.

    Args:
        problem: Any problem.
        unset: What ``unset_settings`` found.
    """
    if not unset or problem.code not in _OF_A_CONNECTION or UNSET in problem.hint:
        return problem
    verb = "is" if len(unset) == 1 else "are"
    said = (
        f'In the config {", ".join(unset)} {verb} "{UNSET}", as of a variable that is not set: set '
        "it, or name a file that has it with --dotenv."
    )
    of_entry = problem.code is not ProblemCode.UNREACHABLE_WAREHOUSE
    hint = f"{said} {problem.hint}" if of_entry else f"{problem.hint} {said}"
    return problem.model_copy(update={"hint": hint})


def _unset(settings: Mapping[str, object]) -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _unset(value)
        elif value == UNSET:
            yield name
