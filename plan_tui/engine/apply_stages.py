"""The stages of an apply, in SQLMesh's order, with what they count."""

from __future__ import annotations

from typing import Any

from plan_tui.contract.stages import Meta, StageStatus
from plan_tui.contract.state import StageName, StageProgress
from plan_tui.engine.event_log import now_ms

_NAMES = {
    "BeforeAllStage": StageName.BEFORE_ALL,
    "CreateSnapshotRecordsStage": StageName.CREATION,
    "PhysicalLayerSchemaCreationStage": StageName.CREATION,
    "PhysicalLayerUpdateStage": StageName.CREATION,
    "AuditOnlyRunStage": StageName.AUDIT,
    "BackfillStage": StageName.BACKFILL,
    "RestatementStage": StageName.RESTATE,
    "MigrateSchemasStage": StageName.MIGRATE,
    "EnvironmentRecordUpdateStage": StageName.PROMOTE,
    "UnpauseStage": StageName.PROMOTE,
    "VirtualLayerUpdateStage": StageName.PROMOTE,
    "FinalizeEnvironmentStage": StageName.FINALIZE,
    "AfterAllStage": StageName.AFTER_ALL,
}


def name_of(stage: Any) -> StageName | None:
    """The stage that a user sees for one of SQLMesh's."""
    return _NAMES.get(type(stage).__name__)


def shown_names(stages: list[Any]) -> list[StageName | None]:
    """What a user sees of each stage; None for one that nobody has heard of.

    A second backfill runs after the promotion, for forward-only models in prod: it is told apart.
    """
    names: list[StageName | None] = []
    promoting = False
    for stage in stages:
        name = name_of(stage)
        promoting = promoting or name is StageName.PROMOTE
        names.append(StageName.DEFERRED_BACKFILL if _deferred(name, promoting) else name)
    return names


def stage_names(stages: list[Any]) -> list[StageName]:
    """The stages that a user sees, in order, each once."""
    return list(dict.fromkeys(name for name in shown_names(stages) if name is not None))


class StageBook:
    """Keeps each stage's times and counts; not thread-safe by itself."""

    def __init__(self, names: list[StageName]) -> None:
        self._stages: dict[StageName, StageProgress] = {
            name: StageProgress(name=name) for name in names
        }
        self._moved: set[StageName] = set()
        self._left: dict[StageName, int] = {}
        self._tables: set[str] = set()
        self._promoting = False
        self.current: StageName | None = None

    @property
    def all(self) -> tuple[StageProgress, ...]:
        """Every stage, in order."""
        return tuple(self._stages.values())

    def take(self) -> list[StageProgress]:
        """The stages that moved since the last call."""
        moved = [stage for name, stage in self._stages.items() if name in self._moved]
        self._moved.clear()
        return moved

    def plan(self, names: list[StageName]) -> None:
        """Learns how many of SQLMesh's stages make up each of ours."""
        promoting = False
        for name in names:
            promoting = promoting or name is StageName.PROMOTE
            shown = StageName.DEFERRED_BACKFILL if _deferred(name, promoting) else name
            self._left[shown] = self._left.get(shown, 0) + 1

    def enter(self, stage: Any) -> None:
        """One of SQLMesh's stages begins."""
        name = self._shown(stage)
        if name is None:
            return
        self._promoting = self._promoting or name is StageName.PROMOTE
        self.current = name
        shown = self._stages.get(name, StageProgress(name=name))
        if shown.meta is None:
            self._set(shown.model_copy(update={"meta": Meta(start=now_ms())}))

    def leave(self, stage: Any, success: bool) -> None:
        """One of SQLMesh's stages ended; ours ends with the last of them."""
        name = self._shown(stage)
        if name is None:
            return
        self._left[name] = self._left.get(name, 1) - 1
        if not success or self._left[name] <= 0:
            self._end(name, success)

    def _shown(self, stage: Any) -> StageName | None:
        name = name_of(stage)
        return StageName.DEFERRED_BACKFILL if _deferred(name, self._promoting) else name

    def _end(self, name: StageName, success: bool) -> None:
        shown = self._stages.get(name)
        if shown is None or shown.meta is None or shown.meta.done:
            return
        status = StageStatus.SUCCESS if success else StageStatus.FAIL
        meta = shown.meta.model_copy(update={"status": status, "end": now_ms(), "done": True})
        self._set(shown.model_copy(update={"meta": meta, "message": ""}))

    # Counting

    def tables(self, names: set[str]) -> None:
        """More physical tables that do not exist yet.

        A backfill makes its tables itself, after the creation's own end: its batches count them.
        """
        self._tables |= names
        shown = self._at_work_on_tables()
        if shown is not None:
            self._set(shown.model_copy(update={"total": shown.total + len(names)}))

    def table_created(self, name: str) -> bool:
        """Counts a table; False where it was counted before or existed already."""
        if name not in self._tables:
            return False
        self._tables.discard(name)
        shown = self._at_work_on_tables()
        if shown is not None:
            self._set(shown.model_copy(update={"done": shown.done + 1}))
        return True

    def _at_work_on_tables(self) -> StageProgress | None:
        shown = self._stages.get(StageName.CREATION)
        ended = shown is not None and shown.meta is not None and shown.meta.done
        return None if ended else shown

    def count(self, done: int, total: int) -> None:
        """Sets what the current stage counts."""
        if self.current is not None:
            shown = self._stages[self.current]
            self._set(shown.model_copy(update={"done": done, "total": total}))

    def advance(self, message: str) -> None:
        """Counts one more in the current stage."""
        if self.current is not None:
            shown = self._stages[self.current]
            self._set(shown.model_copy(update={"done": shown.done + 1, "message": message}))

    def at_work(self, message: str) -> None:
        """Says what the current stage is at."""
        if self.current is not None:
            self._set(self._stages[self.current].model_copy(update={"message": message}))

    def _set(self, stage: StageProgress) -> None:
        self._stages[stage.name] = stage
        self._moved.add(stage.name)


def _deferred(name: StageName | None, promoting: bool) -> bool:
    return name is StageName.BACKFILL and promoting
