"""Statements that can't be rendered: SQLMesh finds that only while it applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlmesh.core.macros import RuntimeStage
from sqlmesh.utils.errors import ParsetimeAdapterCallError

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.broken.summary import summary
from plan_tui.engine.dangers.subject import Subject
from plan_tui.engine.placing import causes, place_of

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

_OF_RUNTIME = "engine adapter is not available"
"""What SQLMesh says where a macro asks the warehouse, which is not asked to show a plan."""
_ENDS = {
    RuntimeStage.BEFORE_ALL: "The apply would fail at it before it has done anything.",
    RuntimeStage.AFTER_ALL: "The apply would fail at it once everything else is done.",
}
"""The stages of environment statements, and what becomes of an apply that fails there."""


def statements_fail(subject: Subject) -> Iterator[Danger]:
    """Statements before and after the query, and of the view, of what this plan makes anew."""
    snapshots = subject.plan.context_diff.snapshots_by_name
    roots = tuple(str(path) for path in subject.context.configs)
    for snapshot in sorted(subject.plan.new_snapshots, key=lambda each: each.name):
        subject.check()
        if not snapshot.is_model:
            continue
        for what, render in _renderers(snapshot):
            error = _tried(subject, render, snapshots)
            if error is not None:
                yield _danger(subject, snapshot, what, error, roots)


def environment_statements_fail(subject: Subject) -> Iterator[Danger]:
    """Statements before and after everything else: the first would keep the apply from starting."""
    context, snapshots = subject.context, subject.plan.context_diff.snapshots_by_name
    roots = tuple(str(path) for path in context.configs)
    for stage, end in _ENDS.items():
        for statements in subject.plan.context_diff.environment_statements:
            subject.check()
            render = partial(
                statements.render,
                dialect=context.engine_adapter.dialect,
                default_catalog=context.default_catalog,
            )
            error = _tried(subject, render, snapshots, stage)
            if error is not None:
                place = place_of(error, roots)
                yield Danger(
                    rule="statement_fails",
                    view_name=stage.value,
                    severity=Severity.WARNS,
                    message=f"A {stage.value} statement can't be rendered: "
                    f"{summary(error).rstrip('.')}. {end}",
                    hint="Correct the statement in the project's configuration, or its macro, then "
                    "build the plan again.",
                    path=place.path,
                    line=place.line,
                    column=place.column,
                )


def _renderers(snapshot: Snapshot) -> Iterator[tuple[str, Callable[..., Any]]]:
    model = snapshot.model
    if model.pre_statements_:
        yield "before its query", model.render_pre_statements
    if model.post_statements_:
        yield "after its query", model.render_post_statements
    if model.on_virtual_update_:
        yield "of its view", model.render_on_virtual_update


def _tried(
    subject: Subject,
    render: Callable[..., Any],
    snapshots: dict[str, Any],
    stage: RuntimeStage = RuntimeStage.EVALUATING,
) -> Exception | None:
    """Why statements can't be rendered as the apply does it, or None where they can."""
    plan = subject.plan
    try:
        render(
            start=plan.start,
            end=plan.end,
            execution_time=plan.execution_time,
            snapshots=snapshots,
            deployability_index=plan.deployability_index,
            runtime_stage=stage,
            environment_naming_info=plan.environment_naming_info,
        )
    except ParsetimeAdapterCallError:
        return None
    except Exception as error:
        asks = any(_OF_RUNTIME in str(cause) for cause in causes(error))
        return None if asks else error
    return None


def _danger(
    subject: Subject, snapshot: Snapshot, what: str, error: Exception, roots: tuple[str, ...]
) -> Danger:
    shown = subject.shown(snapshot.name)
    place = place_of(error, roots, snapshot.model._path)
    why = summary(error).rstrip(".")
    return Danger(
        rule="statement_fails",
        model=snapshot.name,
        view_name=shown,
        severity=Severity.WARNS,
        message=f"A statement {what} can't be rendered: {why}. The apply of {shown} would fail "
        "at it.",
        hint="Correct the statement or its macro, then build the plan again.",
        path=place.path,
        line=place.line,
        column=place.column,
    )
