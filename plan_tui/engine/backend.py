"""All that needs SQLMesh, as plain calls for the session's worker thread.

Importing this module imports SQLMesh, which takes seconds: the server does it in the background.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import sqlmesh
from sqlmesh.core.environment import Environment
from sqlmesh.utils.errors import CircuitBreakerError, NoChangesPlanError

from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.lookup import Environments
from plan_tui.contract.plan import Category, PlanRequest
from plan_tui.contract.stages import Meta, PlanOverviewStageTracker, StageStatus
from plan_tui.contract.state import RunOutcome, StageName
from plan_tui.engine import documents, garbage, lookups, planner
from plan_tui.engine.apply_start import begin_apply
from plan_tui.engine.broken.dangers import broken_dangers
from plan_tui.engine.conflicts import conflict_problem, find_conflict
from plan_tui.engine.dangers.listing import all_dangers
from plan_tui.engine.dangers.losses import read_losses
from plan_tui.engine.documents import Validation
from plan_tui.engine.failures import apply_failure
from plan_tui.engine.impact.known_state import read_known_state
from plan_tui.engine.interrupts import INTERRUPTS, Interrupt
from plan_tui.engine.locked import LastLock
from plan_tui.engine.names import BadNameError
from plan_tui.engine.plan_run import PlanRun, QuietRun, RunStopped
from plan_tui.engine.planner import BuiltPlan
from plan_tui.engine.problems import from_planning
from plan_tui.engine.project import Project
from plan_tui.engine.refusals import (
    half_chosen,
    how_stopped,
    not_loading,
    stale_files,
    with_findings,
)
from plan_tui.engine.revision import difference
from plan_tui.engine.selecting import Selectors

if TYPE_CHECKING:
    from plan_tui.contract.locations import ProjectKey
    from plan_tui.engine.apply_watch import ApplyWatch
    from plan_tui.engine.breaker import Breaker
    from plan_tui.engine.event_log import EventLog
    from plan_tui.engine.secrets import Secrets
    from plan_tui.engine.watching import PlanWatcher

logger = logging.getLogger(__name__)
SQLMESH_VERSION = sqlmesh.__version__


class Backend:
    """The warm project and the plan under review."""

    def __init__(self, key: ProjectKey, log: EventLog, secrets: Secrets | None = None) -> None:
        self.project = Project(key, secrets)
        self._log = log
        self.built: BuiltPlan | None = None
        self.applied: BuiltPlan | None = None
        """The plan of the last apply, for whoever looks at its models."""
        self._generation = 0
        self._lock = LastLock()
        self.validation = Validation()
        """What lint and tests found of the last plan."""
        self._metas: dict[str, Meta] = {}
        self._empty: PlanOverviewStageTracker | None = None

    # Loading

    def refresh(self, watcher: PlanWatcher) -> bool:
        """Loads what changed; see ``Project.refresh``."""
        with self.project.watched(watcher):
            return self.project.refresh(watcher)

    def default_environment(self) -> str:
        """The environment that a plan without a name targets."""
        return str(self.project.context.config.default_target_environment)

    def environments(self) -> Environments:
        """The environments in the state."""
        return lookups.environments(self.project.context)

    # Planning

    def resolve(self, request: PlanRequest) -> PlanRequest:
        """The request with snapshot names in place of names as written.

        Raises:
            plan_tui.engine.names.BadNameError: A name that no model has, or no selector.
        """
        environment = request.environment or self.default_environment()
        finder = planner.finder_of(self.project.context, environment=environment)
        options = request.options
        selectors = Selectors(self.project.context, finder, environment, options.create_from)
        categories = finder.find_all(request.categories or {}) or None
        named = {"categories": categories, "plan_options": selectors.options(options)}
        return request.model_copy(update=named)

    @garbage.at_work()
    def plan(self, run: PlanRun) -> None:
        """Builds a plan and tells; raises nothing but ``RunStopped``."""
        roots = self.project.key.paths
        before, self.built, self.applied, self._empty = self.built, None, None, None
        loading = True
        try:
            with self.project.watched(run):
                run.enter(StageName.LOADING)
                self._lock.check()
                self.project.refresh(run, planner.compared_with(run.request))
                loading = False
                run.enter(StageName.VALIDATION)
                request = self.resolve(run.request)
                self._build(run, request)
        except NoChangesPlanError as error:
            self._no_changes(run, error)
        except BadNameError as error:
            run.end(RunOutcome.FAILED, error.problem)
        except RunStopped:
            self.built = self._empty = None
            raise
        except Exception as error:
            logger.exception("Planning failed.")
            problem = from_planning(error, roots, loading)
            self._failed(run, with_findings(problem, run), before)

    def _build(self, run: PlanRun, request: PlanRequest) -> None:
        def on_stage(name: str) -> None:
            if name == StageName.BACKFILLS:
                run.enter(StageName.BACKFILLS, "intervals and batches")

        context = self.project.context
        broken = broken_dangers(self.project)
        with context.reading_once():
            built = planner.build(context, request, on_stage, run.check, broken)
            self._tell(run, built)

    def _tell(self, run: PlanRun, built: BuiltPlan) -> None:
        """Tells of a plan, then reads what looks at it will ask the state for."""
        context = self.project.context
        self.validation, self._metas = documents.settled(run)
        overview = documents.document(built, self.validation, self._metas, diffs=False)
        versions = {each.name: each.version or "" for each in built.plan.snapshots.values()}
        overview = run.warn_of_left(overview, versions, self.validation.warnings)
        self.built, self._generation = built, self.project.generation
        changed = self.project.changed_files()
        stale = stale_files(changed, self.project.key.paths) if changed else None
        try:
            run.built(ev.PlanBuilt(plan=overview, facts=built.facts), stale)
        except RunStopped:
            # Whoever looks at the dropped plan meanwhile waits for nothing.
            built.known.cancel()
            built.losses.cancel()
            raise
        read_known_state(context, built)
        read_losses(context, built)

    def _no_changes(self, run: PlanRun, error: NoChangesPlanError) -> None:
        environment = self._target(run.request)
        broken = broken_dangers(self.project)
        warning, facts = documents.no_changes(environment, error, broken)
        found, metas = documents.settled(run)
        overview = documents.empty_document(
            run.request, environment, found, metas, warning, broken=broken
        )
        self._empty = overview
        run.built(ev.PlanBuilt(plan=overview, facts=facts))

    def _failed(self, run: PlanRun, problem: Problem, before: BuiltPlan | None) -> None:
        """Ends a run; what lint and tests found stays to be read as a document.

        Where the project does not load, the plan of before is under review again.
        """
        problem = self.project.describe(problem)
        unread = problem.code is ProblemCode.BROKEN_PROJECT
        if before is not None and unread and not run.ended:
            overview = documents.document(before, self.validation, self._metas, diffs=False)
            review = ev.PlanBuilt(plan=overview, facts=before.facts)
            self.built = before
            run.end(RunOutcome.FAILED, problem, (review, not_loading(problem)))
            return
        if self.project.loaded and not run.ended:
            environment, context = self._target(run.request), self.project.context
            self._empty = documents.refused_document(context, run, environment, problem)
        run.end(RunOutcome.FAILED, self._lock.note(problem))

    def _target(self, request: PlanRequest) -> str:
        return str(Environment.sanitize_name(request.environment or self.default_environment()))

    @property
    def is_without_changes(self) -> bool:
        """Whether the last plan was none, since nothing differs."""
        return self._empty is not None and self._empty.meta.status is StageStatus.SUCCESS

    def overview(self) -> PlanOverviewStageTracker | None:
        """The plan's document, whole, or None where there is no plan."""
        built = self.built
        if self._empty is not None or built is None:
            return self._empty
        overview = documents.document(built, self.validation, self._metas, diffs=True)
        return overview.model_copy(update={"dangers": all_dangers(self, built)})

    def choose(self, choices: Mapping[str, Category]) -> None:
        """Changes categories of the plan under review."""
        self.revise(lambda built: planner.revise(self.project.context, built, choices))

    def revise(self, change: Callable[[BuiltPlan], BuiltPlan]) -> None:
        """Changes the plan under review and tells what follows, or what failed."""
        built = self.built
        if built is None:
            return
        categories = built.categories()
        try:
            with self.project.watched(QuietRun()), self.project.context.reading_once():
                revised = change(built)
        except Exception as error:
            logger.exception("The plan could not be revised.")
            problem = from_planning(error, self.project.key.paths)
            self._log.emit(
                ev.ErrorReported(problem=problem),
                ev.PlanWentStale(plan_id=built.plan.plan_id, problem=half_chosen(problem)),
            )
            return
        self.built = revised
        self._log.emit(difference(categories, built.backfills, revised))

    # Applying

    def staleness(self) -> Problem | None:
        """Why the plan under review is out of date, or None."""
        built = self.built
        if built is None:
            return None
        changed = self.project.changed_files()
        if changed or self._generation != self.project.generation:
            return stale_files(changed, self.project.key.paths)
        conflict = find_conflict(self.project.context, built)
        return conflict_problem(conflict) if conflict else None

    def start_apply(self, run_id: str, breaker: Breaker) -> ApplyWatch:
        """Prepares the apply of the plan under review and tells that it starts."""
        return begin_apply(self, self._log, run_id, breaker)

    def apply(self, watch: ApplyWatch) -> tuple[RunOutcome, Problem | None]:
        """Applies the plan under review; returns how it ended."""
        built = self.built
        assert built is not None
        context = self.project.context
        breaker = watch.breaker
        environment = built.plan.environment_naming_info.name
        context.applying = self.project.console.applying = watch
        watch.start()
        try:
            context.apply(built.plan, circuit_breaker=breaker.is_tripped)
        except CircuitBreakerError:
            return how_stopped(breaker)
        except Exception as error:
            logger.exception("The apply failed.")
            if breaker.is_tripped() and not watch.failures:
                return how_stopped(breaker)
            stage, at_work = watch.stages.current, watch.spot.found
            return RunOutcome.FAILED, apply_failure(
                error, watch.failures, environment, stage, at_work
            )
        else:
            return RunOutcome.SUCCEEDED, None
        finally:
            context.applying = self.project.console.applying = None
            watch.book.stop_rest()
            watch.close()
            self.built, self.applied = None, built

    @property
    def engine_type(self) -> str:
        """The kind of warehouse."""
        return str(self.project.context.connection_config.type_)

    @property
    def interrupt(self) -> Interrupt | None:
        """How running queries of this warehouse are interrupted, or None where they can't be."""
        return INTERRUPTS.get(self.engine_type)
