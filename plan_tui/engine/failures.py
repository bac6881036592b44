"""What a failed batch, audit or table tells a user."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot.errors import SqlglotError

from plan_tui.contract.base import Interval
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.standing import statements_again
from plan_tui.contract.state import StageName
from plan_tui.engine.connection_failures import broken_apply, broken_batch
from plan_tui.engine.connection_words import from_driver
from plan_tui.engine.environment_lock import EnvironmentTaken
from plan_tui.engine.placing import causes
from plan_tui.engine.problems import sentence_of

LAID_OUT = 20_000
"""Characters up to which a statement is parsed for display."""


@dataclass(frozen=True)
class AtWork:
    """What a stage was at as it failed."""

    view_name: str | None = None
    """The model whose view or table it was."""
    sql: str | None = None
    """The last statement that was sent, laid out."""


_MARK = re.compile(r"^/\* SQLMESH_PLAN: \w+ \*/ ")


def readable_sql(sql: str | None, dialect: str | None) -> str | None:
    """A statement laid out over lines, or as it was sent where it can't be parsed."""
    if sql is None or len(sql) > LAID_OUT:
        return sql
    bare = _MARK.sub("", sql)
    try:
        return sqlglot.parse_one(bare, dialect=dialect).sql(dialect=dialect, pretty=True)
    except (SqlglotError, RecursionError, ValueError):
        return bare


def batch_failure(view_name: str, interval: Interval, error: Exception, sql: str | None) -> Problem:
    """A failed batch: which model, which interval, the warehouse's words and the SQL."""
    audits = _failed_audits(error)
    if audits:
        return Problem(
            code=ProblemCode.FAILED_AUDIT,
            title=f"An audit of {view_name} failed.",
            message="; ".join(_audit_sentence(audit) for audit in audits),
            hint="Look at the rows that the query finds, correct the data or the model, "
            "then plan again: what is done is kept.",
            model=view_name,
            interval=interval,
            sql=";\n\n".join(_audit_sql(audit) for audit in audits),
        )
    broken = broken_batch(view_name, error)
    if broken is not None:
        return broken.model_copy(update={"interval": interval, "sql": sql})
    if _is_python(error):
        return Problem(
            code=ProblemCode.FAILED_BATCH,
            title=f"The Python of {view_name} failed.",
            message=_warehouse_words(error),
            hint="Correct the model's code or its data, then plan again: what is done is kept.",
            model=view_name,
            interval=interval,
        )
    return Problem(
        code=ProblemCode.FAILED_BATCH,
        title=f"A batch of {view_name} failed.",
        message=_warehouse_words(error),
        hint="Correct the model or its data, then plan again: what is done is kept.",
        model=view_name,
        interval=interval,
        sql=sql,
    )


def creation_failure(view_name: str, error: Exception, sql: str | None) -> Problem:
    """A physical table that could not be created."""
    broken = broken_batch(view_name, error, "The creation of the table")
    if broken is not None:
        return broken.model_copy(update={"sql": sql})
    return Problem(
        code=ProblemCode.FAILED_CREATION,
        title=f"The table of {view_name} could not be created.",
        message=_warehouse_words(error),
        hint="Correct the model, then plan again.",
        model=view_name,
        sql=sql,
    )


_STAGE_WORDS = {
    StageName.BEFORE_ALL: "the statements before everything (before_all)",
    StageName.CREATION: "the creation of tables",
    StageName.AUDIT: "the audits",
    StageName.BACKFILL: "the backfill",
    StageName.RESTATE: "clearing the restated intervals",
    StageName.MIGRATE: "the migration of tables",
    StageName.DEFERRED_BACKFILL: "the backfill after the promotion",
    StageName.PROMOTE: "the promotion",
    StageName.FINALIZE: "finalizing the environment",
    StageName.AFTER_ALL: "the statements after everything (after_all)",
}
"""What a stage does, so that a failure says where it was."""


def apply_failure(
    error: Exception,
    failures: list[Problem],
    environment: str,
    stage: StageName | None = None,
    at_work: AtWork | None = None,
) -> Problem:
    """Why an apply as a whole failed.

    Args:
        error: What SQLMesh raised.
        failures: What batches and tables failed with.
        environment: The target.
        stage: The stage that it was raised in, where it is known.
        at_work: What was being done, where the stage goes model by model or runs statements.
    """
    if failures:
        first = failures[0]
        return first.model_copy(update={"title": f"{first.title[:-1]}{_others(failures)}."})
    if isinstance(error, EnvironmentTaken):
        return error.problem
    name = type(error).__name__
    if name == "ConflictingPlanError" or "no longer valid" in str(error):
        return Problem(
            code=ProblemCode.CONFLICT,
            title=f"Another plan was applied to {environment} meanwhile.",
            message=sentence_of(error),
            hint="Build the plan again: it starts from the new state, your choices are kept.",
        )
    return _stage_failure(error, environment, stage, at_work or AtWork())


def _others(failures: list[Problem]) -> str:
    """How many more models failed, or batches of the same one."""
    first = failures[0].model
    models = len({each.model for each in failures} - {first})
    if models:
        return f", and {models:,} more {'model' if models == 1 else 'models'} failed"
    batches = len(failures) - 1
    if batches:
        return f", and {batches:,} more of its batches failed"
    return ""


def _stage_failure(
    error: Exception, environment: str, stage: StageName | None, at_work: AtWork
) -> Problem:
    """Why a stage failed outside of batches and tables."""
    where = f" in {_STAGE_WORDS[stage]}" if stage in _STAGE_WORDS else ""
    of_model = f", at {at_work.view_name}" if at_work.view_name else ""
    found = {
        "model": at_work.view_name,
        "sql": at_work.sql if from_driver(error) else None,
    }
    broken = broken_apply(environment, f"{where}{of_model}", error)
    if broken is not None:
        return broken.model_copy(update=found)
    log = "The traceback is in the engine's log (plan-tui engine log)"
    again = f"{log}; planning again shows what is left to do."
    is_last = stage is StageName.AFTER_ALL
    return Problem(
        code=ProblemCode.FAILED_APPLY,
        title=f"Applying to {environment} failed{where}{of_model}.",
        message=_warehouse_words(error),
        hint=f"{statements_again(environment)} {log}." if is_last else again,
    ).model_copy(update=found)


def is_audit_failure(error: Exception) -> bool:
    """Whether a batch wrote its rows and an audit of them failed."""
    return bool(_failed_audits(error))


def _failed_audits(error: Exception) -> list[Any]:
    for cause in causes(error):
        if type(cause).__name__ == "NodeAuditsErrors":
            return list(cause.errors)  # type: ignore[attr-defined]
        if type(cause).__name__ == "AuditError":
            return [cause]
    return []


def _audit_sentence(audit: Any) -> str:
    arguments = ", ".join(
        f"{name} = {value.sql() if hasattr(value, 'sql') else value}"
        for name, value in audit.audit_args.items()
    )
    rows = "row" if audit.count == 1 else "rows"
    return f"{audit.audit_name}({arguments}) found {audit.count:,} {rows}"


def _audit_sql(audit: Any) -> str:
    return str(audit.query.sql(dialect=audit.adapter_dialect, pretty=True))


def _is_python(error: Exception) -> bool:
    """Whether a model's own code failed: no statement of the warehouse's did then."""
    chain = list(causes(error))
    if not any(type(cause).__name__ == "PythonModelEvalError" for cause in chain):
        return False
    own = [cause for cause in chain if not type(cause).__module__.startswith("sqlmesh")]
    return bool(own) and all(type(cause).__module__ == "builtins" for cause in own)


def _warehouse_words(error: Exception) -> str:
    innermost = error
    for cause in causes(error):
        if isinstance(cause, Exception) and cause.__suppress_context__ is False:
            innermost = cause
    explicit = error
    while isinstance(explicit.__cause__, Exception):
        explicit = explicit.__cause__
    chosen = explicit if explicit is not error else innermost
    return sentence_of(chosen)
