"""Whether what a request asks for makes sense, before its plan is begun."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.exclusions import exclusions
from plan_tui.engine.refused import Refused, busy, plan_cancelled

if TYPE_CHECKING:
    from plan_tui.contract.plan import PlanRequest
    from plan_tui.engine.loading import Loading

logger = logging.getLogger(__name__)
Threaded = Callable[[Callable[[], None]], Awaitable[None]]


@dataclass(eq=False)
class AskedPlan:
    """A plan whose words are being read, which can take as long as the project loads."""

    cancelled: bool = False


class AskedPlans:
    """Plans that were asked for: the last one is built, however long each was checked."""

    def __init__(self) -> None:
        self._last: AskedPlan | None = None
        self._checked: set[AskedPlan] = set()

    @contextmanager
    def checked(self) -> Iterator[AskedPlan]:
        """Knows of a plan while it is checked; a cancel finds it there."""
        asked = self._last = AskedPlan()
        self._checked.add(asked)
        try:
            yield asked
        finally:
            self._checked.discard(asked)

    def cancel(self) -> bool:
        """Cancels all that are being checked; returns whether there were any."""
        for asked in self._checked:
            asked.cancelled = True
        return bool(self._checked)

    def refuse_unwanted(self, asked: AskedPlan) -> None:
        """Lets the last one pass, unless it was cancelled; what is under review then stays.

        Raises:
            Refused: It was cancelled, or another was asked for after it.
        """
        if asked.cancelled:
            raise Refused(plan_cancelled(), 409)
        if asked is not self._last:
            raise Refused(busy("Another plan was asked for meanwhile, and that one is built."), 409)


def check_options(request: PlanRequest) -> None:
    """Looks for options that exclude each other.

    Raises:
        Refused: Some do.
    """
    clashes = exclusions(request)
    if clashes:
        raise Refused(
            Problem(
                code=ProblemCode.BAD_REQUEST,
                title="These options can't be set together.",
                message=" ".join(clash.sentence for clash in clashes),
                hint="Leave one of them out.",
            ),
            422,
        )


async def check_words(
    loading: Loading, request: PlanRequest, on_reader: Threaded, on_worker: Threaded
) -> None:
    """Reads the dates and names of a request, each in the thread that may.

    Args:
        loading: The project.
        request: What is asked for.
        on_reader: Runs a call in the reader's thread.
        on_worker: Runs a call in the worker's thread.

    Raises:
        Refused: A date or a name is none.
    """
    if has_dates(request):
        await on_reader(lambda: check_dates(request))
    if has_names(request):
        await on_worker(lambda: check_names(loading, request))


def has_dates(request: PlanRequest) -> bool:
    """Whether there is a date to understand."""
    given = request.dates.model_dump(exclude_none=True)
    return bool(given or request.options.effective_from)


def check_dates(request: PlanRequest) -> None:
    """Reads the dates of a request as SQLMesh does, in the reader's thread.

    Raises:
        Refused: One of them is none.
    """
    from plan_tui.engine.lookups import date_problem

    problem = date_problem(request)
    if problem is not None:
        raise Refused(problem, 422)


def has_names(request: PlanRequest) -> bool:
    """Whether there are names of models to look up."""
    options = request.options
    return bool(
        request.categories
        or options.restate_models
        or options.select_models
        or options.backfill_models
        or options.allow_destructive_models
        or options.allow_additive_models
    )


def check_names(loading: Loading, request: PlanRequest) -> None:
    """Looks the names of a request up in the project, in the worker's thread.

    A project or a state that can't be read is left to the planning run, which tells it by its
    events.

    Raises:
        Refused: No model has one of the names, or a selector can't be read.
    """
    from plan_tui.engine.names import BadNameError

    try:
        backend = loading.ensure_loaded()
    except Refused:
        return
    try:
        backend.resolve(request)
    except BadNameError as error:
        raise Refused(error.problem, 422) from error
    except Exception as error:
        logger.info("Names are left to the plan.", exc_info=error)
    finally:
        backend.project.release()
