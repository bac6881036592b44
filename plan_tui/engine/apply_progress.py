"""The book of an apply's models: batches done, running, failed, and what is left."""

from __future__ import annotations

from dataclasses import dataclass, field

from plan_tui.contract.base import Interval
from plan_tui.contract.errors import Problem
from plan_tui.contract.events import ApplyProgressed
from plan_tui.contract.interrupted import BatchRisk
from plan_tui.contract.state import (
    BatchRecord,
    ModelProgress,
    ModelStatus,
    RunningBatch,
    RunSummary,
)
from plan_tui.engine.event_log import now_ms
from plan_tui.engine.time_left import TimeLeft

QUIET = 5_000
"""Milliseconds without progress after which the time that is left is told anew."""


@dataclass
class ApplyBook:
    """Keeps every model's progress; not thread-safe by itself."""

    models: dict[str, ModelProgress]
    upstream: dict[str, tuple[str, ...]]
    """The nearest models upstream of each that have work too."""
    views: dict[str, str]
    """Display names of all models of the plan."""
    time_left: TimeLeft
    """Knows how long what is left may take."""
    restating: bool = False
    is_new: bool = False
    """Whether the environment does not exist before the apply."""
    tables_created: int = 0
    views_promoted: int = 0
    promoted: bool = False
    _told: int = field(default_factory=now_ms)
    _moved: set[str] = field(default_factory=set)
    _records: list[BatchRecord] = field(default_factory=list)
    _planned: set[str] = field(default_factory=set)
    _downstream: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, parents in self.upstream.items():
            for parent in parents:
                self._downstream.setdefault(parent, []).append(name)
        for name in self.models:
            self._wait(name)
        self._moved.clear()

    @property
    def batches_done(self) -> int:
        """Batches finished, over all models."""
        return sum(model.done for model in self.models.values())

    @property
    def batches_total(self) -> int:
        """Batches that this apply starts, over all models."""
        return sum(model.total for model in self.models.values())

    def view_name(self, name: str) -> str:
        """The display name of a model."""
        return self.views.get(name, name)

    def take(self) -> ApplyProgressed | None:
        """What moved since the last call, or None; time moves too, while a batch runs."""
        now = now_ms()
        if not self._moved and not self._records and abs(now - self._told) < QUIET:
            return None
        self._told = now
        event = ApplyProgressed(
            models=tuple(self.models[name] for name in sorted(self._moved)),
            batches=tuple(self._records),
            remaining=self.time_left.of(self.models, now),
        )
        self._moved.clear()
        self._records.clear()
        return event

    def plan(self, batches: dict[str, int]) -> None:
        """Takes over what SQLMesh is about to start; it rules where the plan said otherwise."""
        for name, total in batches.items():
            known = self.models.get(name)
            if known is None:
                if total == 0:
                    continue
                known = ModelProgress(name=name, view_name=self.view_name(name))
            before = known.total if name in self._planned else 0
            self._planned.add(name)
            if known.total != before + total or name not in self.models:
                self._set(known.model_copy(update={"total": before + total}))

    def start(
        self, name: str, interval: Interval, index: int, risk: BatchRisk | None = None
    ) -> None:
        """A batch runs."""
        model = self._model(name)
        batch = RunningBatch(index=index, interval=interval, since=now_ms(), at_risk=risk)
        running = (*model.running, batch)
        # Its other batches may still start after one has failed: it stays a failed model.
        status = ModelStatus.RUNNING if model.failure is None else ModelStatus.FAILED
        self._set(model.model_copy(update={"status": status, "running": running, "waits_for": ()}))

    def batch_done(
        self,
        name: str,
        interval: Interval,
        index: int,
        duration: int,
        rows: int | None,
        size: int | None,
        audits: tuple[int, int],
    ) -> None:
        """A batch is done."""
        record = BatchRecord(
            name=name,
            view_name=self.view_name(name),
            index=index,
            interval=interval,
            duration=duration,
            ended=now_ms(),
            rows=rows,
            bytes=size,
            audits_passed=audits[0],
            audits_failed=audits[1],
        )
        self._finish(record)

    def _finish(self, record: BatchRecord) -> None:
        model = self._model(record.name)
        done = model.done + 1
        elapsed = model.elapsed + (record.duration or 0)
        over = done >= model.total and model.failure is None
        status = ModelStatus.DONE if over else model.status
        self._set(
            model.model_copy(
                update={
                    "status": status,
                    "done": done,
                    "running": _without(model, record.index),
                    "rows": _plus(model.rows, record.rows),
                    "elapsed": elapsed,
                    "remaining": 0 if over else elapsed * (model.total - done) // done,
                    "audits_passed": model.audits_passed + record.audits_passed,
                    "audits_failed": model.audits_failed + record.audits_failed,
                }
            )
        )
        self._records.append(record)
        if over:
            self._release(record.name)

    def batch_failed(self, name: str, interval: Interval, index: int) -> None:
        """A batch ended without a result."""
        model = self._model(name)
        self._set(model.model_copy(update={"running": _without(model, index)}))
        self._records.append(
            BatchRecord(
                name=name,
                view_name=self.view_name(name),
                index=index,
                interval=interval,
                duration=None,
                ended=now_ms(),
            )
        )

    def interrupted(self, name: str, interval: Interval, index: int) -> None:
        """A batch was stopped by a cancel."""
        model = self._model(name)
        self._set(model.model_copy(update={"running": _without(model, index)}))

    def fail(self, name: str, failure: Problem) -> None:
        """A model has failed; its first failure is the one that is shown."""
        model = self._model(name)
        shown = model.failure or failure
        self._set(
            model.model_copy(
                update={"status": ModelStatus.FAILED, "failure": shown, "remaining": None}
            )
        )

    def skip(self, names: set[str]) -> None:
        """SQLMesh left these out."""
        for name in names:
            model = self.models.get(name)
            if model is None or model.status is ModelStatus.FAILED:
                continue
            because = self._failed_upstream(name)
            self._set(
                model.model_copy(
                    update={
                        "status": ModelStatus.SKIPPED,
                        "waits_for": (),
                        "skipped_because": because,
                    }
                )
            )

    def stop_rest(self) -> None:
        """The run is over: what has not ended is left for the next plan."""
        for name, model in list(self.models.items()):
            if model.status in (ModelStatus.WAITING, ModelStatus.RUNNING) and (
                model.done < model.total
            ):
                left = {"status": ModelStatus.STOPPED, "running": (), "waits_for": ()}
                self._set(self.models[name].model_copy(update=left))

    def summary(self) -> RunSummary:
        """What was done, counted."""
        statuses = [model.status for model in self.models.values()]
        rows = [model.rows for model in self.models.values() if model.rows is not None]
        return RunSummary(
            batches_done=self.batches_done,
            batches_total=self.batches_total,
            models_done=statuses.count(ModelStatus.DONE),
            models_failed=statuses.count(ModelStatus.FAILED),
            models_skipped=statuses.count(ModelStatus.SKIPPED),
            models_left=statuses.count(ModelStatus.STOPPED),
            tables_created=self.tables_created,
            views_promoted=self.views_promoted,
            promoted=self.promoted,
            is_new=self.is_new,
            rows=sum(rows) if rows else None,
            restating=self.restating,
        )

    def _model(self, name: str) -> ModelProgress:
        return self.models.get(name) or ModelProgress(
            name=name, view_name=self.view_name(name), total=0
        )

    def _set(self, model: ModelProgress) -> None:
        self.models[model.name] = model
        self._moved.add(model.name)

    def _wait(self, name: str) -> None:
        waits = tuple(
            self.view_name(parent)
            for parent in self.upstream.get(name, ())
            if self.models[parent].status is not ModelStatus.DONE
        )
        model = self.models[name]
        if model.status is ModelStatus.WAITING and model.waits_for != waits:
            self._set(model.model_copy(update={"waits_for": waits}))

    def _release(self, done: str) -> None:
        for name in self._downstream.get(done, ()):
            self._wait(name)

    def _failed_upstream(self, name: str) -> str | None:
        """The nearest failed model upstream, by name."""
        nearest, seen = list(self.upstream.get(name, ())), {name}
        while nearest:
            for parent in nearest:
                model = self.models.get(parent)
                if model is not None and model.status is ModelStatus.FAILED:
                    return model.view_name
            seen.update(nearest)
            further = (each for parent in nearest for each in self.upstream.get(parent, ()))
            nearest = list(dict.fromkeys(each for each in further if each not in seen))
        return None


def _without(model: ModelProgress, index: int) -> tuple[RunningBatch, ...]:
    return tuple(batch for batch in model.running if batch.index != index)


def _plus(total: int | None, more: int | None) -> int | None:
    return total if more is None else (total or 0) + more
