"""An apply whose connection to the warehouse or to the state broke while it was at work."""

from __future__ import annotations

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.connection_words import UNSET_TITLE, connection_problem
from plan_tui.engine.placing import causes

AGAIN = "What is done is kept: plan again, and only the rest is left."


def broken_batch(view_name: str, error: Exception, what: str = "A batch") -> Problem | None:
    """What is said of a batch that failed of its connection, or None.

    Args:
        view_name: The display name of the model.
        error: What was raised.
        what: What was at work.
    """
    found = connection_problem(error, at_work=True)
    if found is None:
        return None
    if of_the_state(error):
        return found.model_copy(
            update={
                "code": ProblemCode.FAILED_STATE,
                "title": f"{what} of {view_name} could not be recorded: {_of_state(found)}.",
                "hint": "Its rows may be written; as the state does not know of them, the next "
                "plan does it again. See that the state's database can be reached, then plan "
                "again.",
                "model": view_name,
            }
        )
    title, hint = f"{what} of {view_name} failed: {_reason(found)}.", found.hint
    if found.code is ProblemCode.LOST_CONNECTION:
        hint = f"See that the warehouse is up and the network holds. {AGAIN}"
    elif found.code is ProblemCode.UNREACHABLE_WAREHOUSE:
        hint = f"Check the host, port and network of the gateway. {AGAIN}"
    return found.model_copy(update={"title": title, "hint": hint, "model": view_name})


def broken_apply(environment: str, where: str, error: Exception) -> Problem | None:
    """What is said of an apply that failed of its connection outside of a batch, or None.

    Args:
        environment: The target.
        where: In which stage and at which model, as it follows "failed".
        error: What was raised.
    """
    found = connection_problem(error, at_work=True)
    if found is None:
        return None
    state = of_the_state(error)
    reason = _of_state(found) if state else _reason(found)
    return found.model_copy(
        update={
            "code": ProblemCode.FAILED_STATE if state else found.code,
            "title": f"Applying to {environment} failed{where}: {reason}.",
            "hint": f"See that the {'state' if state else 'warehouse'}'s database can be reached. "
            f"{AGAIN}"
            if found.code is ProblemCode.LOST_CONNECTION
            else f"{found.hint} {AGAIN}",
        }
    )


def of_the_state(error: BaseException) -> bool:
    """Whether SQLMesh was reading or writing its state as it happened."""
    for cause in causes(error):
        trace = cause.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_globals.get("__name__", "")
            if name.startswith("sqlmesh.core.state_sync"):
                return True
            trace = trace.tb_next
    return False


_REASONS = {
    ProblemCode.LOST_CONNECTION: "the connection to the {} was lost",
    ProblemCode.UNREACHABLE_WAREHOUSE: "the {} can't be reached",
    ProblemCode.EXPIRED_CREDENTIALS: "the credentials for the {} have expired",
    ProblemCode.MISSING_CREDENTIALS: "the {} does not let us in",
}


def _reason(found: Problem) -> str:
    if found.title == UNSET_TITLE:
        return "the connection to the warehouse lacks a setting"
    return _REASONS[found.code].format("warehouse")


def _of_state(found: Problem) -> str:
    return _REASONS[found.code].format("state's database")
