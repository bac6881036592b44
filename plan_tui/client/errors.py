"""What can go wrong between a client and its engine.

ClientError
├── EngineRefused   the engine answered no, with a problem
├── EngineLost      it answered before, and does not any more
├── EngineNotStarted  it could not be started
└── EventGap        events were missed: take the state again
"""

from __future__ import annotations

from plan_tui.contract.errors import Problem, ProblemCode


class ClientError(Exception):
    """The root; each carries what a user is told."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


class EngineRefused(ClientError):
    """The engine answered with a problem."""

    def __init__(self, problem: Problem, status: int) -> None:
        super().__init__(problem)
        self.status = status


class EngineLost(ClientError):
    """The engine went away while it was needed."""


class EngineNotStarted(ClientError):
    """No engine could be started."""


class EventGap(ClientError):
    """Events were missed; the state has to be taken again."""

    def __init__(self, expected: int, received: int) -> None:
        super().__init__(
            Problem(
                code=ProblemCode.ENGINE_LOST,
                title="Some events of the engine were missed.",
                message=f"Event {expected} was due and {received} came.",
                hint="The state is taken again; nothing is lost.",
            )
        )
