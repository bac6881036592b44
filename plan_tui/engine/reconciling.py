"""Applies that an earlier engine did not live to end, compared with what SQLMesh's state has."""

from __future__ import annotations

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plan_tui.contract import events as ev
from plan_tui.contract.base import Interval
from plan_tui.contract.history import RecordedDetail
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.locations import ProjectKey
from plan_tui.engine.event_log import EventLog, now_ms
from plan_tui.engine.journal import Journal
from plan_tui.journal.interrupted import as_recorded, ended_batches, with_batches
from plan_tui.journal.pruning import LOST_AFTER
from plan_tui.journal.reading import read_interrupted
from plan_tui.journal.store import JournalError
from plan_tui.journal.work import RecordedModel, RecordedWork

if TYPE_CHECKING:
    from sqlmesh.core.environment import Environment
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.backend import Backend
    from plan_tui.engine.context import EngineContext

logger = logging.getLogger(__name__)
Found = tuple[RecordedDetail, RecordedWork | None]


class Reconciler:
    """Looks once, as soon as the project is loaded; again only where the state can't be read."""

    def __init__(self, key: ProjectKey, log: EventLog, journal: Journal) -> None:
        self._key = key
        self._log = log
        self._journal = journal
        self._is_through = False

    def look(self, backend: Backend | None) -> None:
        """Tells of interrupted applies, in the worker's thread; raises nothing."""
        if self._is_through or backend is None or not backend.project.loaded:
            return
        found = self._recorded(self._journal.path)
        runs = []
        for detail, work in found:
            run = self._compared(backend, detail, work)
            if run is not None:
                runs.append(run)
        self._is_through = not any(run.unread for run in runs)
        if found:
            backend.project.release()
            self._log.emit(ev.RunsReconciled(runs=tuple(runs)))
            self._journal.note(lambda recorder: recorder.note_interrupted(tuple(runs)))

    def _recorded(self, path: Path) -> list[Found]:
        try:
            return read_interrupted(path, self._key.digest, now_ms() - LOST_AFTER)
        except (OSError, sqlite3.Error, JournalError):
            logger.warning("The journal can't be read for interrupted applies.", exc_info=True)
            return []

    def _compared(
        self, backend: Backend, detail: RecordedDetail, work: RecordedWork | None
    ) -> InterruptedRun | None:
        try:
            return reconcile(backend.project.context, detail, work)
        except Exception as error:
            logger.warning("SQLMesh's state can't be compared with the journal.", exc_info=True)
            why = next((line for line in f"{error}".splitlines() if line.strip()), "")
            unread = f"SQLMesh's state can't be read: {why or type(error).__name__}"
            return as_recorded(detail, work).model_copy(update={"unread": unread})


def reconcile(
    context: EngineContext, detail: RecordedDetail, work: RecordedWork | None
) -> InterruptedRun | None:
    """What is left of an interrupted apply; None where somebody else has applied since.

    Args:
        context: The loaded project.
        detail: All that was recorded of the apply.
        work: What it set out to do, where that was recorded.

    Raises:
        Exception: Whatever SQLMesh raises for a state that can't be read.
    """
    run = as_recorded(detail, work)
    environment: Environment | None = context.state_sync.get_environment(run.environment)
    promoted = environment is not None and environment.plan_id == run.plan_id
    finalized_ts = None if environment is None else environment.finalized_ts
    if not promoted and finalized_ts is not None and finalized_ts > run.started:
        return None
    finalized = promoted and finalized_ts is not None
    after_all = run.after_all and finalized
    facts = {"promoted": promoted, "finalized": finalized, "after_all": after_all}
    facts["absent"] = environment is None
    run = run.model_copy(update=facts)
    if after_all:
        run = run.model_copy(update={"statements": _after_all(context, run.environment)})
    if work is None:
        return run
    stored = _stored(context, work.models)
    recorded = all(model.name in stored for model in work.models if model.new)
    done = {model.name: _done(model, stored.get(model.name), detail) for model in work.models}
    tables = () if run.finalized else _tables_left(context, work.models)
    run = run.model_copy(update={"recorded": recorded, "tables_left": tables})
    return with_batches(run, detail.models.values(), done)


def _after_all(context: EngineContext, environment: str) -> tuple[str, ...]:
    found = context.state_sync.get_environment_statements(environment)
    return tuple(statement for each in found for statement in each.after_all)


def _stored(context: EngineContext, models: Iterable[RecordedModel]) -> dict[str, Snapshot]:
    from sqlmesh.core.snapshot import SnapshotId

    wanted = [SnapshotId(name=model.name, identifier=model.identifier) for model in models]
    return {each.name: each for each in context.state_sync.get_snapshots(wanted).values()}


def _done(model: RecordedModel, snapshot: Snapshot | None, detail: RecordedDetail) -> int:
    """Batches that are done: by the state, or by the journal where the state can't tell."""
    if model.restated:
        return ended_batches(detail).get(model.name, 0)
    if snapshot is None:
        return 0
    filled = snapshot.intervals if model.deployable else snapshot.dev_intervals
    return sum(_is_filled(batch, filled) for batch in model.batches)


def _is_filled(batch: Interval, filled: Iterable[Interval]) -> bool:
    return any(start <= batch[0] and batch[1] <= end for start, end in filled)


def _tables_left(context: EngineContext, models: Iterable[RecordedModel]) -> tuple[str, ...] | None:
    """Tables that the apply made and no environment uses, or None where nobody can tell."""
    used = {
        (each.name, each.identifier)
        for environment in context.state_sync.get_environments()
        for each in environment.snapshots
    }
    unused = [
        model for model in models if model.table and (model.name, model.identifier) not in used
    ]
    try:
        there = _existing(context, unused)
    except Exception:
        logger.warning("The warehouse can't be asked for tables.", exc_info=True)
        return None
    return tuple(sorted(str(model.table) for model in unused if model.table in there))


def _existing(context: EngineContext, models: Collection[RecordedModel]) -> set[str]:
    """Those of the models' tables that are in the warehouse: one question for each schema."""
    from sqlglot import exp

    schemas: dict[tuple[str | None, str], dict[str, str]] = defaultdict(dict)
    for model in models:
        assert model.table is not None
        table = exp.to_table(model.table)
        schema = exp.table_(table.args["db"], catalog=table.args.get("catalog"))
        schemas[model.gateway, schema.sql()][table.name] = model.table
    found: set[str] = set()
    for (gateway, schema_name), tables in schemas.items():
        adapter: Any = context._get_engine_adapter(gateway)
        there = adapter.get_data_objects(exp.to_table(schema_name), set(tables))
        found.update(tables[each.name] for each in there if each.name in tables)
    return found
