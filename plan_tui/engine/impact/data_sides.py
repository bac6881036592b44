"""The two sides of a model's data: what prod shows, and what the plan has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmesh.core import constants

from plan_tui.contract.data_diff import DataDiffOffer, DataSide
from plan_tui.engine.awaiting import awaited
from plan_tui.engine.looking import Asked
from plan_tui.engine.names import plain

if TYPE_CHECKING:
    from sqlmesh.core.environment import Environment
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.impact.known_state import KnownState


def offer_of(asked: Asked) -> DataDiffOffer:
    """What comparing a model would read; asks neither state nor warehouse."""
    built, name = asked.built, asked.name
    snapshot = built.plan.context_diff.snapshots_by_name.get(name)
    model = snapshot.model if snapshot is not None and snapshot.is_model else None
    environment = built.plan.environment_naming_info.name
    before, after = _sides(asked, snapshot, environment)
    return DataDiffOffer(
        plan_id=built.plan.plan_id,
        name=name,
        view_name=built.view.view_name(snapshot) if snapshot is not None else plain(name),
        before=before,
        after=after,
        on=tuple(_keys(model)),
        columns=tuple(_columns(model)),
        time_column=_time_column(model),
        warehouse=asked.backend.engine_type,
        interruptible=asked.backend.interrupt is not None,
        refusal=_refusal(before, after),
    )


def _sides(asked: Asked, snapshot: Snapshot | None, environment: str) -> tuple[DataSide, DataSide]:
    known = _known(asked)
    before = _shown_in(asked, known.get_environment(constants.PROD), constants.PROD)
    if snapshot is None or not snapshot.is_model or snapshot.is_symbolic:
        return before, DataSide(label=environment, missing="The plan has no table of it.")
    built = _built(asked, snapshot)
    if built is not None:
        return before, DataSide(label="this plan's version", table=built)
    if environment != constants.PROD:
        shown = _shown_in(asked, known.get_environment(environment), environment)
        if shown.table:
            return before, shown.model_copy(update={"note": _note(asked, environment)})
    words = f"The plan's version is not built yet, and {environment} has none: apply it first."
    if environment == constants.PROD:
        words = "The plan's version is not built yet: plan and apply it in another environment."
    return before, DataSide(label=environment, missing=words)


def _note(asked: Asked, environment: str) -> str:
    """That what the environment shows is not what the plan makes of it."""
    if asked.name not in asked.built.plan.context_diff.modified_snapshots:
        return ""
    return f"{environment} as it was last applied: what this plan changes of it is not built yet."


def _known(asked: Asked) -> KnownState:
    return awaited(asked.built.known, asked.check)


def _shown_in(asked: Asked, environment: Environment | None, label: str) -> DataSide:
    """The view that an environment shows a model by."""
    if environment is None:
        return DataSide(label=label, missing=f"There is no environment {label}.")
    promoted = {info.name: info for info in environment.promoted_snapshots}
    info = promoted.get(asked.name)
    if info is None or not info.is_model or info.is_symbolic:
        return DataSide(label=label, missing=f"{label} does not have it.")
    dialect = asked.context.engine_adapter.dialect
    view = info.qualified_view_name.for_environment(environment.naming_info, dialect)
    return DataSide(label=label, table=str(view))


def _built(asked: Asked, snapshot: Snapshot) -> str | None:
    """The table of the plan's own version, where something is in it."""
    if not snapshot.version:
        return None
    index = asked.built.work.index or asked.built.plan.deployability_index
    deployable = index.is_deployable(snapshot)
    new = snapshot.snapshot_id in asked.built.plan.context_diff.new_snapshots
    filled = snapshot.intervals if deployable else snapshot.dev_intervals
    if not filled or (new and not deployable):
        return None
    return str(snapshot.table_name(deployable))


def _refusal(before: DataSide, after: DataSide) -> str:
    if before.missing or after.missing:
        return before.missing or after.missing
    if before.table == after.table:
        return "Both sides are the same table."
    return ""


def _keys(model: Any) -> list[str]:
    """The columns of a model's grain or unique key, where they are columns."""
    found = [str(each) for each in (model.on if model is not None else [])]
    if found or model is None:
        return found
    return [each.name for each in model.unique_key if each.name]


def _columns(model: Any) -> list[str]:
    return list(model.columns_to_types or {}) if model is not None else []


def _time_column(model: Any) -> str:
    column = getattr(model, "time_column", None)
    return str(column.column.name) if column is not None else ""
