"""Answers to what is looked at, each from the thread that may give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.lookup import (
    DateReading,
    Environments,
    ModelDetail,
    ProjectInfo,
    SelectionReading,
)
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import SessionState
from plan_tui.engine.problems import from_loading
from plan_tui.engine.refused import Refused, no_plan
from plan_tui.engine.session import Session

Answer = TypeVar("Answer")


class Reader:
    """Reads for the routes, beside whatever runs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def environments(self) -> Environments:
        """The environments; those of before where an apply holds the state.

        Raises:
            Refused: The project or its state can't be read.
        """
        session = self._session
        if session.state is SessionState.APPLYING and session.known_environments is not None:
            return session.known_environments

        def read() -> Environments:
            backend = session.loading.ensure_loaded()
            try:
                return backend.environments()
            except Exception as error:
                raise Refused(from_loading(error, session.key.paths), 424) from error
            finally:
                backend.project.release()

        session.known_environments = await session.on_worker(read)
        return session.known_environments

    async def project(self) -> ProjectInfo:
        """Models and tags of the loaded project.

        Raises:
            Refused: The project can't be loaded.
        """
        session = self._session

        def read() -> ProjectInfo:
            from plan_tui.engine import lookups

            return lookups.project_info(session.loading.ensure_loaded().project.context)

        def read_beside() -> ProjectInfo:
            from plan_tui.engine import lookups

            return lookups.project_info(session.loading.ready_backend().project.context)

        if session.state is SessionState.APPLYING:
            return await session.on_reader(read_beside)
        return await session.on_worker(read)

    async def date(self, text: str, execution_time: str | None) -> DateReading:
        """How SQLMesh understands a date; waits for SQLMesh's import only."""

        def read() -> DateReading:
            from plan_tui.engine import lookups

            return lookups.read_date(text, execution_time)

        return await self._session.on_reader(read)

    async def selection(self, expressions: list[str]) -> SelectionReading:
        """What selectors match.

        Raises:
            Refused: The project is not loaded.
        """

        def read() -> SelectionReading:
            from plan_tui.engine import lookups

            context = self._session.loading.ready_backend().project.context
            return lookups.read_selection(context, expressions)

        return await self._session.on_reader(read)

    async def overview(self) -> PlanOverviewStageTracker:
        """The plan under review, whole.

        Raises:
            Refused: There is none.
        """

        def read() -> PlanOverviewStageTracker | None:
            # A plan can be read while the project is read again, or can't be.
            backend = self._session.loading.backend
            planned = backend.overview() if backend is not None else None
            return planned or self._session.loading.ready_backend().overview()

        found = await self._session.on_slow_reader(read)
        if found is None:
            raise Refused(no_plan(), 404)
        return self._session.loading.secrets.hide_in_texts(found)

    async def model(self, name: str) -> ModelDetail:
        """One model of the plan under review, by snapshot name or as written.

        Raises:
            Refused: There is no plan, or it has no such model.
        """
        return await self._session.on_reader(self._model_reader(name))

    def _model_reader(self, name: str) -> Callable[[], ModelDetail]:
        def read() -> ModelDetail:
            from plan_tui.engine.model_detail import model_detail
            from plan_tui.engine.names import UnknownModelError
            from plan_tui.engine.planner import finder_of

            backend = self._session.loading.backend
            if backend is None or not (backend.built or backend.applied):
                backend = self._session.loading.ready_backend()
            built = backend.built or backend.applied
            if built is None:
                raise Refused(no_plan(), 404)
            try:
                found = finder_of(backend.project.context, built.plan).find(name)
            except UnknownModelError as error:
                raise Refused(error.problem, 404) from error
            detail = model_detail(built, found)
            if detail is None:
                raise Refused(_not_in_plan(name), 404)
            return self._session.loading.secrets.hide_in_texts(detail)

        return read


def _not_in_plan(name: str) -> Problem:
    return Problem(
        code=ProblemCode.UNKNOWN_MODEL,
        title=f"{name} is not part of this plan.",
        message="It is in the project, and neither changed nor in the environment.",
        hint="Look at it in another plan.",
        model=name,
    )
