"""What the review says on its rail, and why something can't be done; pure."""

from __future__ import annotations

from plan_tui.contract.dangers import blocking
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import (
    EngineState,
    RunOutcome,
    SessionState,
    StageName,
    StageProgress,
)
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.formatting import clock_time, count
from plan_tui.ui.widgets.change_rows import ChangeRow
from plan_tui.ui.widgets.change_sections import Section

IN_PLACE = (ProblemCode.DESTRUCTIVE_CHANGE, ProblemCode.ADDITIVE_CHANGE)
"""Why a plan is refused until changes of tables are allowed."""


def rail_title(state: EngineState) -> str:
    """``dev``, or ``dev from prod`` for a new environment."""
    facts, plan = state.facts, state.plan
    if plan is None or facts is None:
        return "" if state.planning is None else state.planning.environment
    if plan.is_new_environment and facts.create_from:
        return f"{plan.environment} from {facts.create_from}"
    return plan.environment


def rail_stages(state: EngineState) -> tuple[StageProgress, ...]:
    """The stages of the plan; what bars the apply has failed the validation, though it went on."""
    planning, plan = state.planning, state.plan
    if planning is None:
        return ()
    if plan is None or planning.outcome is not RunOutcome.SUCCEEDED:
        return planning.stages
    status = plan.validation.meta.status
    return tuple(
        stage.model_copy(update={"meta": stage.meta.model_copy(update={"status": status})})
        if stage.name is StageName.VALIDATION and stage.meta is not None
        else stage
        for stage in planning.stages
    )


def rail_note(state: EngineState) -> str:
    """Which plan this is, when it was built, and whether it is stale."""
    plan, planning = state.plan, state.planning
    if plan is None:
        return ""
    succeeded = planning is not None and planning.outcome is RunOutcome.SUCCEEDED
    built = planning.ended if planning is not None and succeeded else plan.meta.end
    when = f", {clock_time(built)[:5]} UTC" if built else ""
    which = f"plan {plan.plan_id[:8]}{when}" if plan.plan_id else f"plan{when}"
    if saved_file(state) is not None:
        return f"{which}, saved"
    return f"{which}, {'stale' if state.stale else 'fresh'}"


def apply_reason(state: EngineState, *, read_only: bool) -> str | None:
    """Why the plan can't be applied."""
    if state.plan is None or state.facts is None:
        return "There is no plan to apply."
    if (saved := saved_file(state)) is not None:
        return (
            f"This is a saved plan: plan-tui apply {saved} --yes applies it while it is the same."
        )
    if read_only:
        return "This app was opened with --read-only: it can't apply."
    if state.state is SessionState.APPLYING:
        return "A plan is being applied."
    if state.stale is not None:
        return f"{clean(state.stale.title)} Refresh with ctrl+r first."
    refusal = state.facts.refusal
    if refusal is not None and refusal.code in IN_PLACE:
        return f"{clean(refusal.title)} Press ! to see what would be lost, and to allow it."
    if refusal is not None:
        hint = in_the_app(refusal.hint)
        return " ".join(clean(text) for text in (refusal.title, hint) if text)
    return None


def unchanging(state: EngineState, *, read_only: bool) -> str | None:
    """Why nothing of the plan can be changed from here."""
    if saved_file(state) is not None:
        return "This is a saved plan: it stays as it was. Allow the change when you plan again."
    if read_only:
        return "This app was opened with --read-only: it changes nothing."
    return None


def saved_file(state: EngineState) -> str | None:
    """The file that the plan was read from, where it is a saved one."""
    return None if state.info is None or state.info.saved is None else clean(state.info.saved)


def apply_label(state: EngineState, *, read_only: bool) -> str:
    """The footer's words for apply: why not, where it can't be done."""
    if apply_reason(state, read_only=read_only) is None:
        return "Apply"
    return f"Apply: {_in_short(state, read_only)}"


def _in_short(state: EngineState, read_only: bool) -> str:
    facts = state.facts
    if facts is None:
        return "no plan"
    if read_only:
        return "read-only" if saved_file(state) is None else "saved plan"
    if state.state is SessionState.APPLYING:
        return "running"
    if state.stale is not None:
        return "stale"
    match None if facts.refusal is None else facts.refusal.code:
        case ProblemCode.UNCATEGORIZED:
            return f"{len(facts.uncategorized):,} not categorized"
        case ProblemCode.NOTHING_TO_DO:
            return "nothing to do"
        case ProblemCode.DESTRUCTIVE_CHANGE | ProblemCode.ADDITIVE_CHANGE:
            number = 0 if state.plan is None else len(blocking(state.plan.dangers))
            return f"{count(number, 'danger')} block{'s' if number == 1 else ''}"
        case ProblemCode.BROKEN_MODEL:
            return "broken model"
        case _:
            return "refused"


def choose_reason(row: ChangeRow | None, locked: str | None) -> str | None:
    """Why a row's category can't be chosen."""
    if row is None:
        return "No model is under the cursor."
    if row.choosable:
        return None
    if locked:
        return f"Categories are locked: {clean(locked)}"
    match row.section:
        case Section.INDIRECT:
            return f"The category of {row.name} follows from the models upstream."
        case Section.METADATA:
            return f"Only metadata of {row.name} changed: it needs no category."
        case Section.BROKEN | Section.NOT_PLANNED:
            return f"{row.name} is {row.chip.words}: it has no category."
        case Section.DIRECT | Section.ADDED:
            return f"{row.name} is {row.chip.words}: SQLMesh lets nobody choose here."
        case _:
            return "There is no category to choose here."


def choose_all_reason(rows: list[ChangeRow], locked: str | None) -> str | None:
    """Why no category of these can be chosen."""
    if rows:
        return None
    if locked:
        return f"Categories are locked: {clean(locked)}"
    return "None of these models has a category to choose."


def planning_reason(state: EngineState) -> str | None:
    """Why no plan can be built now."""
    if saved_file(state) is not None:
        return "This is a saved plan: it stays as it was."
    match state.state:
        case SessionState.PLANNING:
            return "A plan is being built already."
        case SessionState.APPLYING:
            return "A plan is being applied; wait for its end, or cancel it."
        case _:
            return None
