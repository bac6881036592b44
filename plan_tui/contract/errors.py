"""What a user is told when something can not be done."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Name, Wire


class ProblemCode(Name):
    """What kind of thing went wrong, so that a screen or an exit code can follow."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_MODEL = "unknown_model"
    BUSY = "busy"
    NO_PLAN = "no_plan"
    STALE_PLAN = "stale_plan"
    UNCATEGORIZED = "uncategorized"
    NOTHING_TO_DO = "nothing_to_do"
    READ_ONLY = "read_only"
    BROKEN_PROJECT = "broken_project"
    BROKEN_MODEL = "broken_model"
    NO_PROJECT = "no_project"
    UNKNOWN_CONFIG = "unknown_config"
    LOCKED_DATABASE = "locked_database"
    MISSING_CREDENTIALS = "missing_credentials"
    EXPIRED_CREDENTIALS = "expired_credentials"
    UNREACHABLE_WAREHOUSE = "unreachable_warehouse"
    LOST_CONNECTION = "lost_connection"
    MIGRATION_NEEDED = "migration_needed"
    FAILED_TESTS = "failed_tests"
    FAILED_LINT = "failed_lint"
    DESTRUCTIVE_CHANGE = "destructive_change"
    ADDITIVE_CHANGE = "additive_change"
    INVALID_PLAN = "invalid_plan"
    FAILED_BATCH = "failed_batch"
    FAILED_AUDIT = "failed_audit"
    FAILED_CREATION = "failed_creation"
    FAILED_STATE = "failed_state"
    FAILED_APPLY = "failed_apply"
    CONFLICT = "conflict"
    CANCELLED = "cancelled"
    PROTOCOL = "protocol"
    ENGINE_LOST = "engine_lost"
    ENGINE_START = "engine_start"
    UNREADABLE_JOURNAL = "unreadable_journal"
    INTERNAL = "internal"


VALIDATION = frozenset({ProblemCode.FAILED_TESTS, ProblemCode.FAILED_LINT})
"""Problems of which a plan's document tells more than the message."""


class Problem(Wire):
    """One sentence of what, one of why, one of what to do, and where."""

    code: ProblemCode
    """The kind of problem."""
    title: str
    """What happened, in one sentence."""
    message: str = ""
    """Why it happened."""
    hint: str = ""
    """What to do next."""
    path: str | None = None
    """The project file it comes from, relative to the project where possible."""
    line: int | None = None
    """The line in ``path``, counted from 1."""
    column: int | None = None
    """The column in that line, counted from 1."""
    model: str | None = None
    """The display name of the model it is about."""
    interval: Interval | None = None
    """The interval that was being filled."""
    sql: str | None = None
    """The statement that the warehouse refused."""
    nearest: tuple[str, ...] = ()
    """Names that come close to one that does not exist."""


class ProblemAnswer(Wire):
    """The body of every answer of the engine with a status of 400 or more."""

    problem: Problem
