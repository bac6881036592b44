"""What the document of a plan must say, from SQLMesh's own API and a real apply of the plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

from sqlmesh import Context
from sqlmesh.core.console import set_console
from sqlmesh.core.plan import Plan, PlanBuilder
from sqlmesh.core.snapshot import Snapshot, SnapshotChangeCategory
from sqlmesh.core.snapshot.definition import SnapshotTableInfo, snapshots_to_dag
from sqlmesh.utils.date import make_exclusive, to_timestamp
from sqlmesh.utils.errors import NoChangesPlanError, PlanError, SQLMeshError

from .recording import Recording, RecordingConsole
from .scenario import FAULT, REPAIR, Ask, Deployment, Outcome, Scenario

Document = dict[str, t.Any]

UNSAID = "(SQLMesh does not say)"
"""Stands in a document for a value that is not compared."""

CHOICES = (SnapshotChangeCategory.BREAKING, SnapshotChangeCategory.NON_BREAKING)


@dataclass(frozen=True)
class Expectation:
    """What SQLMesh makes of a scenario."""

    outcome: Outcome
    document: Document
    """Empty of a plan that is refused."""
    reason: str = ""
    """Why SQLMesh refuses it."""
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Models of which nobody may choose the category, though it was asked for."""


def open_project(directory: Path) -> tuple[Context, Recording]:
    """Loads a project with a console that records."""
    console = RecordingConsole()
    set_console(console)
    return Context(paths=[str(directory)]), console.recording


def deploy(directory: Path, deployment: Deployment) -> None:
    """Applies a plan with plain SQLMesh."""
    context, recording = open_project(directory)
    try:
        if deployment.fails:
            context.engine_adapter.execute(FAULT)
        builder = plan_builder(context, deployment.ask)
        assert not choose(context, builder, deployment.ask)
        try:
            context.apply(builder.build())
        except PlanError:
            if not deployment.fails:
                raise AssertionError(recording.errors) from None
        else:
            assert not deployment.fails, "the deployment was expected to fail"
        finally:
            if deployment.fails:
                context.engine_adapter.execute(REPAIR)
    finally:
        context.close()


def plan_builder(context: Context, ask: Ask) -> PlanBuilder:
    """SQLMesh's builder with the options that are asked for."""
    asked: dict[str, t.Any] = {**ask.dates, **ask.options}
    return context.plan_builder(ask.environment, **asked)


def choose(context: Context, builder: PlanBuilder, ask: Ask) -> tuple[str, ...]:
    """Sets the categories that are asked for; returns the models where SQLMesh refuses that."""
    left_out = []
    by_name = {s.name: s for s in builder.build().snapshots.values()}
    for name, category in ask.categories.items():
        fqn = context.get_model(name, raise_if_missing=True).fqn
        try:
            builder.set_choice(by_name[fqn], SnapshotChangeCategory[category])
        except PlanError:
            left_out.append(name)
    return tuple(left_out)


def expect(directory: Path, scenario: Scenario) -> Expectation:
    """Plans and applies a scenario in its project's directory."""
    context, recording = open_project(directory)
    try:
        builder = plan_builder(context, scenario.ask)
        left_out = choose(context, builder, scenario.ask)
        plan = builder.build()
        warnings = tuple(recording.warnings)
        document = plan_document(context, plan)
        document["validation"] = _validation(recording)
        _apply(context, plan, recording, scenario.apply_fails)
        _add_batches(document, plan, recording)
        return Expectation(Outcome.PLAN, document, "", warnings, left_out)
    except NoChangesPlanError as error:
        return Expectation(Outcome.NO_CHANGES, _empty(scenario), str(error))
    except SQLMeshError as error:
        reasons = [*recording.errors, f"{type(error).__name__}: {error}"]
        return Expectation(Outcome.REFUSED, {}, "\n".join(reasons))
    finally:
        context.close()


def _apply(context: Context, plan: Plan, recording: Recording, fails: bool) -> None:
    if plan.uncategorized:
        return
    try:
        context.apply(plan)
    except PlanError:
        assert fails, f"SQLMesh could not apply its own plan: {recording.errors}"
    else:
        assert not fails, "the apply was expected to fail"
        assert recording.started == recording.scheduled


def _add_batches(document: Document, plan: Plan, recording: Recording) -> None:
    """Takes over what was started; a model that was started must be one that was announced."""
    models = document["backfills"]["models"]
    for model in models:
        name = model["name"]
        model["batches"] = UNSAID if plan.uncategorized else recording.scheduled[name]
    audits = {s.name for s in plan.snapshots.values() if s.is_audit}
    unannounced = set(recording.scheduled) - {model["name"] for model in models} - audits
    assert not unannounced, f"started, but not missing in the plan: {unannounced}"


def _empty(scenario: Scenario) -> Document:
    modified: Document = {"direct": [], "indirect": [], "metadata": []}
    return {
        "environment": scenario.ask.environment,
        "is_new_environment": True,
        "changes": {"added": [], "removed": [], "modified": modified},
        "backfills": {"models": []},
        "restatements": {},
    }


def _validation(recording: Recording) -> Document:
    lint = [{"rule": r, "model": m, "severity": s} for r, m, s in recording.lint]
    tests = {"run": recording.tests_run, "failed": recording.tests_failed}
    return {"tests": tests, "lint": lint}


def plan_document(context: Context, plan: Plan) -> Document:
    """The document of a plan, all but the batches."""
    view = Naming(context, plan)
    execution_time: int | str = UNSAID
    if plan.execution_time_ is not None:
        execution_time = to_timestamp(plan.execution_time)
    return {
        "environment": plan.environment_naming_info.name,
        "start": to_timestamp(plan.start),
        "end": UNSAID if plan.provided_end is None else to_timestamp(make_exclusive(plan.end)),
        "execution_time": execution_time,
        "is_new_environment": plan.context_diff.is_new_environment,
        "changes": _changes(plan, view),
        "backfills": {"models": _backfills(plan, view)},
        "restatements": {s_id.name: list(i) for s_id, i in plan.restatements.items()},
    }


class Naming:
    """The names that SQLMesh shows for a plan's nodes."""

    def __init__(self, context: Context, plan: Plan) -> None:
        self._context = context
        self._environment = plan.environment_naming_info

    def __call__(self, snapshot: Snapshot | SnapshotTableInfo) -> Document:
        shown = snapshot.display_name(
            self._environment, self._context.default_catalog, self._context.default_dialect
        )
        node_type = snapshot.node_type.value
        return {"name": snapshot.name, "view_name": shown, "node_type": node_type}


def _changes(plan: Plan, view: Naming) -> Document:
    diff = plan.context_diff
    added = [plan.snapshots[s_id] for s_id in diff.added]
    statements = diff.environment_statements_diff(include_python_env=not diff.is_new_environment)
    return {
        "added": [{**_node(s, view), "choices": _choices(plan, s)} for s in added],
        "removed": [view(info) for info in diff.removed_snapshots.values()],
        "modified": _modified(plan, view),
        "requirements": diff.requirements_diff() if diff.has_requirement_changes else None,
        "environment_statements": "\n".join(text for _, text in statements)
        if diff.has_environment_statements_changes
        else None,
    }


def _node(snapshot: Snapshot, view: Naming) -> Document:
    category = snapshot.change_category
    return {
        **view(snapshot),
        "kind": _kind(snapshot),
        "change_category": category.name if category is not None else None,
    }


def _kind(snapshot: Snapshot) -> str:
    """The kind of a model; a standalone audit has none."""
    return snapshot.model_kind_name.value if snapshot.model_kind_name else UNSAID


def _modified(plan: Plan, view: Naming) -> Document:
    diff = plan.context_diff
    current = {name: plan.snapshots[new.snapshot_id] for name, (new, _) in _pairs(plan)}
    direct = {name for name in current if diff.directly_modified(name)}
    indirect = {name for name in current if diff.indirectly_modified(name)} - direct
    metadata = {n for n in current if diff.metadata_updated(n)} - direct - indirect
    dag = snapshots_to_dag(plan.snapshots.values())
    parents = {
        name: {p.name for p in dag.upstream(snapshot.snapshot_id)} & (direct | indirect | metadata)
        for name, snapshot in current.items()
    }
    return {
        "direct": [
            {
                **_node(current[name], view),
                "diff": diff.text_diff(name),
                "choices": _choices(plan, current[name]),
                "parents": sorted(parents[name]),
                "direct": sorted(other for other in direct if name in parents[other]),
                "indirect": sorted(other for other in indirect if name in parents[other]),
            }
            for name in sorted(direct)
        ],
        "indirect": [
            {**_node(current[name], view), "parents": sorted(parents[name])}
            for name in sorted(indirect)
        ],
        "metadata": [
            {**view(current[n]), "kind": _kind(current[n]), "diff": diff.text_diff(n)}
            for n in sorted(metadata)
        ],
    }


def _pairs(plan: Plan) -> t.Iterable[tuple[str, tuple[Snapshot, Snapshot]]]:
    return plan.context_diff.modified_snapshots.items()


def _choices(plan: Plan, snapshot: Snapshot) -> list[str]:
    """What a person may choose, found by trying on a builder that is thrown away.

    SQLMesh takes a choice for a standalone audit too, but it changes nothing: models only.
    """
    if not snapshot.is_model:
        return []
    scratch = PlanBuilder(plan.context_diff, is_dev=plan.is_dev)
    try:
        for choice in CHOICES:
            scratch.set_choice(snapshot, choice)
    except PlanError:
        return []
    return [choice.name for choice in CHOICES]


def _backfills(plan: Plan, view: Naming) -> list[Document]:
    if not plan.requires_backfill:
        return []
    models = []
    for missing in plan.missing_intervals:
        snapshot = plan.snapshots[missing.snapshot_id]
        named = view(snapshot)
        models.append(
            {
                "name": named["name"],
                "view_name": named["view_name"],
                "kind": _kind(snapshot),
                "intervals": [list(interval) for interval in missing.merged_intervals],
                "interval_count": len(missing.intervals),
                "label": missing.format_intervals(snapshot.node.interval_unit),
            }
        )
    return models
