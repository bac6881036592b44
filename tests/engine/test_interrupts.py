"""Interrupting DuckDB from another thread than the one that waits."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb

from plan_tui.engine.interrupts import interrupt_duckdb


def test_a_cursor_that_was_just_closed_keeps_no_other_from_being_interrupted() -> None:
    connection = duckdb.connect()
    closed, open_one = connection.cursor(), connection.cursor()
    closed.close()
    pool = SimpleNamespace(_connection=connection, _thread_cursors={1: closed, 2: open_one})
    adapter = SimpleNamespace(_connection_pool=pool)
    assert interrupt_duckdb([adapter, adapter]) == 2
    connection.close()
    assert interrupt_duckdb([adapter]) == 0
