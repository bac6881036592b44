"""The statements that write runs into the journal."""

from __future__ import annotations

from typing import NamedTuple


class Statement(NamedTuple):
    """One that is still to be executed."""

    run: str
    """The run that it is about."""
    sql: str
    values: tuple[object, ...]


FORGET = "DELETE FROM run WHERE id = ?"
RUN = """INSERT OR IGNORE INTO run (id, kind, project, project_name, paths, gateway, user, host,
process, version, environment, plan_id, request, started)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
DIFFS = "UPDATE run SET diffs = ? WHERE id = ?"
SAME_DIFFS = """UPDATE run SET diffs = (SELECT plan.diffs FROM run AS plan WHERE plan.project = ?
AND plan.kind = 'plan' AND plan.plan_id = ? AND plan.diffs IS NOT NULL ORDER BY plan.started DESC
LIMIT 1) WHERE id = ?"""
BUILT = "UPDATE run SET plan_id = ?, environment = ?, facts = ?, review = ? WHERE id = ?"
WORK = "UPDATE run SET work = ? WHERE id = ?"
INTERRUPTED = "UPDATE run SET interrupted = ? WHERE id = ?"
ENDS = "UPDATE run SET ended = ?, outcome = ?, problem = ?, summary = ? WHERE id = ?"
STAGE = """INSERT INTO stage (run, name, position, content)
VALUES (?, ?, (SELECT count(*) FROM stage WHERE run = ?), ?)
ON CONFLICT (run, name) DO UPDATE SET content = excluded.content"""
MODEL = """INSERT INTO model (run, name, kind, content) VALUES (?, ?, ?, ?)
ON CONFLICT (run, name) DO UPDATE SET content = excluded.content"""
BATCH = """INSERT INTO batch (model, number, at, start, end, duration, rows, bytes, audits_passed,
audits_failed) SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM model WHERE run = ? AND name = ?"""
LINE = "INSERT INTO log (run, at, level, text) VALUES (?, ?, ?, ?)"
OLD_LINES = """DELETE FROM log WHERE run = ? AND rowid NOT IN
(SELECT rowid FROM log WHERE run = ? ORDER BY rowid DESC LIMIT ?)"""
