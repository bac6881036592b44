"""The state machine: idle, planning, review, applying; an illegal command is refused in words."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from plan_tui.contract import events as ev
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.contract.lookup import Environments
from plan_tui.contract.plan import CancelMode, Category, PlanRequest
from plan_tui.contract.state import EngineInfo, RunOutcome, SessionState, StageName
from plan_tui.engine.apply_run import ApplyRun
from plan_tui.engine.asking import AskedPlans, check_options, check_words
from plan_tui.engine.breaker import TripReason
from plan_tui.engine.cancelling import (
    cancel_apply,
    cancel_asked,
    cancel_claimed,
    cancel_nothing,
    cancel_planning,
)
from plan_tui.engine.claim import drop_all, read_staleness, refuse_begin, tell_stale_files
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.journal import Journal
from plan_tui.engine.loading import Loading
from plan_tui.engine.plan_run import PlanRun, RunStopped
from plan_tui.engine.problems import internal
from plan_tui.engine.reconciling import Reconciler
from plan_tui.engine.recorded_diffs import record_diffs
from plan_tui.engine.refused import Refused, busy, no_plan, not_under_review
from plan_tui.engine.warming import FIRST_LOOK, Warming
from plan_tui.journal.store import journal_path

if TYPE_CHECKING:
    from plan_tui.contract.state import PlanFacts
    from plan_tui.engine.backend import Backend

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Session:
    """Takes commands on the event loop and does the work in one thread."""

    def __init__(self, key: ProjectKey, files: EngineFiles) -> None:
        self.key = key
        self.log = EventLog()
        self._work = ThreadPoolExecutor(1, thread_name_prefix="work")
        self._reads = ThreadPoolExecutor(1, thread_name_prefix="reads")
        self._slow_reads = ThreadPoolExecutor(1, thread_name_prefix="slow-reads")
        self.warming = Warming(lambda: self.state is SessionState.REVIEW)
        self.loading = Loading(key, files, self.log)
        self.journal = Journal(key, journal_path(), self.loading.secrets, self._warn)
        self.log.listen(self.journal.hear)
        self.reconciler = Reconciler(key, self.log, self.journal)
        self._planning: PlanRun | None = None
        self._applying: ApplyRun | None = None
        self._wanted: dict[str, Category] = {}
        self._asked = AskedPlans()
        self._claimed = False
        """Whether an apply is being checked, so that nothing else may begin."""
        self._cancelled = False
        """Whether a cancel came while it was."""
        self.known_environments: Environments | None = None
        """The environments when they were last read: an apply keeps the state to itself."""
        self.warehouse_looks: set[threading.Event] = set()
        """What drops each look-up that the worker computes, or has yet to."""
        self.leaving = False
        self.last_used = time.monotonic()

    def _warn(self, text: str) -> None:
        self.log.emit(ev.Logged(level="warning", text=text))

    # What others see

    @property
    def info(self) -> EngineInfo:
        """Versions, project, what it is."""
        return self.loading.info

    @property
    def state(self) -> SessionState:
        """What it does."""
        return self.log.state.state

    @property
    def working(self) -> bool:
        """Whether leaving now would lose work."""
        return self.state in (SessionState.PLANNING, SessionState.APPLYING)

    # Threads

    async def on_worker(self, call: Callable[[], Answer]) -> Answer:
        """Runs a call in the thread that owns SQLMesh."""
        return await asyncio.get_running_loop().run_in_executor(self._work, call)

    async def on_reader(self, call: Callable[[], Answer]) -> Answer:
        """Runs a call that only reads, beside whatever runs, once SQLMesh is imported."""
        return await self._once_imported(self._reads, call)

    async def on_slow_reader(self, call: Callable[[], Answer]) -> Answer:
        """The same for what may take seconds, so that quick answers do not wait for it."""
        return await self._once_imported(self._slow_reads, call)

    async def _once_imported(self, pool: ThreadPoolExecutor, call: Callable[[], Answer]) -> Answer:
        def read() -> Answer:
            self.loading.imported.wait()
            return call()

        return await asyncio.get_running_loop().run_in_executor(pool, read)

    # Loading

    def start(self) -> None:
        """Begins to import SQLMesh and to load the project."""
        self._work.submit(self._first_load)

    def _first_load(self) -> None:
        self._load()
        if self.loading.backend is not None:
            self._reads.submit(self.loading.warm_dates)

    def _load(self) -> None:
        self.loading.load_safely()
        self.reconciler.look(self.loading.backend)

    # Planning

    async def plan(self, request: PlanRequest) -> None:
        """Starts building a plan.

        Raises:
            Refused: An apply runs, options clash, or a model does not exist.
        """
        self.refuse_while_applying("A new plan can't be built")
        check_options(request)
        drop_all(self.warehouse_looks)
        with self._asked.checked() as asked:
            await check_words(self.loading, request, self.on_reader, self.on_worker)
        self.refuse_while_applying("A new plan can't be built")
        self._asked.refuse_unwanted(asked)
        if self._planning is not None:
            self._planning.breaker.trip(CancelMode.GRACEFUL, TripReason.SUPERSEDED)
            self._planning.end(RunOutcome.CANCELLED)
        run = PlanRun(self.log, secrets.token_hex(8), request.environment or "", request)
        run.unfilled, self._planning = self.journal.unfilled, run
        self._wanted.clear()
        run.begin()
        self._work.submit(self._plan, run)

    def _plan(self, run: PlanRun) -> None:
        backend = None
        try:
            run.enter(StageName.IMPORTING, "importing SQLMesh")
            backend = self.loading.import_backend()
            backend.plan(run)
        except RunStopped:
            run.end(RunOutcome.CANCELLED)
        except Exception as error:
            logger.exception("Planning failed.")
            run.end(RunOutcome.FAILED, internal(error))
        finally:
            if backend is not None:
                self.warming.stand_back(FIRST_LOOK)
                replaced = run is not self._planning
                self.loading.after_plan(backend, replaced, run.breaker.is_tripped())
                record_diffs(self.journal, backend, run, self.warming.stand_back)
                self.reconciler.look(backend)
                self.warming.begin(backend)

    async def choose(self, categories: Mapping[str, Category]) -> None:
        """Changes categories of the plan under review.

        Raises:
            Refused: There is no such plan, a model does not exist, or has no choice.
        """
        self.refuse_while_applying("Categories can't be changed")
        backend = self._reviewed()
        from plan_tui.engine.choosing import check_choices

        self._wanted.update(check_choices(backend, categories))
        await self.on_worker(self._choose)

    def _choose(self) -> None:
        from plan_tui.engine.choosing import make_choices

        backend = self.loading.backend
        if backend is not None and backend.built is not None:
            make_choices(backend, self._wanted)
            self.warming.begin(backend)

    async def revise(self, change: Callable[[Backend], None]) -> None:
        """Changes the plan under review in the worker's thread; refused like ``choose``."""
        self.refuse_while_applying("The plan can't be changed")
        await self.on_worker(partial(change, self._reviewed()))

    def _reviewed(self) -> Backend:
        backend = self.loading.backend
        if self.state is not SessionState.REVIEW or backend is None or backend.built is None:
            raise Refused(no_plan(), 404)
        return backend

    def refuse_while_applying(self, what: str) -> None:
        """Refuses what an apply, or its check, does not let begin."""
        if self.leaving:
            raise Refused(busy("The engine is leaving. Try again: a new one will start."), 409)
        if self.state is SessionState.APPLYING or self._claimed:
            raise Refused(busy(f"{what} while a plan is being applied."), 409)

    # Applying

    async def apply(self, plan_id: str) -> None:
        """Starts applying exactly the plan under review; refused if it is stale, or another."""
        self.refuse_while_applying("A second plan can't be applied")
        backend = self._reviewed()
        facts = self.log.state.facts
        if facts is None or facts.plan_id != plan_id:
            raise Refused(not_under_review(plan_id), 409)
        if refusal := self.log.state.stale or facts.refusal:
            raise Refused(refusal, 409)
        self._claimed, self._cancelled = True, False
        drop_all(self.warehouse_looks)
        try:
            read = partial(read_staleness, backend, self.key.paths)
            self.known_environments, stale = await self.on_worker(read)
            if stale is not None:
                self.log.emit(ev.PlanWentStale(plan_id=plan_id, problem=stale))
                raise Refused(stale, 409)
            self._begin_apply(backend, facts)
        finally:
            self._claimed = False
        # Whoever is told that it was taken can count on its trace, though the engine dies at once.
        await asyncio.to_thread(self.journal.settle)

    def _begin_apply(self, backend: Backend, checked: PlanFacts) -> None:
        refuse_begin(self.log.state, checked, self.leaving, self._cancelled)
        if backend.built is None:
            raise Refused(no_plan(), 409)
        run = ApplyRun(self.log, backend, self.journal)
        run.begin()
        self._applying = run
        self._work.submit(run.run)

    def went_stale(self) -> None:
        """Files moved: the plan under review is out of date, and the project is read again."""
        backend = self.loading.backend
        if backend is None or self.working:
            return
        changed = backend.project.changed_files()
        if changed:
            tell_stale_files(self.log, changed, self.key.paths)
            self._work.submit(self._load)

    # Cancelling

    async def cancel(self, mode: CancelMode, reason: TripReason = TripReason.USER) -> None:
        """Trips the breaker of what runs; where nothing runs, says so by an event."""
        dropped = self._asked.cancel()
        if self.state is SessionState.APPLYING and self._applying is not None:
            cancel_apply(self.log, self._applying, mode, reason, self._applying.interrupt)
        elif self.state is SessionState.PLANNING and self._planning is not None:
            cancel_planning(self.log, self._planning, mode, reason)
        elif self._claimed:
            self._cancelled = True
            cancel_claimed(self.log, mode, reason)
        elif dropped:
            cancel_asked(self.log, mode, reason)
        else:
            cancel_nothing(self.log, mode, reason)

    async def leave(self) -> None:
        """Takes no more work, and is gone once what runs has ended."""
        self.leaving = True
        if self.state is SessionState.PLANNING:
            await self.cancel(CancelMode.GRACEFUL, TripReason.SHUTDOWN)

    def close(self) -> None:
        """Lets go of threads and connections."""
        if self.loading.backend is not None:
            self.loading.backend.project.release()
        for pool in (self._work, self._reads, self._slow_reads, self.warming.pool):
            pool.shutdown(wait=False, cancel_futures=True)
        self.journal.close()
