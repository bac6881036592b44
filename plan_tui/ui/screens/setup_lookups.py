"""What the set-up asks the engine: environments, project, dates, selectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.lookup import DateReading, Environments, ProjectInfo, SelectionReading
from plan_tui.contract.options import Option
from plan_tui.contract.plan import PlanOptions
from plan_tui.contract.state import EngineState, ProjectState
from plan_tui.ui.draft import Draft
from plan_tui.ui.readings import DateKey, Readings

if TYPE_CHECKING:
    from plan_tui.ui.screens.base import PlanScreen

TYPING_PAUSE = 0.15
"""Seconds without a key before what was typed is asked about."""


class SetupLookups:
    """Keeps the engine's answers fresh, and says when one came."""

    def __init__(self, screen: PlanScreen, on_answer: Callable[[], None]) -> None:
        self._screen = screen
        self._on_answer = on_answer
        self._asked_for: object = None
        self._asked_by: object = None
        self.readings = Readings()
        self.environments: Environments | None = None
        self.project: ProjectInfo | None = None
        self.problem: Problem | None = None
        """Why the environments could not be read."""
        self.fresh = False
        """Whether the environments are as the engine knows them now."""

    @property
    def defaults(self) -> PlanOptions | None:
        """What the project's configuration sets."""
        return None if self.project is None else self.project.defaults

    def words(self, option: Option, environments: tuple[str, ...]) -> tuple[str, ...]:
        """What completes an option's value."""
        if option.field == "create_from":
            return environments
        if option.kind != "names" or self.project is None:
            return ()
        models = (model.view_name for model in self.project.models)
        return (*models, *(f"tag:{tag}" for tag in self.project.tags))

    def follow(self, state: EngineState) -> None:
        """Asks for environments and project when the engine has others than were seen."""
        info = state.info
        if info is None or info.project_state is not ProjectState.READY:
            self._asked_for = None
            return
        ended = state.apply.outcome if state.apply is not None else None
        run = state.apply.run_id if state.apply is not None else None
        moment = (info.pid, state.loading, run, ended)
        if moment != self._asked_for:
            if self._asked_by != info.pid or self._asked_for is None:
                self._ask_project()
            self._asked_by, self._asked_for = info.pid, moment
            self.reload()

    def reload(self) -> None:
        """Asks for the environments again; a first engine that is yet to come is asked anyway."""
        if self._screen.plan_app.client_state.connection == "starting":
            return
        self.fresh, self.problem = False, None
        self._screen.fetch(
            self._screen.port.environments,
            self._take_environments,
            group="environments",
            on_problem=self._take_problem,
        )
        self._on_answer()

    def _ask_project(self) -> None:
        self.readings.forget_selections()
        self._screen.fetch(
            self._screen.port.project,
            self._take_project,
            group="project",
            on_problem=lambda problem: None,
        )

    def _take_environments(self, environments: Environments) -> None:
        self.environments, self.fresh, self.problem = environments, True, None
        self._on_answer()
        self._screen.plan_app.close_locked()

    def _take_problem(self, problem: Problem) -> None:
        self.problem = problem
        self._on_answer()
        # An engine that is lost, or can't load the project, tells so by itself.
        if problem.code is not ProblemCode.ENGINE_LOST and self._asked_for is not None:
            self._screen.plan_app.show_problem(problem, self.reload)

    def _take_project(self, project: ProjectInfo) -> None:
        self.project = project
        self._on_answer()

    def read(self, draft: Draft, delay: float = 0.0) -> None:
        """Asks what the engine makes of a draft's dates and selectors."""
        if self._screen.plan_app.client_state.connection != "connected":
            return
        for option, key in self.readings.unread(draft):
            if option.kind == "date":
                self._read_date(option, key, delay)
            else:
                self._read_names(option, key, delay)

    def _read_date(self, option: Option, key: DateKey | tuple[str, ...], delay: float) -> None:
        text, base = key
        port = self._screen.port

        def take(reading: DateReading) -> None:
            self.readings.dates[(str(text), base)] = reading
            self._on_answer()

        self._screen.fetch(
            lambda: port.read_date(str(text), base),
            take,
            group=f"read-{option.field}",
            delay=delay,
            on_problem=lambda problem: take(
                DateReading(text=str(text), at=None, problem=problem.title)
            ),
        )

    def _read_names(self, option: Option, key: DateKey | tuple[str, ...], delay: float) -> None:
        names = tuple(str(name) for name in key)
        port = self._screen.port

        def take(reading: SelectionReading) -> None:
            self.readings.selections[names] = reading
            self._on_answer()

        self._screen.fetch(
            lambda: port.read_selection(names),
            take,
            group=f"read-{option.field}",
            delay=delay,
            on_problem=lambda problem: take(SelectionReading(names=(), problem=problem.title)),
        )
