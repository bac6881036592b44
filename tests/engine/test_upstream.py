"""A table is created by the same SQL as SQLMesh's own, though only its parents are looked at."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmesh.core.context import Context

from plan_tui.contract.state import RunOutcome
from plan_tui.engine import apply_hooks
from plan_tui.engine.breaker import Breaker
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.upstream import needed_to_create

from .reviewing import backend_on, planned

TIMED = "kind INCREMENTAL_BY_TIME_RANGE (time_column ds), end '2024-01-02'"
FILES = {
    "config.yaml": (
        "gateways: {local: {connection: {type: duckdb, database: lake.db}}}\n"
        "model_defaults: {dialect: duckdb, start: '2024-01-01'}\n"
        "disable_anonymized_analytics: true\n"
        "variables: {least: 1}\n"
    ),
    "models/a.sql": "MODEL (name s.a, kind FULL); SELECT 1 AS id, 'x' AS name",
    "models/apart.sql": "MODEL (name s.apart, kind FULL); SELECT 7 AS id",
    "models/within.sql": (
        "MODEL (name s.within, kind EMBEDDED); SELECT id FROM s.a WHERE id >= @least"
    ),
    "models/around.sql": "MODEL (name s.around, kind EMBEDDED); SELECT id FROM s.within",
    "models/full.sql": "MODEL (name s.full, kind FULL); SELECT o.id FROM s.around AS o",
    "models/view.sql": (
        "MODEL (name s.view, kind VIEW); SELECT f.id FROM s.full f JOIN s.seed USING (id)"
    ),
    "models/timed.sql": (
        f"MODEL (name s.timed, {TIMED}); SELECT id, @start_ds::DATE AS ds FROM s.view"
    ),
    "models/seed.sql": "MODEL (name s.seed, kind SEED (path '../seeds/seed.csv'))",
    "models/macro.sql": (
        f"MODEL (name s.macro, {TIMED}, depends_on [s.a]);"
        " SELECT id, @where_is('s.apart') AS at, @start_ds::DATE AS ds FROM s.a"
    ),
    "models/jinja.sql": (
        f"MODEL (name s.jinja, {TIMED}, depends_on [s.a]); JINJA_QUERY_BEGIN; SELECT id,"
        " '{{ resolve_table(\"s.apart\") }}' AS at, '{{ start_ds }}'::DATE AS ds FROM s.a;"
        " JINJA_END;"
    ),
    "models/stated.sql": (
        f"MODEL (name s.stated, {TIMED});"
        " @IF(@runtime_stage = 'creating', CREATE OR REPLACE TABLE seen AS SELECT * FROM s.apart);"
        " SELECT id, @start_ds::DATE AS ds FROM s.a"
    ),
    "models/asking.sql": (
        "MODEL (name s.asking, kind EMBEDDED, depends_on [s.a]); JINJA_QUERY_BEGIN;"
        " SELECT id, '{{ resolve_table(\"s.apart\") }}' AS at FROM s.a; JINJA_END;"
    ),
    "models/child.sql": (
        f"MODEL (name s.child, {TIMED}); SELECT id, at, @start_ds::DATE AS ds FROM s.asking"
    ),
    "macros/m.py": (
        "from sqlmesh import macro\n@macro()\ndef where_is(evaluator, name):\n"
        "    return \"'\" + evaluator.resolve_table(name.name).replace('\"', '') + \"'\"\n"
    ),
    "seeds/seed.csv": "id,label\n1,one\n",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the same project under a name of its own."""

    def write(name: str) -> Path:
        for path, text in FILES.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return tmp_path / name

    return write


def _deployed(root: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """All SQL of a deployment, without the mark of its plan."""
    caplog.clear()
    with backend_on(root, EventLog()) as backend:
        planned(backend, "prod")
        with caplog.at_level(logging.INFO, logger="sqlmesh.core.engine_adapter.base"):
            watch = backend.start_apply("run", Breaker())
            assert backend.apply(watch)[0] is RunOutcome.SUCCEEDED
    told = [each.getMessage() for each in caplog.records]
    return [re.sub(r"/\* SQLMESH_PLAN: \w+ \*/ |temp_\w+", "", each) for each in told]


def test_every_statement_is_the_one_of_all_snapshots(
    project: Callable[[str], Path],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = _deployed(project("ours"), caplog)
    monkeypatch.setattr(apply_hooks, "needed_to_create", lambda _, snapshots: snapshots)
    theirs = _deployed(project("theirs"), caplog)
    assert sorted(ours) == sorted(theirs)
    tried = [each for each in ours if each.endswith("LIMIT 0")]
    assert len(tried) == 5, "one for each model whose table is created without its data"
    assert len([each for each in tried if "s__apart" in each]) == 3, "resolved by the project"
    assert any('"seen"' in each and "s__apart" in each for each in ours)


def test_only_code_that_may_ask_for_any_table_is_handed_all(
    project: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the database lies beside whoever opens it
    snapshots: dict[str, Any] = {
        each.name: each for each in Context(paths=[str(project("p"))]).snapshots.values()
    }
    needed = {
        snapshot.model.name: {snapshots[name].model.name for name in found}
        for snapshot in snapshots.values()
        if (found := needed_to_create(snapshot, snapshots))
    }
    everything = {each.model.name for each in snapshots.values()}
    for name in ("s.macro", "s.jinja", "s.stated", "s.child"):
        assert needed[name] == everything
    assert needed["s.full"] == {"s.full", "s.around", "s.within", "s.a"}
    assert needed["s.view"] == {"s.view", "s.full", "s.seed"}
    assert needed["s.a"] == {"s.a"}
