"""Whether the models that a request names exist, before its plan is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.engine.refused import Refused

if TYPE_CHECKING:
    from plan_tui.contract.plan import PlanRequest
    from plan_tui.engine.loading import Loading


def check_names(loading: Loading, request: PlanRequest) -> None:
    """Looks the names of a request up in the project, in the worker's thread.

    A project that can't be loaded is left to the planning run, which tells it by its events.

    Raises:
        Refused: No model has one of the names.
    """
    from plan_tui.engine.names import UnknownModelError

    try:
        loading.ensure_loaded().resolve(request)
    except Refused:
        return
    except UnknownModelError as error:
        raise Refused(error.problem, 422) from error
