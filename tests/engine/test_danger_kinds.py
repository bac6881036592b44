"""Rules of the dangers, each on a plan of real SQLMesh that has it, and on one that has not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmesh.core.engine_adapter.duckdb import DuckDBEngineAdapter

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.events import Event, StageReported
from plan_tui.contract.state import EngineState, StageName
from plan_tui.engine.backend import Backend
from plan_tui.engine.dangers.listing import all_dangers
from plan_tui.engine.event_log import EventLog

from .projects import CONFIG, EVENTS, Project
from .reviewing import backend_on, planned

LEDGER = """\
MODEL (name shop.%s, kind %s, start '2024-01-01', end '2024-03-31'%s);
SELECT %s FROM %s
"""
RANGE = "INCREMENTAL_BY_TIME_RANGE (time_column ds%s)"
FORWARD = RANGE % ", forward_only true"
KEYED = "INCREMENTAL_BY_UNIQUE_KEY (unique_key id, forward_only true)"
SEED = "MODEL (name shop.regions, kind SEED (path '../seeds/regions.csv'), columns (id INT));"
WIDE = "MODEL (name shop.wide, kind VIEW); SELECT ds, id, %s AS extra FROM raw.events"
LINTER = "linter:\n  enabled: %s\n  warn_rules: [noselectstar]\n"
APPLY_ONLY = """\
from sqlmesh import macro

@macro()
def apply_only(evaluator, how):
    if evaluator.runtime_stage == "loading":
        return None
    if how.name == "fails":
        raise ValueError("there is no such thing")
    if how.name == "asks":
        evaluator.engine_adapter.fetchone("SELECT 1")
    return "SET threads = 1"
"""
EXTRA = "ds, id, amount, 1::INT AS extra"
PLAIN = "ds, id, amount"


def write(shop: Project, name: str, kind: str, columns: str, source: str = "raw.events") -> None:
    """A model of raw.events; one that is not computed by the day says so by its name."""
    cron = ", cron '@monthly'" if name == "monthly" else ""
    shop.write(f"models/{name}.sql", LEDGER % (name, kind, cron, columns, source))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A model for each rule, deployed to prod."""
    files = {
        "models/events.sql": EVENTS.replace("2024-01-10", "2024-03-31"),
        "models/regions.sql": SEED,
        "seeds/regions.csv": "id\n1\n",
        "models/wide.sql": WIDE % "1",
    }
    shop = Project.make(tmp_path_factory.mktemp("kinds") / "shop", files)
    shop.execute("CREATE SCHEMA outside; CREATE TABLE outside.orders AS SELECT 1 AS id")
    write(shop, "monthly", RANGE % "", PLAIN)
    write(shop, "daily", RANGE % "", PLAIN)
    write(shop, "points", KEYED, PLAIN)
    write(shop, "ledger", FORWARD, PLAIN)
    write(shop, "copy", FORWARD, "ds, id, extra", "shop.wide")
    write(shop, "unknown", FORWARD, "CURRENT_DATE AS ds, *", "outside.orders")
    write(shop, "live", "MANAGED", EXTRA)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DuckDBEngineAdapter, "create_managed_table", managed_table, raising=False)
        shop.deploy()
    return shop


def managed_table(
    self: DuckDBEngineAdapter, table_name: Any, query: Any, *rest: Any, **options: Any
) -> None:
    """DuckDB manages no tables: a plain one stands in for a warehouse's."""
    self.ctas(table_name, query, exists=True)


@pytest.fixture
def shop(deployed: Project, tmp_path: Path) -> Project:
    return deployed.copied_to(tmp_path / "shop")


@contextmanager
def loaded(shop: Project) -> Iterator[Backend]:
    with backend_on(shop.root, EventLog()) as backend:
        yield backend


def found(
    backend: Backend,
    environment: str = "dev",
    start: str = "",
    end: str = "",
    log: EventLog | None = None,
    **options: object,
) -> dict[str, dict[str, Danger]]:
    """The dangers of a plan, by rule and by the model's own name."""
    planned(backend, environment, start=start, end=end, log=log, **options)
    assert backend.built is not None
    by_rule: dict[str, dict[str, Danger]] = {}
    for danger in all_dangers(backend, backend.built):
        by_rule.setdefault(danger.rule, {})[danger.view_name.split(".")[-1]] = danger
    assert "not_checked" not in by_rule
    return by_rule


def filled(backend: Backend) -> dict[str, int]:
    """How many intervals SQLMesh would fill of each model."""
    assert backend.built is not None
    missing = backend.built.plan.missing_intervals
    return {
        each.snapshot_id.name.split(".")[-1].strip('"'): len(each.intervals) for each in missing
    }


def test_a_range_without_a_whole_interval_is_too_short(shop: Project) -> None:
    write(shop, "monthly", RANGE % "", "ds, id, amount + 1 AS amount")
    write(shop, "daily", RANGE % "", "ds, id, amount + 1 AS amount")
    with loaded(shop) as backend:
        short = found(backend, start="2024-01-05", end="2024-01-20 12:00:00")
        assert short["range_too_short"].keys() == {"monthly"}
        danger = short["range_too_short"]["monthly"]
        assert danger.severity is Severity.WARNS
        assert "no whole month" in danger.message
        assert filled(backend) == {"daily": 16}
        assert "range_extended" not in short
        # Where the end is a day, SQLMesh takes the rest of the month along.
        longer = found(backend, start="2024-01-05", end="2024-01-20")
        assert "range_too_short" not in longer
        assert longer["range_extended"].keys() == {"monthly"}
        extended = longer["range_extended"]["monthly"]
        assert extended.severity is Severity.NOTES
        assert extended.details == ("2024-01-01 .. 2024-01-31",)
        assert filled(backend) == {"daily": 16, "monthly": 1}
        whole = found(backend, start="2024-01-01", end="2024-01-31")
        assert not {"range_too_short", "range_extended"} & whole.keys()


def test_too_many_intervals_are_told_before_they_are_counted(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plan_tui.engine.impact.absurd.MANY", 50)
    write(shop, "daily", RANGE % "", "ds, id, amount + 1 AS amount")
    write(shop, "monthly", RANGE % "", "ds, id, amount + 1 AS amount")
    stages: list[str] = []

    def hear(event: Event, state: EngineState) -> None:
        if isinstance(event, StageReported) and event.stage.name is StageName.BACKFILLS:
            stages.append(event.stage.message)

    with loaded(shop) as backend:
        log = EventLog()
        log.listen(hear)
        many = found(backend, log=log)["too_many_intervals"]
    assert many.keys() == {"daily"}
    assert many["daily"].severity is Severity.WARNS
    assert "91 days from 2024-01-01" in many["daily"].message
    assert "shop__dev.daily would fill 91 days from 2024-01-01" in stages


def test_a_change_of_kind_is_not_forward_only(shop: Project) -> None:
    write(shop, "points", FORWARD, PLAIN)
    shop.write("seeds/regions.csv", "id\n1\n2\n")
    with loaded(shop) as backend:
        own = found(backend)["kind_change"]
        assert own.keys() == {"points"}
        assert own["points"].severity is Severity.WARNS
        assert (
            "changed from INCREMENTAL_BY_UNIQUE_KEY to INCREMENTAL_BY_TIME_RANGE"
            in own["points"].message
        )
        asked = found(backend, forward_only=True)["kind_change"]
        assert asked.keys() == {"points", "regions"}
        assert asked["regions"].severity is Severity.NOTES
        assert "loaded anew" in asked["regions"].message


def test_a_preview_is_not_reused_by_prod(shop: Project) -> None:
    write(shop, "ledger", FORWARD, "ds, id, amount * 2 AS amount")
    shop.deploy("dev", enable_preview=True)
    write(shop, "daily", RANGE % "", "ds, id, amount + 1 AS amount")
    with loaded(shop) as backend:
        assert "preview_not_reused" not in found(backend, "dev")
        previews = found(backend, "prod")["preview_not_reused"]
        assert previews.keys() == {"ledger"}
        assert previews["ledger"].severity is Severity.WARNS
        assert "rows that prod has stay as they are" in previews["ledger"].message


def test_what_a_preview_has_filled_is_no_gap(shop: Project) -> None:
    write(shop, "points", FORWARD, PLAIN)
    shop.deploy("dev", enable_preview=True)
    with loaded(shop) as backend:
        gap = found(backend, "other", enable_preview=True)["gap"]["points"]
        assert gap.details == ("2024-01-01 .. 2024-03-30",), "all but the day of the preview"


def test_backfills_that_are_previews_are_marked(shop: Project) -> None:
    write(shop, "ledger", FORWARD, "ds, id, amount * 2 AS amount")
    write(shop, "daily", RANGE % "", "ds, id, amount + 1 AS amount")
    with loaded(shop) as backend:
        found(backend, "dev", enable_preview=True)
        assert backend.built is not None
        previews = {each.name: each.preview for each in backend.built.backfills}
        found(backend, "dev", enable_preview=True, no_auto_categorization=True)
        assert backend.built.facts.uncategorized
        assert {each.name: each.preview for each in backend.built.backfills} == previews
        found(backend, "dev", forward_only=True, no_auto_categorization=True)
        assert backend.built.facts.uncategorized
        assert all(each.preview for each in backend.built.backfills)
    assert previews['"lake"."shop"."ledger"'] is True
    assert previews['"lake"."shop"."daily"'] is False


def test_columns_that_can_not_be_told_are_said_so(shop: Project) -> None:
    write(shop, "unknown", FORWARD, "CURRENT_DATE AS ds, 1 AS x, *", "outside.orders")
    write(shop, "ledger", FORWARD, "ds, id, amount * 2 AS amount")
    with loaded(shop) as backend:
        unknown = found(backend)["unknown_schema_change"]
    assert unknown.keys() == {"unknown"}
    assert unknown["unknown"].severity is Severity.WARNS
    assert unknown["unknown"].allow is None


def test_a_managed_table_can_not_be_altered(shop: Project) -> None:
    write(shop, "live", "MANAGED", PLAIN)
    with loaded(shop) as backend:
        assert "managed_schema_change" not in found(backend, "prod")
        dev = found(backend, "dev", forward_only=True)["managed_schema_change"]["live"]
        assert (dev.severity, dev.allow) == (Severity.WARNS, None)
        prod = found(backend, "prod", forward_only=True)["managed_schema_change"]["live"]
        assert prod.severity is Severity.BLOCKS
        assert "extra" in prod.details[0]
        assert backend.built is not None
        assert backend.built.facts.refusal is not None


def test_a_statement_that_fails_only_in_the_apply_is_found_before_it(shop: Project) -> None:
    shop.write("macros/__init__.py", "")
    shop.write("macros/apply_only.py", APPLY_ONLY)
    query = "SELECT ds, id, amount + 1 AS amount FROM raw.events"
    head = "MODEL (name shop.daily, kind FULL, start '2024-01-01', end '2024-03-31');"
    shop.write("models/daily.sql", f"{head}\n@apply_only('fails');\n{query}\n")
    with loaded(shop) as backend:
        failing = found(backend)["statement_fails"]["daily"]
        assert failing.severity is Severity.WARNS
        assert "A statement before its query can't be rendered" in failing.message
        assert "there is no such thing" in failing.message
        assert failing.path in ("models/daily.sql", "macros/apply_only.py")
        for harmless in ("asks", "works"):
            shop.write("models/daily.sql", f"{head}\n@apply_only('{harmless}');\n{query}\n")
            assert "statement_fails" not in found(backend), harmless


def test_a_statement_of_the_environment_that_fails_is_found_before_the_apply(shop: Project) -> None:
    statements = (
        'before_all:\n  - "@%s"\n'
        "after_all:\n  - CREATE TABLE IF NOT EXISTS kept AS SELECT '@this_env' AS env, @%s AS n\n"
    )
    config = CONFIG.format(database=shop.database)
    write(shop, "daily", RANGE % "", "ds, id, amount + 1 AS amount")
    works = ("IF(True, CREATE SCHEMA IF NOT EXISTS s)", "EVAL(1 + 1)")
    shop.write("config.yaml", config + statements % works)
    with loaded(shop) as backend:
        assert "statement_fails" not in found(backend)
        broken = ("nothing(1)", "nothing_else(1)")
        shop.write("config.yaml", config + statements % broken)
        failing = found(backend)["statement_fails"]
        assert sorted(failing) == ["after_all", "before_all"]
        assert "A before_all statement can't be rendered: " in failing["before_all"].message
        assert "'nothing_else' does not exist" in failing["after_all"].message
        assert failing["after_all"].model is None


def test_lint_that_did_not_run_is_told_where_it_is_enabled(shop: Project) -> None:
    write(shop, "daily", RANGE % "", "ds, id, amount + 1 AS amount")
    shop.write("config.yaml", CONFIG.format(database=shop.database) + LINTER % "true")
    with loaded(shop) as backend:
        assert "lint_skipped" not in found(backend)
        assert found(backend)["lint_warning"].keys() == {"unknown"}, "told of its model"
        (skipped,) = found(backend, skip_linter=True)["lint_skipped"].values()
        assert skipped.severity is Severity.WARNS
        shop.write("config.yaml", CONFIG.format(database=shop.database) + LINTER % "false")
        assert "lint_skipped" not in found(backend, skip_linter=True)


def test_where_tables_are_cloned_a_dev_plan_alters_them(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("models/wide.sql", WIDE % "'x'")
    with loaded(shop) as backend:
        warned = found(backend, "dev", enable_preview=False)["destructive_change"]["copy"]
        assert warned.severity is Severity.WARNS
        assert "a plan for prod would fail half-way" in warned.message
        assert "Applying to dev leaves its table as it is; once the change is" in warned.message
        # SQLMesh clones a forward-only table for a dev plan, and migrates the clone.
        monkeypatch.setattr(DuckDBEngineAdapter, "SUPPORTS_CLONING", True)
        blocked = found(backend, "dev", enable_preview=False)["destructive_change"]["copy"]
        assert blocked.severity is Severity.BLOCKS
        assert "Applying to dev alters a clone of its table; once the change is" in blocked.message
        prod = found(backend, "prod")["destructive_change"]["copy"]
        assert "its table loses data (ALTER TABLE" in prod.message
