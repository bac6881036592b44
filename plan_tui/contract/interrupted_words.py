"""What is known of an apply whose engine died, in sentences; pure, and not made safe to show."""

from __future__ import annotations

from collections.abc import Sequence

from plan_tui.contract.interrupted import Hole, InterruptedRun
from plan_tui.contract.standing import statements_again
from plan_tui.contract.state import StageName
from plan_tui.contract.words import count, range_text

MOST = 3
"""Names that a sentence lists; the others it counts."""
LONGEST = 60
"""Characters of a statement in a sentence."""
_STAGES: dict[str, str] = {
    StageName.BEFORE_ALL: "before_all statements",
    StageName.CREATION: "creation of tables",
    StageName.AUDIT: "audits",
    StageName.RESTATE: "restatement",
    StageName.MIGRATE: "schema changes",
    StageName.DEFERRED_BACKFILL: "backfill after the promotion",
    StageName.PROMOTE: "promotion",
    StageName.FINALIZE: "finalization",
    StageName.AFTER_ALL: "after_all statements",
}
"""Stages whose name is not the noun that a sentence needs."""


def headline(run: InterruptedRun) -> str:
    """``The apply to prod was interrupted in its backfill: 4 of 15 batches are done.``."""
    where = "" if run.stage is None else f" in its {_STAGES.get(run.stage, run.stage)}"
    if run.finalized and not run.models_left:
        done = "all but its last statements is done" if run.after_all else "all of it is done"
        return f"The engine died at the end of the apply to {run.environment}: {done}."
    batches = count(run.batches_total, "batch")
    verb = "is" if run.batches_total == 1 else "are"
    done = f": {run.batches_done:,} of {batches} {verb} done" if run.batches_total else ""
    return f"The apply to {run.environment} was interrupted{where}{done}."


def known_lines(run: InterruptedRun) -> list[str]:
    """Everything that is known, a sentence or two each, what matters most first."""
    return [headline(run), *warnings(run), *standing(run)]


def warnings(run: InterruptedRun) -> list[str]:
    """What may be wrong with data, and what a person should see to before the rest is done."""
    lines = []
    if run.twice:
        lines.append(
            f"The rest may insert again what is there already: {_spans(run.twice)}. Look first: "
            "batches that only add rows can't be told from those that never ran."
        )
    if run.holes:
        again = "The same restatement fills them." if run.restating else "Restate them."
        lines.append(
            f"May be empty, old rows deleted and new ones not written: {_spans(run.holes)}. {again}"
        )
    if run.after_all and run.finalized:
        lines.append(
            f"Its after_all statements may not have run, or not all of them{_statements(run)}. "
            f"{statements_again(run.environment)}"
        )
    if run.restating and not run.finalized:
        lines.append("The restated data may be part new and part old: it is restated again, whole.")
    if run.may_run_on:
        lines.append("The warehouse may still be at its queries: wait for them, or end them there.")
    if run.unread:
        lines.append(f"{run.unread} So this is what the journal has, up to a second before.")
    return lines


def standing(run: InterruptedRun) -> list[str]:
    """How environment and tables stand, and what is left."""
    lines = []
    if run.left:
        names = [f"{model.view_name} {model.done:,}/{model.total:,}" for model in run.left]
        batches = count(run.batches_total - run.batches_done, "batch")
        models = count(run.models_left, "model")
        lines.append(f"Left: {batches} of {models}: {_listed(names, run.models_left)}.")
    if run.finalized:
        lines.append(f"{run.environment} is finalized: it points at the new versions.")
    elif run.promoted:
        lines.append(
            f"{run.environment} is half applied: its record has the new versions, and its views "
            "may not yet."
        )
    elif run.absent:
        lines.append(f"{run.environment} was not created yet; what is done is kept.")
    elif not run.unread:
        lines.append(f"{run.environment} shows what it showed before; what is done is kept.")
    if run.recorded and not run.finalized:
        lines.append("Its categories are recorded, so they are fixed.")
    if run.tables_left:
        tables = count(len(run.tables_left), "table")
        verb = "is" if len(run.tables_left) == 1 else "are"
        names = [table.rpartition(".")[2] for table in run.tables_left]
        lines.append(f"{tables} {verb} made and not used yet: {_listed(names, len(names))}.")
    elif run.tables_left is None and not run.unread:
        lines.append("Which tables it made could not be looked up.")
    return lines


def _statements(run: InterruptedRun) -> str:
    short = [" ".join(text.split()) for text in run.statements]
    named = [text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..." for text in short]
    return f": {_listed(named, len(named), '; ')}" if named else ""


def _spans(holes: Sequence[Hole]) -> str:
    named = [f"{hole.view_name} {range_text(hole.interval)}" for hole in holes]
    return _listed(named, len(named))


def _listed(names: Sequence[str], total: int, between: str = ", ") -> str:
    shown = between.join(names[:MOST])
    more = total - min(len(names), MOST)
    return f"{shown} and {more:,} more" if more > 0 else shown
