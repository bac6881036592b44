"""The lock on an environment, by the kind of the state's database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from plan_tui.engine.environment_lock import (
    WAYS,
    EnvironmentLock,
    EnvironmentTaken,
    sole_apply,
)


class Server:
    """Answers every lock the same, and notes what it was asked."""

    def __init__(self, type_: str, answer: object) -> None:
        self.type_ = type_
        self.answer = answer
        self.asked: list[str] = []
        self.open = 0

    def create_engine_adapter(self, concurrent_tasks: int) -> Any:
        self.open += 1
        return SimpleNamespace(connection=self, close=self._close)

    def _close(self) -> None:
        self.open -= 1

    def cursor(self) -> Server:
        return self

    def rollback(self) -> None:
        pass

    def execute(self, statement: str, values: object = ()) -> None:
        if isinstance(self.answer, Exception):
            raise self.answer
        self.asked.append(statement)

    def fetchone(self) -> tuple[object]:
        return (self.answer,)

    def fetchall(self) -> list[tuple[object]]:
        return [(1,)]


def context_of(server: Server) -> Any:
    config = SimpleNamespace(
        get_state_connection=lambda gateway: None, get_state_schema=lambda gateway: "state"
    )
    return SimpleNamespace(config=config, gateway="g", connection_config=server)


TAKEN = [("postgres", False), ("mysql", 0), ("mssql", -1), ("azuresql", -1)]


@pytest.mark.parametrize(("kind", "answer"), TAKEN)
def test_an_environment_that_is_taken_is_not_applied_to(kind: str, answer: object) -> None:
    server = Server(kind, answer)
    with pytest.raises(EnvironmentTaken), sole_apply(context_of(server), "prod"):
        raise AssertionError("it was applied to")
    assert server.open == 0


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("postgres", True, "pg_try_advisory_xact_lock"),
        ("mysql", 1, "GET_LOCK('plan_tui "),
        ("mssql", 0, "@LockOwner = 'Session'"),
        ("azuresql", 1, "@LockOwner = 'Session'"),
    ],
)
def test_a_lock_is_held_until_the_apply_is_over(kind: str, answer: object, words: str) -> None:
    server = Server(kind, answer)
    with sole_apply(context_of(server), "prod") as lock:
        assert lock is not None
        assert any(words in statement for statement in server.asked)
        assert lock.lost() is None
        assert server.open == 1
    assert server.open == 0


def test_names_of_locks_are_short_and_of_one_environment_each() -> None:
    """MySQL takes 64 characters."""
    asked = set()
    for environment in ("prod", "dev", "x" * 300):
        server = Server("mysql", 1)
        EnvironmentLock(WAYS["mysql"], server, "state", environment).take()
        (statement,) = server.asked
        name = statement.split("'")[1]
        assert len(name) <= 64
        asked.add(name)
    assert len(asked) == 3


def test_a_database_without_such_a_lock_is_applied_to() -> None:
    kin = Server("mysql", RuntimeError("no such function: GET_LOCK"))
    with sole_apply(context_of(kin), "prod") as lock:
        assert lock is not None
    broken = Server("postgres", RuntimeError("the server is gone"))
    with pytest.raises(RuntimeError), sole_apply(context_of(broken), "prod"):
        raise AssertionError("it was applied to")
    other = Server("snowflake", 1)
    with sole_apply(context_of(other), "prod") as lock:
        assert lock is None
    assert other.asked == []
