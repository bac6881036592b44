"""What the promotion does: kinds rebuilt, previews left behind, views dropped with dependents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlmesh.core.engine_adapter.base_postgres import BasePostgresEngineAdapter
from sqlmesh.core.plan.common import is_breaking_kind_change

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.dangers.subject import Subject
from plan_tui.engine.mapping import kind_of

if TYPE_CHECKING:
    from sqlmesh.core.engine_adapter import EngineAdapter


def kind_changes(subject: Subject) -> Iterator[Danger]:
    """Changes that are not forward-only though the plan or the model asks for it."""
    for new, old in subject.modified_models():
        asked = subject.plan.forward_only or new.model.forward_only
        if not asked or not subject.plan.is_new_snapshot(new):
            continue
        shown = subject.shown(new.name)
        if is_breaking_kind_change(old, new):
            change = f"changed from {kind_of(old)} to {kind_of(new)}"
            if kind_of(old) == kind_of(new):
                change = "got another virtual environment mode"
            yield Danger(
                rule="kind_change",
                model=new.name,
                view_name=shown,
                severity=Severity.WARNS,
                message=(
                    f"{shown} {change}, which can't be forward-only: it gets a new table, and all "
                    "its data is computed again."
                ),
                hint="Undo the change of kind to keep the table, or plan for the whole backfill.",
            )
        elif new.is_seed and subject.plan.context_diff.directly_modified(new.name):
            yield Danger(
                rule="kind_change",
                model=new.name,
                view_name=shown,
                severity=Severity.NOTES,
                message=f"{shown} is a seed, which can't be forward-only: it is loaded anew.",
                hint="Nothing is lost: its rows are those of the file.",
            )


def previews_not_reused(subject: Subject) -> Iterator[Danger]:
    """Forward-only changes that another environment showed with rows that prod will not get."""
    plan = subject.plan
    if plan.is_dev:
        return
    for new, old in subject.modified_models():
        previewed = not plan.is_new_snapshot(new) and new.is_forward_only and new.is_paused
        if not previewed or new.is_no_preview or new.version != old.version:
            continue
        shown = subject.shown(new.name)
        since = f" from {new.effective_from}" if new.effective_from else ""
        yield Danger(
            rule="preview_not_reused",
            model=new.name,
            view_name=shown,
            severity=Severity.WARNS,
            message=(
                f"What an environment showed of {shown} was a preview in a table of its own, and "
                f"is not used: rows that {subject.environment} has stay as they are, only new "
                f"intervals{since} are computed by the change."
            ),
            hint=f"Restate {new.model.name} afterwards if its older rows should change too.",
        )


def views_replaced(subject: Subject) -> Iterator[Danger]:
    """Views that the warehouse can only drop, with whatever depends on them, and make again."""
    updated = subject.built.work.views_updated
    if updated and drops_dependents(subject.context.engine_adapter):
        views = f"{updated:,} views" if updated > 1 else "A view"
        yield Danger(
            rule="views_drop_dependents",
            severity=Severity.WARNS,
            message=(
                f"{views} of {subject.environment} will be dropped with CASCADE and made again: "
                "views that others have built on them are dropped too, and not made again."
            ),
            hint="Make such views again afterwards, or make them models of the project.",
        )


def drops_dependents(adapter: EngineAdapter) -> bool:
    """Whether replacing a view drops what depends on it.

    Adapters of the PostgreSQL family drop a view with CASCADE before they make it again; only
    where views bind to what they read does anything depend on them.
    """
    return isinstance(adapter, BasePostgresEngineAdapter) and bool(adapter.HAS_VIEW_BINDING)
