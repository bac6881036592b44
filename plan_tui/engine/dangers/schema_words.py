"""The words for tables that are altered in place, and why a plan with them can't be applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from plan_tui.contract.dangers import Danger, Severity, blocking
from plan_tui.contract.errors import Problem, ProblemCode

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.mapping import PlanView

UNKNOWN = "unknown_schema_change"
MANAGED = "managed_schema_change"
MOST = 3
"""Dangers that a refusal names before it counts the rest."""


@dataclass(frozen=True)
class Alteration:
    """One kind of change of one model's table."""

    snapshot: Snapshot
    rule: str
    severity: Severity
    statements: tuple[str, ...]
    indirect: bool = False
    """Whether the model itself is as it was, and only models upstream changed."""
    at_build: bool = False
    """Whether SQLMesh would not even build the plan."""
    cloned: bool = False
    """Whether a plan that is not for prod alters a clone of the table."""


def schema_danger(view: PlanView, found: Alteration) -> Danger:
    """The danger of an alteration, in words."""
    snapshot = found.snapshot
    shown = view.view_name(snapshot)
    allow: Literal["destructive", "additive"] | None = None
    if found.rule == UNKNOWN:
        message = (
            f"{shown} keeps its table, and its columns can't be told from its definition: "
            "whether columns are dropped shows only when the table is altered."
        )
        hint = "Give the model its columns, so that the change can be compared."
    elif found.rule == MANAGED:
        message = (
            f"{shown} is managed by the warehouse and keeps its table: its columns can't be "
            "altered in place."
        )
        hint = "Plan without --forward-only, or undo the change of its columns."
    else:
        allow = "destructive" if found.rule == "destructive_change" else "additive"
        message = f"{_what(view, found, shown, allow)} {_outcome(view, found, allow)}"
        hint = _hint(view, found, allow)
    plan = view.plan
    listed = plan.allow_destructive_models if allow == "destructive" else plan.allow_additive_models
    return Danger(
        rule=found.rule,
        model=snapshot.name,
        severity=found.severity,
        message=message,
        hint=hint,
        view_name=shown,
        details=found.statements,
        allow=allow,
        option=snapshot.model.name if allow else "",
        allowed=allow is not None and snapshot.name in listed,
    )


def _what(view: PlanView, found: Alteration, shown: str, allow: str) -> str:
    loses = "loses data" if allow == "destructive" else "gets columns that its rows have no data of"
    keeps = "is forward-only" if found.snapshot.is_forward_only else "keeps its table"
    why = ", though only models upstream of it changed" if found.indirect else ""
    statements = "; ".join(found.statements)
    lead = f"{shown} {keeps} and its change is {allow}{why}"
    if not view.plan.is_dev:
        return f"{lead}: its table {loses} ({statements})."
    environment = view.plan.environment_naming_info.name
    now = "alters a clone of its table" if found.cloned else "leaves its table as it is"
    return (
        f"{lead}. Applying to {environment} {now}; once the change is applied to prod, "
        f"the table {loses} ({statements})."
    )


def _outcome(view: PlanView, found: Alteration, allow: str) -> str:
    model, plan = found.snapshot.model, view.plan
    listed = plan.allow_destructive_models if allow == "destructive" else plan.allow_additive_models
    setting = model.on_destructive_change if allow == "destructive" else model.on_additive_change
    match found.severity:
        case Severity.BLOCKS if found.at_build:
            return "SQLMesh would not build this plan."
        case Severity.BLOCKS:
            return (
                "SQLMesh would find it only while it applies, and leave "
                f"{plan.environment_naming_info.name} half done."
            )
        case Severity.WARNS if plan.is_dev and not setting.is_warn:
            return "This plan takes it; a plan for prod would fail half-way and leave prod so."
        case _ if found.snapshot.name in listed:
            return "It is allowed for this plan."
        case _:
            return f"The model's on_{allow}_change = {setting.value.lower()} lets it pass."


def _hint(view: PlanView, found: Alteration, allow: str) -> str:
    name = found.snapshot.model.name
    option = f"--allow-{allow}-model {name}"
    match found.severity:
        case Severity.BLOCKS:
            return f"Allow it for this plan with {option}, or undo the change."
        case Severity.WARNS if view.plan.is_dev:
            return f"Plan prod with {option} when its time comes, or undo the change."
        case Severity.WARNS:
            return f"Undo the change, or set on_{allow}_change = allow once it is meant."
        case _:
            return "Undo the change if it is not meant."


def dangers_refusal(dangers: tuple[Danger, ...]) -> Problem | None:
    """Why a plan with these dangers can't be applied, or None when it can."""
    found = blocking(dangers)
    if not found:
        return None
    first = found[0]
    destructive = any(each.allow == "destructive" for each in found)
    code = ProblemCode.DESTRUCTIVE_CHANGE if destructive else ProblemCode.ADDITIVE_CHANGE
    if len(found) == 1:
        return Problem(
            code=code,
            title=f"A danger blocks the apply: {first.view_name}.",
            message=first.message,
            hint=first.hint,
            model=first.view_name,
            sql=";\n".join(first.details),
        )
    more = len(found) - MOST
    listed = " ".join(each.message for each in found[:MOST])
    hints = " ".join(dict.fromkeys(each.hint for each in found[:MOST]))
    return Problem(
        code=code,
        title=f"{len(found):,} dangers block the apply.",
        message=f"{listed}{f' And {more:,} more.' if more > 0 else ''}",
        hint=hints,
        model=first.view_name,
        sql=";\n".join(line for each in found for line in each.details),
    )
