"""The rows of a changed seed beside those of before, read from the warehouse only when asked to.

What a comparison found is kept by the fingerprints of both versions, its failure as well: looking
at the seed again asks the warehouse nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.impact import SeedFile, SeedRows, SemanticChange
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.seed_diff import compare_rows, count_rows
from plan_tui.engine.impact.stopper import Stopper
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.names import plain
from plan_tui.engine.problems import sentence_of
from plan_tui.engine.refused import Refused

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)
Changes = tuple[SemanticChange, ...]
READ_FREELY = frozenset({"duckdb", "postgres", "mysql", "mssql"})
"""Connections that always run: a small query wakes nothing that is paid by the minute."""
SECONDS = 60.0
HASHED = frozenset({Kind.VALUES_CHANGED})
"""What is told of a seed as long as its rows of before are not known."""


@dataclass(frozen=True)
class Compared:
    """What came of a comparison."""

    changes: Changes = ()
    problem: str = ""


_COMPARED: Kept[Compared] = Kept(256)
_COUNTED: Kept[int | None] = Kept(256)


def seed_rows_of(asked: Asked) -> SeedRows:
    """Compares the rows of a seed, unless that was done; in the thread of the connections.

    With the parameter ``free`` it reads only where a small query costs nothing.

    Raises:
        Refused: The model is no seed that the plan changes.
        LookDropped: Whoever asked has gone; the query is stopped.
    """
    pair = asked.built.plan.context_diff.modified_snapshots.get(asked.name)
    if pair is None or not all(each.is_seed for each in pair):
        raise Refused(_no_seed(asked.name), 409)
    new, old = pair
    known = _COMPARED.known(_key(old, new))
    if known is None or known.problem:
        known = _compare(asked, old, new)
    return SeedRows(
        plan_id=asked.built.plan.plan_id,
        name=asked.name,
        changes=known.changes,
        problem=known.problem,
    )


def with_rows(old: Snapshot, new: Snapshot, found: Changes) -> Changes:
    """The rows of a seed in place of its columns' hashes, where they were compared."""
    known = _COMPARED.known(_key(old, new))
    if known is None or not known.changes:
        return found
    return (*known.changes, *(each for each in found if each.kind not in HASHED))


def seed_file(built: BuiltPlan, name: str, changes: Changes) -> SeedFile | None:
    """How far a seed's rows are compared; None for what is no seed with other values.

    Args:
        built: The plan.
        name: The snapshot name.
        changes: Its semantic diff.
    """
    pair = built.plan.context_diff.modified_snapshots.get(name)
    if pair is None or not all(each.is_seed for each in pair):
        return None
    new, old = pair
    known = _COMPARED.known(_key(old, new))
    if known is None and not any(each.kind in HASHED for each in changes):
        return None
    return SeedFile(
        rows=_COUNTED.get(new.fingerprint, lambda: count_rows(new)),
        compared=known is not None and not known.problem,
        problem=known.problem if known is not None else "",
    )


def _compare(asked: Asked, old: Snapshot, new: Snapshot) -> Compared:
    gateway = new.model.gateway
    context = asked.context
    config = context.config.get_connection(gateway) if gateway else context.connection_config
    if asked.params.get("free") and config.type_ not in READ_FREELY:
        why = f"Reading the rows of before from {config.type_} may cost money."
        return Compared(problem=why)
    adapter = context._get_engine_adapter(gateway)
    stopper = Stopper(asked, adapter, SECONDS)
    try:
        with stopper.watching():
            found = Compared(tuple(compare_rows(adapter, old, new)))
    except Exception as error:
        if asked.dropped.is_set():
            raise LookDropped from error
        logger.info("The rows of %s are not compared.", old.name, exc_info=error)
        late = f"It took longer than {SECONDS:g} seconds." if stopper.timed_out else ""
        found = Compared(problem=late or sentence_of(error))
    _COMPARED.put(_key(old, new), found)
    return found


def _key(old: Snapshot, new: Snapshot) -> Hashable:
    return old.name, old.fingerprint, new.fingerprint


def _no_seed(name: str) -> Problem:
    return Problem(
        code=ProblemCode.BAD_REQUEST,
        title=f"{plain(name)} has no rows of a file to compare.",
        message="Only a seed that the plan changes has.",
        model=name,
    )
