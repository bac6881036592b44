"""Turns exceptions into sentences: what happened, why, what to do, and where."""

from __future__ import annotations

import re

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.connection_words import connection_problem
from plan_tui.engine.locked import locked_problem
from plan_tui.engine.namesakes import between_models
from plan_tui.engine.placing import Place, causes, place_of
from plan_tui.engine.refused import Refused
from plan_tui.engine.sentences import plain_tokens
from plan_tui.engine.sentences import sentence_of as sentence_of
from plan_tui.engine.yaml_faults import shape_words

_READING = re.compile(r"\s*Failed to load model from file '[^']+':\s*")
_TWICE = re.compile(r"Duplicate key '(.+)' found in UniqueKeyDict<models>.*")
_ABSENT = re.compile(r"Environment '(.+)' must exist for this operation")
_BROKEN = {"ConfigError", "ParseError", "SqlglotError", "MissingModelError", "SyntaxError"}
"""Exceptions that say that the project's own files are at fault."""


def from_loading(error: Exception, roots: tuple[str, ...]) -> Problem:
    """Why a project could not be loaded."""
    if isinstance(error, Refused):
        return error.problem
    known = _from_warehouse(error)
    if known is not None:
        return known
    text = sentence_of(error)
    name = type(error).__name__
    if "Project not found" in text or ("could not be found" in text and "onfig" in text):
        return Problem(
            code=ProblemCode.NO_PROJECT,
            title="There is no SQLMesh project here.",
            message=text,
            hint="Go to a project's directory or name it with -p PATH; `sqlmesh init` makes one.",
        )
    if name in ("StateMigrationError", "SchemaVersionError") or "sqlmesh migrate" in text:
        return Problem(
            code=ProblemCode.MIGRATION_NEEDED,
            title="The project's state was written by another version of SQLMesh.",
            message=text,
            hint="Run `sqlmesh migrate`, or install the version that the message names.",
        )
    place = place_of(error, roots)
    between = between_models(text, roots)
    if between is not None:
        place = _one_of(place, between.places)
    path, line = place.path, place.line
    return Problem(
        code=ProblemCode.BROKEN_PROJECT,
        title=f"The project can't be loaded{f': {path}' if path else ''}"
        f"{f', line {line}' if path and line else ''}.",
        message=reason_of(text) if between is None else between.words,
        hint=_hint(path, text) if between is None else between.hint,
        path=path,
        line=line,
        column=place.column,
    )


def _hint(path: str | None, text: str) -> str:
    if missing := re.search(r"sqlmesh\[([\w-]+)\]", text):
        return (
            f'Install its driver beside plan_tui (pip install "plan-tui[{missing[1]}]"), stop the '
            "engine (plan-tui engine stop), and try again."
        )
    return "Correct the file and try again." if path else "Correct the project and try again."


def _one_of(place: Place, places: tuple[Place, ...]) -> Place:
    """The place in the file that an error names, else the first that is known."""
    same = (each for each in places if each.path == place.path)
    return next(same, place if place.path else next(iter(places), place))


def from_planning(error: Exception, roots: tuple[str, ...], loading: bool = False) -> Problem:
    """Why a plan could not be built; of what came while its project was read, the project is."""
    if isinstance(error, Refused):
        return error.problem
    known = _from_warehouse(error)
    if known is not None:
        return known
    text = sentence_of(error)
    names = {type(cause).__name__ for cause in causes(error)}
    if (refused := _of_validation(text, names) or _of_restating(text)) is not None:
        return refused
    of_files = text.startswith("Detected a cycle") or _TWICE.search(text)
    if loading or of_files or (names & _BROKEN and not _of_a_selector(error)):
        return from_loading(error, roots)
    if (
        names & {"PlanError", "SQLMeshError"}
        or isinstance(error, ValueError)
        or _of_a_selector(error)
    ):
        return Problem(
            code=ProblemCode.INVALID_PLAN,
            title="SQLMesh refuses this plan.",
            message=text,
            hint="Change the dates, options or models that it names and build the plan again.",
        )
    if place_of(error, roots) != Place():
        return from_loading(error, roots)
    return internal(error)


def _of_validation(text: str, names: set[str]) -> Problem | None:
    """Tests or lint that stopped the plan."""
    if "failing test" in text:
        return Problem(
            code=ProblemCode.FAILED_TESTS,
            title="The plan was not built: unit tests fail.",
            message=text,
            hint="Correct the models or the tests, or plan with --skip-tests.",
        )
    if "LinterError" in names:
        return Problem(
            code=ProblemCode.FAILED_LINT,
            title="The plan was not built: the linter found errors.",
            message=text,
            hint="Correct what it names, or plan with --skip-linter.",
        )
    return None


def _of_restating(text: str) -> Problem | None:
    """A restatement that finds no environment: SQLMesh leaves all changes out of one."""
    absent = _ABSENT.search(text)
    if absent is None:
        return None
    name = absent.group(1)
    return Problem(
        code=ProblemCode.INVALID_PLAN,
        title=f"There is no environment {name} to restate in.",
        message="A restatement computes again what an environment has, and leaves out what changed "
        "in the project: an environment that does not exist has nothing.",
        hint=f"Plan {name} without --restate-model first, which creates it, or restate in "
        "an environment that exists.",
    )


def _of_a_selector(error: Exception) -> bool:
    """Whether an expression that selects models is at fault: it is parsed like SQL, or asks git."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "sqlmesh.core.selector":
            return True
        trace = trace.tb_next
    return False


def reason_of(text: str) -> str:
    """SQLMesh's words without the file that the title names, at the margin."""
    found = _READING.match(text)
    if found is None:
        return shape_words(plain_tokens(text))
    rest = text[found.end() :].splitlines()
    return reason_of("\n".join(line.removeprefix("  ") for line in rest))


def internal(error: BaseException) -> Problem:
    """A fault of plan_tui's or SQLMesh's own."""
    return Problem(
        code=ProblemCode.INTERNAL,
        title="Something went wrong that should not.",
        message=f"{type(error).__name__}: {sentence_of(error)}",
        hint="The traceback is in the engine's log: plan-tui engine log.",
    )


def _from_warehouse(error: Exception) -> Problem | None:
    for cause in causes(error):
        locked = locked_problem(sentence_of(cause))
        if locked is not None:
            return locked
    return connection_problem(error)
