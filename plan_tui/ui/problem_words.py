"""What each kind of problem is called, and what helps against it besides its own hint."""

from __future__ import annotations

from dataclasses import dataclass

from plan_tui.contract.errors import Problem
from plan_tui.contract.errors import ProblemCode as Code
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.formatting import interval


@dataclass(frozen=True)
class Look:
    """How a kind of problem is shown."""

    heading: str
    """Two or three words above everything."""
    steps: tuple[str, ...] = ()
    """What to try, where the problem itself has no better hint."""
    retry: str = "Retry"
    """What the retry does, in a word or two."""


_PROJECT = Look(
    "Project can't be loaded",
    ("Correct the file; the engine sees the change by itself, or r loads the project again.",),
    "Load again",
)
_PLAN = Look(
    "No plan",
    ("Change the options (esc goes back to them) or the project, and build it again.",),
    "Build again",
)

LOOKS: dict[Code, Look] = {
    Code.ENGINE_LOST: Look(
        "Engine lost",
        ("r looks for it, and starts another where it is gone.",),
        "Connect again",
    ),
    Code.ENGINE_START: Look(
        "Engine did not start",
        ("The log says why. r tries again.",),
        "Start again",
    ),
    Code.PROTOCOL: Look(
        "Engine of another version",
        ("`plan-tui engine stop` ends it, once nothing runs; r starts one of this version.",),
        "Connect again",
    ),
    Code.LOCKED_DATABASE: Look(
        "Database locked",
        ("Another process has the file open: close it, or wait.",),
        "Try now",
    ),
    Code.MISSING_CREDENTIALS: Look(
        "Credentials missing",
        (
            "Set them where the gateway of config.yaml or config.py takes them from: "
            "environment variables, or a .env file.",
            "An engine keeps the environment that it was started in: r starts another one.",
        ),
        "Start again",
    ),
    Code.EXPIRED_CREDENTIALS: Look(
        "Credentials expired",
        ("Renew them, then r tries again.",),
        "Try again",
    ),
    Code.LOST_CONNECTION: Look(
        "Connection lost",
        ("See that the warehouse is up; r connects again.",),
        "Connect again",
    ),
    Code.FAILED_STATE: Look(
        "State out of reach",
        ("See that the state's database is up; r tries again.",),
        "Try again",
    ),
    Code.UNREACHABLE_WAREHOUSE: Look(
        "Warehouse unreachable",
        ("Check host, network or VPN; r tries again.",),
        "Try again",
    ),
    Code.BROKEN_PROJECT: _PROJECT,
    Code.BROKEN_MODEL: Look("Broken model", ("Correct the file; r builds again.",), "Build again"),
    Code.NO_PROJECT: Look(
        "No SQLMesh project",
        ("Start plan-tui in a project's directory, or name it: plan-tui -p PATH.",),
        "Look again",
    ),
    Code.UNKNOWN_CONFIG: Look(
        "No such gateway or configuration",
        ("Leave with ctrl+c and start plan-tui with another --gateway or --config.",),
        "Look again",
    ),
    Code.MIGRATION_NEEDED: Look(
        "State needs a migration",
        ("`sqlmesh migrate` brings the state to this version of SQLMesh; then r tries again.",),
        "Try again",
    ),
    Code.FAILED_TESTS: Look(
        "Unit tests failed",
        ("Correct the models or the tests, or set Skip tests (esc goes back to the options).",),
        "Build again",
    ),
    Code.FAILED_LINT: Look(
        "Lint failed",
        ("Correct the models, or set Skip lint (esc goes back to the options).",),
        "Build again",
    ),
    Code.DESTRUCTIVE_CHANGE: Look(
        "Destructive change refused",
        ("Allow destructive takes the model's name (esc goes back to the options).",),
        "Build again",
    ),
    Code.ADDITIVE_CHANGE: Look(
        "Additive change refused",
        ("Allow additive takes the model's name (esc goes back to the options).",),
        "Build again",
    ),
    Code.INVALID_PLAN: _PLAN,
    Code.NOTHING_TO_DO: _PLAN,
    Code.BAD_REQUEST: _PLAN,
    Code.UNKNOWN_MODEL: Look(
        "No such model",
        ("Correct the name in the options (esc goes back to them).",),
        "Build again",
    ),
    Code.STALE_PLAN: Look("Plan out of date", ("r builds it again, choices kept.",), "Build again"),
    Code.CONFLICT: Look("Plan out of date", ("r builds it again, choices kept.",), "Build again"),
    Code.UNCATEGORIZED: Look("Categories missing", ("Choose them in the review.",), "Build again"),
    Code.BUSY: Look("Engine busy", ("Wait until it is through, or cancel what runs.",), "Retry"),
}

OTHER = Look("Something went wrong", ("The log has the details; r tries again.",))


REBUILT = frozenset({Code.STALE_PLAN, Code.CONFLICT, Code.NO_PLAN})
"""Problems of an old plan, which only a new one helps."""


def look_of(problem: Problem) -> Look:
    """How a problem is shown."""
    return LOOKS.get(problem.code, OTHER)


def where(problem: Problem) -> str:
    """``models/orders.sql:12``, or nothing."""
    if problem.path is None:
        return ""
    return problem.path if problem.line is None else f"{problem.path}:{problem.line}"


ITSELF = "It is tried again by itself until the file is free; nothing of yours is lost."


def steps(problem: Problem) -> tuple[str, ...]:
    """What to do: the problem's own hint, else what helps against its kind."""
    told = (in_the_app(problem.hint),) if problem.hint else look_of(problem).steps
    return (*told, ITSELF) if problem.code is Code.LOCKED_DATABASE else told


def as_text(problem: Problem) -> str:
    """The whole problem as plain text, to be pasted somewhere."""
    when = f"interval {interval(problem.interval)}" if problem.interval is not None else ""
    parts = [problem.title, problem.message, where(problem), when]
    parts += [problem.model or "", problem.sql or "", *steps(problem)]
    return "\n\n".join(part for part in parts if part)
