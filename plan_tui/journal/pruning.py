"""Keeps the journal small: the oldest runs are forgotten, by count and by bytes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from plan_tui.contract.base import Millis

LOST_AFTER = 7 * 86_400_000
"""Milliseconds after which a run without an end is taken for one whose engine was lost."""


@dataclass(frozen=True)
class Bounds:
    """How much is kept."""

    plans: int = 500
    applies: int = 2_000
    bytes: int = 64 * 1024 * 1024


def prune(connection: sqlite3.Connection, bounds: Bounds, now: Millis) -> int:
    """Forgets the oldest runs that have ended, until the rest is within the bounds.

    Returns:
        How many were forgotten.
    """
    over = "(outcome IS NOT NULL OR started < ?)"
    forgotten = 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        for kind, most in (("plan", bounds.plans), ("apply", bounds.applies)):
            forgotten += connection.execute(
                f"DELETE FROM run WHERE {over} AND id IN (SELECT id FROM run WHERE kind = ? "
                "ORDER BY started DESC LIMIT -1 OFFSET ?)",
                (now - LOST_AFTER, kind, most),
            ).rowcount
        while used_bytes(connection) > bounds.bytes:
            # Plans first: what was applied is what estimates and history are made of.
            gone = connection.execute(
                f"DELETE FROM run WHERE id IN (SELECT id FROM run WHERE {over} "
                "ORDER BY kind = 'apply', started LIMIT 8)",
                (now - LOST_AFTER,),
            ).rowcount
            forgotten += gone
            if not gone:
                break
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if forgotten:
        connection.execute("PRAGMA incremental_vacuum").fetchall()
    return forgotten


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)
