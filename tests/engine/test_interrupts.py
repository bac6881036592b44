"""Interrupting queries from another thread than the one that waits."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from plan_tui.engine.interrupter import Interrupter
from plan_tui.engine.interrupts import INTERRUPTS, interrupt_all

DUCKDB = INTERRUPTS["duckdb"]


def adapter_with(**pool: Any) -> Any:
    return SimpleNamespace(_connection_pool=SimpleNamespace(**pool))


class Handle:
    """A driver's cursor or connection that notes how it is stopped."""

    session_id = 4711

    def __init__(self, fails: bool = False) -> None:
        self.calls: list[str] = []
        self.fails = fails

    def cancel(self) -> None:
        self.calls.append("cancel")
        if self.fails:
            raise ConnectionError("the network is gone")

    def cursor(self) -> Handle:
        return self

    def execute(self, statement: str) -> None:
        self.calls.append(statement)

    def close(self) -> None:
        self.calls.append("close")

    def thread_id(self) -> int:
        return 17


def test_a_cursor_that_was_just_closed_keeps_no_other_from_being_interrupted() -> None:
    connection = duckdb.connect()
    closed, open_one = connection.cursor(), connection.cursor()
    closed.close()
    adapter = adapter_with(_connection=connection, _thread_cursors={1: closed, 2: open_one})
    assert interrupt_all(DUCKDB, [adapter, adapter])[0] == 2
    connection.close()
    told, failure = interrupt_all(DUCKDB, [adapter])
    assert told == 0
    assert failure is not None


def test_each_thread_of_postgres_is_cancelled() -> None:
    first, second = Handle(), Handle()
    adapter = adapter_with(_thread_connections={1: first, 2: second})
    assert interrupt_all(INTERRUPTS["postgres"], [adapter]) == (2, None)
    assert first.calls == second.calls == ["cancel"]


def test_snowflake_cancels_the_session() -> None:
    connection = Handle()
    assert interrupt_all(INTERRUPTS["snowflake"], [adapter_with(_connection=connection)])[0] == 1
    assert connection.calls == ["SELECT SYSTEM$CANCEL_ALL_QUERIES(4711)"]


def test_mysql_kills_the_query_over_a_connection_of_its_own() -> None:
    busy, another = Handle(), Handle()
    pool = adapter_with(_connection=busy, _connection_factory=lambda: another)
    assert interrupt_all(INTERRUPTS["mysql"], [pool]) == (1, None)
    assert (busy.calls, another.calls) == ([], ["KILL QUERY 17", "close"])


def test_bigquery_cancels_the_jobs_that_run() -> None:
    done, running = Handle(), Handle()
    done.done, running.done = lambda: True, lambda: False  # type: ignore[attr-defined]
    adapter = adapter_with(get_all_attributes=lambda name: [done, running])
    assert interrupt_all(INTERRUPTS["bigquery"], [adapter]) == (1, None)
    assert (done.calls, running.calls) == ([], ["cancel"])


@pytest.mark.parametrize("engine", ["trino", "databricks", "athena", "mssql"])
def test_cursors_are_cancelled(engine: str) -> None:
    cursor = Handle()
    adapter = adapter_with(_cursor=cursor, _thread_cursors={2: object()})
    assert interrupt_all(INTERRUPTS[engine], [adapter]) == (1, None)
    assert cursor.calls == ["cancel"]


def test_an_interrupt_that_fails_is_told_once_and_tried_again() -> None:
    handle = Handle(fails=True)
    way = INTERRUPTS["postgres"]
    failures: list[Exception] = []
    tried_again = threading.Event()

    def fail() -> None:
        Handle.cancel(handle)

    def cancel() -> None:
        if len(handle.calls) >= 2:
            tried_again.set()
        fail()

    handle.cancel = cancel  # type: ignore[method-assign]
    interrupter = Interrupter(way, [adapter_with(_connection=handle)], failures.append)
    interrupter.begin()
    interrupter.begin()
    assert tried_again.wait(10)
    interrupter.end()
    assert [str(failure) for failure in failures] == ["the network is gone"]
    rounds = len(handle.calls)
    interrupter.begin()
    assert len(handle.calls) == rounds
