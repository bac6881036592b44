"""From the engine's events to the journal's rows; pure, but for what is still to be written."""

from __future__ import annotations

import zlib
from collections.abc import Collection

from pydantic import BaseModel

from plan_tui.contract import events as ev
from plan_tui.contract.history import RecordedDiffs
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.state import EngineState, ModelProgress, ModelStatus, StageProgress
from plan_tui.engine.log_lines import line_of
from plan_tui.engine.recordist import Recordist
from plan_tui.engine.run_record import KEPT_LINES, RunRecord
from plan_tui.engine.secrets import Secrets
from plan_tui.journal import statements as sql
from plan_tui.journal.statements import Statement
from plan_tui.journal.work import RecordedWork

LONGEST_LINE = 4_000
"""Characters of a line of the log that are kept."""
MOST_PENDING = 200_000
"""Rows that may wait for a journal that can't be written."""
DROPPED = "Rows of this run were dropped: the journal could not be written for too long."

_ENDED = (ModelStatus.DONE, ModelStatus.FAILED, ModelStatus.SKIPPED, ModelStatus.STOPPED)


class Recorder:
    """Keeps what is to be written until somebody has written it."""

    def __init__(self, recordist: Recordist, secrets: Secrets) -> None:
        """Begins with nothing.

        Args:
            recordist: Who records.
            secrets: What must not be written down.
        """
        self._who = recordist
        self._secrets = secrets
        self.pending: list[Statement] = []
        self._records: dict[str, RunRecord] = {}
        """Of the runs that have not ended, or whose end is not written."""
        self._diffs: tuple[str, bytes] | None = None
        """The diffs of the plan that was built last, with the run that built it."""
        self._built_by: dict[str, str] = {}
        """The run that built the newest plan, by that plan's id."""
        self._open: dict[str, str] = {}
        """The runs that have not ended, by kind."""
        self._models: set[str] = set()
        self._lines = 0
        self._moved: dict[tuple[str, str], StageProgress] = {}
        """The newest of each stage: only that is written, however often it moved."""
        self._at_work: dict[str, ModelProgress] = {}
        """The newest of each model that has not ended: the same."""
        self.dropped = False
        """Whether rows were given up, because nobody could write them."""

    def take(self, event: ev.Event, state: EngineState) -> None:
        """Notes what an event says.

        Args:
            event: The event.
            state: The state with it folded in.
        """
        match event:
            case ev.PlanningStarted():
                self._plan_begins(event, state)
            case ev.PlanBuilt():
                self._built(event)
            case ev.PlanningEnded():
                self._ends("plan", event)
            case ev.ApplyStarted():
                self._apply_begins(event, state)
            case ev.ApplyProgressed():
                self._progressed(event)
            case ev.ApplyEnded():
                for model in state.apply.models.values() if state.apply is not None else ():
                    self._model(event.run_id, model)
                self._ends("apply", event)
            case ev.StageReported():
                self._moved[event.run, event.stage.name] = event.stage
            case _:
                self._line(event)
        if len(self.pending) > MOST_PENDING:
            self._give_up(event.at)

    @property
    def is_waiting(self) -> bool:
        """Whether anything is still to be written."""
        return bool(self.pending or self._moved or self._at_work)

    @property
    def is_recording(self) -> bool:
        """Whether a run has not ended yet."""
        return bool(self._open)

    def settle(self) -> None:
        """Notes what only the newest of matters; called before what is pending is written."""
        for (kind, _), stage in self._moved.items():
            if run := self._open.get(kind):
                self._stage(run, stage)
        self._moved.clear()
        if run := self._open.get("apply"):
            for model in self._at_work.values():
                self._model(run, model)
        self._at_work.clear()

    @property
    def written(self) -> tuple[str, ...]:
        """The runs at work of which the journal has had something."""
        return tuple(run for run, record in self._records.items() if record.is_written)

    def wrote(self) -> None:
        """Everything that was pending is in the journal."""
        self.pending.clear()
        for record in self._records.values():
            record.is_written = True

    def forget_ended(self) -> None:
        """The journal has the runs that have ended, for sure."""
        at_work = self._open.values()
        self._records = {run: each for run, each in self._records.items() if run in at_work}

    def note_work(self, run_id: str, work: RecordedWork) -> None:
        """Notes what an apply sets out to do."""
        self._write(run_id, sql.WORK, _packed(self._json(work)), run_id)

    def note_diffs(self, run_id: str, diffs: RecordedDiffs) -> None:
        """Notes the text diffs of a plan that a run has built."""
        packed = _packed(self._json(diffs))
        self._diffs = run_id, packed
        self._write(run_id, sql.DIFFS, packed, run_id)

    def note_interrupted(self, runs: tuple[InterruptedRun, ...]) -> None:
        """Notes what was found of applies whose engine died."""
        for run in runs:
            self._write(run.run_id, sql.INTERRUPTED, self._json(run), run.run_id)

    def _give_up(self, at: int) -> None:
        """Drops what waits, but for the frame of the open runs, and says so in their log."""
        self.pending.clear()
        self.forget_ended()
        for record in self._records.values():
            record.shorten()
        self.begin_again(self._records)
        for run in self._open.values():
            self._write(run, sql.LINE, run, at, "warning", DROPPED)
        self.dropped = True

    def begin_again(self, runs: Collection[str] | None = None) -> None:
        """Notes runs at work once more, from their begin: the file that had them is gone.

        Args:
            runs: Which; all without it.
        """
        again = self._records.keys() if runs is None else runs
        for run in again:
            self._records[run].is_written = False
        whole = [each for run in again for each in self._records[run].whole()]
        self.pending = [*whole, *(each for each in self.pending if each.run not in again)]

    # Runs

    def _plan_begins(self, event: ev.PlanningStarted, state: EngineState) -> None:
        request = self._json(event.request)
        self._begins("plan", event.run_id, event.environment, event.at, state, None, request)
        for stage in event.stages:
            self._stage(event.run_id, stage)

    def _built(self, event: ev.PlanBuilt) -> None:
        if run := self._open.get("plan"):
            review = _packed(self._json(event.plan))
            facts = self._json(event.facts)
            plan_id = event.facts.plan_id or None
            self._built_by = {plan_id: run} if plan_id else {}
            self._write(run, sql.BUILT, plan_id, event.plan.environment, facts, review, run)

    def _apply_begins(self, event: ev.ApplyStarted, state: EngineState) -> None:
        apply, planning = event.apply, state.planning
        request = self._json(planning.request) if planning is not None else None
        self._begins(
            "apply", apply.run_id, apply.environment, apply.started, state, apply.plan_id, request
        )
        if state.plan is not None and state.facts is not None:
            review = _packed(self._json(state.plan))
            facts, run = self._json(state.facts), apply.run_id
            self._write(run, sql.BUILT, apply.plan_id, apply.environment, facts, review, run)
            self._reviewed_diffs(run, apply.plan_id)
        self._models.clear()
        self._at_work.clear()
        for model in apply.models.values():
            self._model(apply.run_id, model)
        for stage in apply.stages:
            self._stage(apply.run_id, stage)

    def _reviewed_diffs(self, run: str, plan_id: str) -> None:
        """The diffs of the plan that is applied, from where they are at hand."""
        if self._diffs is not None and self._diffs[0] == self._built_by.get(plan_id):
            self._write(run, sql.DIFFS, self._diffs[1], run)
        else:
            self._write(run, sql.SAME_DIFFS, self._who.project, plan_id, run)

    def _begins(
        self,
        kind: str,
        run: str,
        environment: str,
        at: int,
        state: EngineState,
        plan_id: str | None,
        request: str | None,
    ) -> None:
        who, info = self._who, state.info
        name = info.project if info is not None else ""
        gateway = info.gateway if info is not None else None
        version = f"{info.version}, SQLMesh {info.sqlmesh_version or '?'}" if info else ""
        self._records[run] = RunRecord(run)
        self._write(
            run,
            sql.RUN,
            *(run, kind, who.project, name, who.paths, gateway, who.user, who.host),
            *(who.process, version, environment, plan_id, request, at),
        )
        self._open[kind] = run
        self._lines = 0

    def _ends(self, kind: str, event: ev.PlanningEnded | ev.ApplyEnded) -> None:
        self.settle()
        summary = self._json(event.summary) if isinstance(event, ev.ApplyEnded) else None
        problem = self._json(event.problem) if event.problem is not None else None
        run = event.run_id
        self._write(run, sql.ENDS, event.at, event.outcome.value, problem, summary, run)
        if self._open.get(kind) == run:
            del self._open[kind]

    # What happens in them

    def _progressed(self, event: ev.ApplyProgressed) -> None:
        run = self._open.get("apply")
        if run is None:
            return
        for model in event.models:
            if model.status in _ENDED or model.name not in self._models:
                self._at_work.pop(model.name, None)
                self._model(run, model)
            else:
                self._at_work[model.name] = model
        for record in event.batches:
            interval, audits = record.interval, (record.audits_passed, record.audits_failed)
            numbers = (*interval, record.duration, record.rows, record.bytes, *audits)
            self._write(run, sql.BATCH, record.index, event.at, *numbers, run, record.name)

    def _model(self, run: str, model: ModelProgress) -> None:
        self._models.add(model.name)
        self._write(run, sql.MODEL, run, model.name, model.kind, self._json(model))

    def _stage(self, run: str, stage: StageProgress) -> None:
        name = stage.name.value
        self._write(run, sql.STAGE, run, name, run, self._json(stage))

    def _line(self, event: ev.Event) -> None:
        run = self._open.get("apply") or self._open.get("plan")
        line = line_of(event)
        if run is None or line is None:
            return
        level, text = line
        hidden = self._secrets.hide(text)[:LONGEST_LINE]
        self._write(run, sql.LINE, run, event.at, level, hidden)
        self._lines += 1
        if self._lines % KEPT_LINES == 0:
            self._write(run, sql.OLD_LINES, run, run, KEPT_LINES)

    def _write(self, run: str, statement: str, *values: object) -> None:
        written = Statement(run, statement, values)
        self.pending.append(written)
        if record := self._records.get(run):
            record.keep(written)

    def _json(self, content: BaseModel) -> str:
        return self._secrets.hide_in_record(content.model_dump_json(exclude_none=True))


def _packed(content: str) -> bytes:
    return zlib.compress(content.encode("utf-8", "replace"), 6)
