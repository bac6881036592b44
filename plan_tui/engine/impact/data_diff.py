"""Compares a model's data on both sides by SQLMesh's table diff, only when it is asked to."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlmesh.core.table_diff import TableDiff

from plan_tui.contract.data_diff import ColumnData, DataDiff, DataDiffOffer, RowSample
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.impact.condition import ConditionError, read_condition
from plan_tui.engine.impact.data_sides import offer_of
from plan_tui.engine.impact.stopper import Stopper
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.problems import sentence_of
from plan_tui.engine.refused import Refused

logger = logging.getLogger(__name__)
LIMIT = 20
MOST_ROWS = 1_000
SECONDS = 60.0
"""After which a comparison is stopped, where nothing else is asked for."""
TEMPORARY = "sqlmesh_temp"
"""The schema in which SQLMesh joins the two sides."""


def data_diff_of(asked: Asked) -> DataDiff:
    """The comparison that is asked for: parameters ``on``, ``where``, ``limit`` and ``seconds``.

    Raises:
        Refused: There is nothing to compare, or the warehouse refuses.
        LookDropped: Whoever asked has gone; the query is stopped and its table dropped.
    """
    offer = offer_of(asked)
    if offer.refusal:
        raise Refused(_problem("The data can't be compared.", offer.refusal), 409)
    on = tuple(filter(None, (each.strip() for each in asked.params.get("on", "").split(","))))
    on = on or offer.on
    if not on:
        raise Refused(_no_key(), 409)
    where, limit, seconds = _bounds(asked.params)
    adapter = _tracking(asked)
    condition = _condition(where, adapter.dialect)
    stopper = Stopper(asked, adapter, seconds)
    try:
        with stopper.watching():
            diff = TableDiff(
                adapter,
                offer.before.table,
                offer.after.table,
                [exp.to_identifier(each) for each in on],  # type: ignore[misc]
                where=condition,
                limit=limit,
                model_name=offer.name,
                model_dialect=adapter.dialect,
            )
            rows = diff.row_diff(temp_schema=TEMPORARY)
            schema = diff.schema_diff()
    except Exception as error:
        raise _told(error, asked, stopper, seconds) from error
    finally:
        left = adapter.drop_tracked()
    found = _found(offer, on, where, limit, rows, schema)
    return found.model_copy(update={"notes": (*_notes(rows), *left)})


def _bounds(params: Mapping[str, str]) -> tuple[str, int, float]:
    """The condition, the rows of a sample and the seconds.

    Raises:
        Refused: One of them is not what it should be.
    """
    where = params.get("where", "").strip()
    try:
        limit = min(MOST_ROWS, max(1, int(params.get("limit") or LIMIT)))
        seconds = max(1.0, float(params.get("seconds") or SECONDS))
    except ValueError as error:
        raise Refused(_problem("A limit is no number.", str(error)), 422) from error
    return where, limit, seconds


def _condition(where: str, dialect: str) -> exp.Expr | None:
    """The condition that bounds both sides, or None.

    Raises:
        Refused: It is none, or one that is not run here.
    """
    try:
        return read_condition(where, dialect) if where else None
    except ConditionError as error:
        hint = "Compare columns with values: ds >= '2024-01-01' AND id IN (1, 2)."
        problem = _problem("The data can't be compared with this condition.", str(error), hint)
        raise Refused(problem, 422) from error


def _tracking(asked: Asked) -> Any:
    """The adapter of the model's gateway, that knows its temporary tables."""
    model = asked.built.plan.context_diff.snapshots_by_name[asked.name].model
    real = asked.context._get_engine_adapter(model.gateway).with_settings()
    kind: Any = type(real)
    real.__class__ = type(f"Tracking{kind.__name__}", (_Tracking, kind), {})
    tracking: Any = real
    tracking.tracked = []
    return tracking


class _Tracking:
    """Mixed in before an adapter's class: temporary tables are dropped even after a stop."""

    tracked: list[Any]

    def _get_temp_table(self, *args: Any, **kwargs: Any) -> Any:
        table = super()._get_temp_table(*args, **kwargs)  # type: ignore[misc]
        self.tracked.append(table)
        return table

    def drop_tracked(self) -> tuple[str, ...]:
        """Drops what may be left, and says what could not be dropped."""
        left = []
        for table in self.tracked:
            name = ".".join(part.name for part in table.parts)
            try:
                self.drop_table(table, exists=True)  # type: ignore[attr-defined]
            except Exception:
                logger.warning("%s could not be dropped.", name, exc_info=True)
                left.append(f"The temporary table {name} could not be dropped: drop it by hand.")
        return tuple(left)


def _told(error: Exception, asked: Asked, stopper: Stopper, seconds: float) -> Exception:
    if asked.dropped.is_set():
        return LookDropped()
    if stopper.timed_out:
        words = f"It took longer than {seconds:g} seconds, and its temporary table is dropped."
        hint = "Bound it by a condition, or give it more time."
        return Refused(_problem("The comparison was stopped.", words, hint), 409)
    if isinstance(error, Refused | LookDropped):
        return error
    hint = "Look at the key columns and the condition."
    if isinstance(error, SqlglotError | KeyError):
        hint = "Write the key columns and the condition as the warehouse takes them."
    return Refused(_problem("The data can't be compared.", sentence_of(error), hint), 409)


def _found(
    offer: DataDiffOffer, on: tuple[str, ...], where: str, limit: int, rows: Any, schema: Any
) -> DataDiff:
    return DataDiff(
        plan_id=offer.plan_id,
        name=offer.name,
        before=offer.before,
        after=offer.after,
        on=on,
        where=where,
        limit=limit,
        before_rows=rows.source_count,
        after_rows=rows.target_count,
        equal_rows=rows.full_match_count,
        changed_rows=rows.join_count - rows.full_match_count,
        before_only=rows.s_only_count,
        after_only=rows.t_only_count,
        columns=tuple(_columns(rows, schema)),
        changed=_both_sides(rows),
        only_before=_sample(rows.s_sample),
        only_after=_sample(rows.t_sample),
    )


def _columns(rows: Any, schema: Any) -> Iterator[ColumnData]:
    before, after = schema.source_schema, schema.target_schema
    matching = rows.column_stats["pct_match"].to_dict() if len(rows.column_stats) else {}
    for name in dict.fromkeys([*before, *after]):
        match = matching.get(name)
        yield ColumnData(
            name=name,
            before=before[name].sql() if name in before else None,
            after=after[name].sql() if name in after else None,
            matching=float(match) if match is not None and match == match else None,
        )


def _both_sides(rows: Any) -> RowSample:
    """Rows of both sides: the key, then each column that differs, as it was and as it is.

    SQLMesh names these by the side with a prefix, which depends on what the sides are called.
    """
    sample, stats = _sample(rows.joined_sample), rows.column_stats
    differing = list(stats[stats["pct_match"] < 100].index) if len(stats) else []
    keys = sample.columns[: len(sample.columns) - 2 * len(differing)]
    pairs = (f"{column} {side}" for column in differing for side in ("before", "after"))
    return sample.model_copy(update={"columns": (*keys, *pairs)})


def _sample(frame: Any) -> RowSample:
    rows = frame.astype(object).where(frame.notna(), None).values.tolist()
    return RowSample(
        columns=tuple(str(each) for each in frame.columns),
        rows=tuple(tuple(None if cell is None else str(cell) for cell in row) for row in rows),
    )


def _notes(rows: Any) -> Iterator[str]:
    stats = rows.stats
    if stats["null_grain_count"]:
        yield f"{int(stats['null_grain_count']):,} rows have no value in the key columns."
    for side, count, distinct in (
        ("before", "s_count", "distinct_count_s"),
        ("after", "t_count", "distinct_count_t"),
    ):
        if stats[distinct] != stats[count]:
            yield f"The key columns do not tell every row {side}: counts may be too high."


def _no_key() -> Problem:
    return _problem(
        "It is not known which columns tell a row.",
        "The model has no grain and no unique key.",
        "Type the key columns.",
    )


def _problem(title: str, message: str, hint: str = "") -> Problem:
    return Problem(code=ProblemCode.BAD_REQUEST, title=title, message=message, hint=hint)
