"""From the engine's events to the journal's rows; pure, but for what is still to be written."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pydantic import BaseModel

from plan_tui.contract import events as ev
from plan_tui.contract.history import RecordedDiffs
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.state import EngineState, ModelProgress, ModelStatus, StageProgress
from plan_tui.engine.secrets import Secrets
from plan_tui.journal.work import RecordedWork

Statement = tuple[str, tuple[object, ...]]

LONGEST_LINE = 4_000
"""Characters of a line of the log that are kept."""
KEPT_LINES = 2_000
"""The newest lines of a run's log that are kept."""
MOST_PENDING = 200_000
"""Rows that may wait for a journal that can't be written."""
DROPPED = "Rows of this run were dropped: the journal could not be written for too long."

_ENDED = (ModelStatus.DONE, ModelStatus.FAILED, ModelStatus.SKIPPED, ModelStatus.STOPPED)


@dataclass(frozen=True)
class Recordist:
    """Who records, and for which project."""

    project: str
    """The digest of the project, gateway and configuration."""
    paths: str
    """The project's directories, as JSON."""
    user: str
    host: str
    process: str


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
        self._openings: dict[str, list[Statement]] = {}
        """What began the runs that have not ended, by kind."""
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

    def note_work(self, run_id: str, work: RecordedWork) -> None:
        """Notes what an apply sets out to do."""
        statement = (_WORK, (_packed(self._json(work)), run_id))
        self.pending.append(statement)
        if self._open.get("apply") == run_id:
            self._openings["apply"].append(statement)

    def note_diffs(self, run_id: str, diffs: RecordedDiffs) -> None:
        """Notes the text diffs of a plan that a run has built."""
        self._write(_DIFFS, _packed(self._json(diffs)), run_id)

    def note_interrupted(self, runs: tuple[InterruptedRun, ...]) -> None:
        """Notes what was found of applies whose engine died."""
        for run in runs:
            self._write(_INTERRUPTED, self._json(run), run.run_id)

    def _give_up(self, at: int) -> None:
        """Drops what waits, but for what began the runs that are open, and says so in their log."""
        self.pending.clear()
        self.begin_again()
        for run in self._open.values():
            self._write(_LINE, run, at, "warning", DROPPED)
        self.dropped = True

    def begin_again(self) -> None:
        """Notes the runs that are open once more: the file that had them is gone."""
        again = [statement for opening in self._openings.values() for statement in opening]
        self.pending[:0] = again

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
            self._write(_BUILT, plan_id, event.plan.environment, facts, review, run)

    def _apply_begins(self, event: ev.ApplyStarted, state: EngineState) -> None:
        apply, planning = event.apply, state.planning
        request = self._json(planning.request) if planning is not None else None
        self._begins(
            "apply", apply.run_id, apply.environment, apply.started, state, apply.plan_id, request
        )
        before = len(self.pending)
        if state.plan is not None and state.facts is not None:
            review = _packed(self._json(state.plan))
            facts = self._json(state.facts)
            self._write(_BUILT, apply.plan_id, apply.environment, facts, review, apply.run_id)
            self._write(_SAME_DIFFS, self._who.project, apply.plan_id, apply.run_id)
        self._models.clear()
        self._at_work.clear()
        for model in apply.models.values():
            self._model(apply.run_id, model)
        for stage in apply.stages:
            self._stage(apply.run_id, stage)
        self._openings["apply"] += self.pending[before:]

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
        before = len(self.pending)
        self._write(
            *(_RUN, run, kind, who.project, name, who.paths, gateway, who.user, who.host),
            *(who.process, version, environment, plan_id, request, at),
        )
        self._open[kind], self._openings[kind] = run, self.pending[before:]
        self._lines = 0

    def _ends(self, kind: str, event: ev.PlanningEnded | ev.ApplyEnded) -> None:
        self.settle()
        summary = self._json(event.summary) if isinstance(event, ev.ApplyEnded) else None
        problem = self._json(event.problem) if event.problem is not None else None
        self._write(_ENDS, event.at, event.outcome.value, problem, summary, event.run_id)
        if self._open.get(kind) == event.run_id:
            del self._open[kind], self._openings[kind]

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
            self._write(
                *(_BATCH, record.index, event.at, *record.interval, record.duration, record.rows),
                *(record.bytes, record.audits_passed, record.audits_failed, run, record.name),
            )

    def _model(self, run: str, model: ModelProgress) -> None:
        self._models.add(model.name)
        self._write(_MODEL, run, model.name, model.kind, self._json(model))

    def _stage(self, run: str, stage: StageProgress) -> None:
        name = stage.name.value
        self._write(_STAGE, run, name, run, self._json(stage))

    def _line(self, event: ev.Event) -> None:
        run = self._open.get("apply") or self._open.get("plan")
        match event:
            case ev.Logged():
                level, text = event.level, event.text
            case ev.Warned():
                level, text = "warning", event.message
            case ev.ErrorReported():
                level, text = "error", f"{event.problem.title} {event.problem.message}".strip()
            case _:
                return
        if run is None:
            return
        self._write(_LINE, run, event.at, level, self._secrets.hide(text)[:LONGEST_LINE])
        self._lines += 1
        if self._lines % KEPT_LINES == 0:
            self._write(_OLD_LINES, run, run, KEPT_LINES)

    def _write(self, statement: str, *values: object) -> None:
        self.pending.append((statement, values))

    def _json(self, content: BaseModel) -> str:
        return self._secrets.hide_in_json(content.model_dump_json(exclude_none=True))


def _packed(content: str) -> bytes:
    return zlib.compress(content.encode("utf-8", "replace"), 6)


_RUN = """INSERT OR IGNORE INTO run (id, kind, project, project_name, paths, gateway, user, host,
process, version, environment, plan_id, request, started)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_DIFFS = "UPDATE run SET diffs = ? WHERE id = ?"
_SAME_DIFFS = """UPDATE run SET diffs = (SELECT plan.diffs FROM run AS plan WHERE plan.project = ?
AND plan.kind = 'plan' AND plan.plan_id = ? AND plan.diffs IS NOT NULL ORDER BY plan.started DESC
LIMIT 1) WHERE id = ?"""
_BUILT = "UPDATE run SET plan_id = ?, environment = ?, facts = ?, review = ? WHERE id = ?"
_WORK = "UPDATE run SET work = ? WHERE id = ?"
_INTERRUPTED = "UPDATE run SET interrupted = ? WHERE id = ?"
_ENDS = "UPDATE run SET ended = ?, outcome = ?, problem = ?, summary = ? WHERE id = ?"
_STAGE = """INSERT INTO stage (run, name, position, content)
VALUES (?, ?, (SELECT count(*) FROM stage WHERE run = ?), ?)
ON CONFLICT (run, name) DO UPDATE SET content = excluded.content"""
_MODEL = """INSERT INTO model (run, name, kind, content) VALUES (?, ?, ?, ?)
ON CONFLICT (run, name) DO UPDATE SET content = excluded.content"""
_BATCH = """INSERT INTO batch (model, number, at, start, end, duration, rows, bytes, audits_passed,
audits_failed) SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM model WHERE run = ? AND name = ?"""
_LINE = "INSERT INTO log (run, at, level, text) VALUES (?, ?, ?, ?)"
_OLD_LINES = """DELETE FROM log WHERE run = ? AND rowid NOT IN
(SELECT rowid FROM log WHERE run = ? ORDER BY rowid DESC LIMIT ?)"""
