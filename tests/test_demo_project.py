"""The demo shop on real SQLMesh and DuckDB: it deploys, and its plan holds every kind of change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from sqlmesh import Context
from sqlmesh.core.console import NoopConsole, get_console, set_console
from sqlmesh.core.plan import Plan
from sqlmesh.core.snapshot.definition import SnapshotChangeCategory
from sqlmesh.utils.errors import PlanError

from plan_tui import demo
from plan_tui.contract.plan import PlanRequest
from plan_tui.engine.backfills import backfills_of
from plan_tui.engine.dangers.promotion import kind_changes
from plan_tui.engine.dangers.spans import gaps, too_many_intervals
from plan_tui.engine.dangers.subject import DAY, Subject
from plan_tui.engine.documents import Validation
from plan_tui.engine.impact.absurd import foretold
from plan_tui.engine.impact.missing import missing_runs
from plan_tui.engine.impact.seed_diff import compare_rows
from plan_tui.engine.impact.semantic import semantic_diff
from plan_tui.engine.mapping import PlanView
from plan_tui.engine.planner import BuiltPlan
from plan_tui.engine.work import work_of

ALLOWED = {'"shop"."marts"."returns"'}
"""What a person allows on the dangers page."""
SLOW_MODEL = '"shop"."marts"."product_pairs"'


class _RecordingConsole(NoopConsole):  # type: ignore[misc]
    """Keeps what SQLMesh would have said on the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []
        self.destructive: list[str] = []

    def log_warning(
        self, short_message: str, long_message: str | None = None, *args: object, **kwargs: object
    ) -> None:
        self.warnings.append(short_message)

    def log_destructive_change(self, snapshot_name: str, *args: object, **kwargs: object) -> None:
        self.destructive.append(snapshot_name)


@pytest.fixture(scope="module", autouse=True)
def _restored_console() -> Iterator[None]:
    console = get_console()
    yield
    set_console(console)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with its first version in prod, and nothing pending yet."""
    target = tmp_path_factory.mktemp("demo") / "shop"
    demo.copy_demo(target)
    console = _RecordingConsole()
    set_console(console)
    context = Context(paths=target)
    test_result = context.test()
    assert test_result.wasSuccessful()
    assert test_result.testsRun == 5
    assert context.lint_models() == []
    context.plan("prod", auto_apply=True, no_prompts=True)
    assert context.audit(start="2025-11-01", end="yesterday")
    assert console.warnings == []
    context.close()
    return target


@pytest.fixture(scope="module")
def deployed_views(shop: Path) -> dict[str, int]:
    """Row counts of the views in prod, read before the pending changes came."""
    with duckdb.connect(str(shop / "shop.duckdb"), read_only=True) as connection:
        views = connection.sql(
            "SELECT schema_name, view_name FROM duckdb_views() "
            "WHERE schema_name IN ('raw', 'staging', 'marts', 'reports')"
        ).fetchall()
        return {
            f"{schema}.{view}": connection.sql(f"SELECT COUNT(*) FROM {schema}.{view}").fetchall()[
                0
            ][0]
            for schema, view in views
        }


@pytest.fixture(scope="module")
def pending_console() -> _RecordingConsole:
    return _RecordingConsole()


@pytest.fixture(scope="module")
def pending_context(
    shop: Path, deployed_views: dict[str, int], pending_console: _RecordingConsole
) -> Iterator[Context]:
    demo.apply_pending(shop)
    config = shop / "config.py"
    # The demo's slow model is to be slow for people, not for the suite.
    config.write_text(config.read_text().replace("40_000_000", "100_000"))
    set_console(pending_console)
    context = Context(paths=shop)
    yield context
    context.close()


@pytest.fixture(scope="module")
def dev_plan(pending_context: Context, pending_console: _RecordingConsole) -> Plan:
    with pytest.raises(PlanError, match="destructive change to a forward-only"):
        pending_context.plan_builder("dev", skip_tests=True).build()
    assert "marts.returns" in {_short(name) for name in pending_console.destructive}
    pending_console.destructive.clear()
    return pending_context.plan_builder("dev", allow_destructive_models=ALLOWED).build()


def _categories(plan: Plan, names: set[str]) -> dict[str, str | None]:
    categories = {}
    for name in names:
        category = plan.context_diff.modified_snapshots[name][0].change_category
        categories[_short(name)] = category.name if category else None
    return categories


def _short(name: str) -> str:
    return name.replace('"', "").removeprefix("shop.")


def test_every_model_is_deployed_with_rows(deployed_views: dict[str, int]) -> None:
    assert len(deployed_views) == 33
    assert [view for view, rows in deployed_views.items() if rows == 0] == []
    assert deployed_views["raw.orders"] > 15_000


def test_sqlmesh_does_not_look_into_the_pending_directory(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(demo.demo_source(), checkout)
    context = Context(paths=checkout)
    names = {_short(name) for name in context.models}
    assert len(names) == 34
    assert "reports.loyalty_mailing" in names
    assert "reports.till_tests" not in names
    loaded_files = context._loaders[0]._path_mtimes
    assert not any("pending" in path.parts for path in loaded_files)
    context.close()


def test_direct_changes_have_the_promised_categories(dev_plan: Plan) -> None:
    diff = dev_plan.context_diff
    direct = {name for name in diff.modified_snapshots if diff.directly_modified(name)}
    assert _categories(dev_plan, direct) == {
        "staging.orders": "BREAKING",
        "marts.product_pairs": "BREAKING",
        "staging.order_items": "NON_BREAKING",
        "marts.deliveries": "BREAKING",
        "marts.stock_movements": "NON_BREAKING",
        "marts.returns": "BREAKING",
        "marts.loyalty_points": "BREAKING",
        "marts.store_traffic": "BREAKING",
        "marts.customer_segments": None,
        "marts.sales_forecast": None,
        "raw.payment_methods": None,
        "reports.payment_costs": "BREAKING",
        "reports.top_products": "BREAKING",
    }


def test_some_changes_are_left_for_the_user_to_categorize(dev_plan: Plan) -> None:
    assert {_short(snapshot.name) for snapshot in dev_plan.uncategorized} == {
        "marts.customer_segments",
        "marts.sales_forecast",
        "raw.payment_methods",
    }


def test_forward_only_changes_are_additive_and_destructive(
    dev_plan: Plan, pending_console: _RecordingConsole
) -> None:
    modified = dev_plan.context_diff.modified_snapshots
    forward_only = {_short(name) for name, (new, _) in modified.items() if new.is_forward_only}
    assert forward_only == {"marts.deliveries", "marts.returns", "marts.stock_movements"}
    assert {_short(name) for name in pending_console.destructive} == {"marts.deliveries"}


def test_indirect_and_metadata_changes(dev_plan: Plan) -> None:
    diff = dev_plan.context_diff
    untouched = {n for n in diff.modified_snapshots if not diff.directly_modified(n)}
    assert _categories(dev_plan, untouched) == {
        "marts.customer_value": "INDIRECT_BREAKING",
        "marts.daily_sales": "INDIRECT_BREAKING",
        "reports.executive_summary": "INDIRECT_BREAKING",
        "reports.store_scorecard": "INDIRECT_BREAKING",
        "reports.weekly_sales": "INDIRECT_BREAKING",
        "reports.stock_cover": "INDIRECT_NON_BREAKING",
        "staging.payments": "INDIRECT_NON_BREAKING",
        "every_order_has_items": "INDIRECT_BREAKING",
        "marts.price_history": "METADATA",
        "marts.shelf_scans": "METADATA",
        "staging.products": "METADATA",
        "staging.stores": "METADATA",
        "marts.customer_history": "METADATA",
    }


def test_every_kind_of_change_has_its_words(dev_plan: Plan, pending_context: Context) -> None:
    found: dict[str, set[str]] = {}
    view = PlanView(dev_plan, pending_context.default_catalog, pending_context.default_dialect)
    request = PlanRequest(environment="dev")
    built = BuiltPlan(None, dev_plan, view, None, (), None, request)  # type: ignore[arg-type]
    for name in dev_plan.context_diff.modified_snapshots:
        changes = semantic_diff(built, name)
        found[_short(name)] = {change.kind for change in changes}
    assert "unexplained" not in set().union(*found.values())
    assert found["staging.orders"] == {"filter_changed"}
    assert found["staging.order_items"] == {"column_added"}
    assert found["marts.deliveries"] == {"column_removed"}
    assert found["staging.products"] == {"audit_changed"}
    assert found["staging.stores"] == {"formatting_only"}
    assert found["marts.sales_forecast"] == {"function_changed", "variable_changed"}
    assert found["raw.payment_methods"] == {"values_changed"}
    new, old = next(
        pair for pair in dev_plan.context_diff.modified_snapshots.values() if pair[0].is_seed
    )
    rows = compare_rows(pending_context.engine_adapter, old, new)
    assert {change.kind for change in rows} == {"rows_added", "rows_changed"}
    assert found["reports.payment_costs"] == {"macro_changed", "column_changed"}
    assert found["marts.price_history"] == {"property_changed", "comments_only"}
    assert found["reports.top_products"] >= {
        "column_renamed", "type_changed", "having_changed", "ordering_changed",
    }  # fmt: skip
    assert found["marts.product_pairs"] >= {
        "column_changed", "source_changed", "join_added", "join_removed", "filter_removed",
        "grouping_changed", "cte_added",
    }  # fmt: skip


@pytest.fixture(scope="module")
def built(dev_plan: Plan, pending_context: Context) -> BuiltPlan:
    """The plan as the engine looks at it."""
    view = PlanView(dev_plan, pending_context.default_catalog, pending_context.default_dialect)
    work = work_of(pending_context, dev_plan, lambda: None)
    request = PlanRequest(environment="dev")
    return BuiltPlan(None, dev_plan, view, work, backfills_of(view, work), None, request)  # type: ignore[arg-type]


def test_the_backfill_has_every_reason_that_a_first_plan_can_have(built: BuiltPlan) -> None:
    missing = missing_runs(built, '"shop"."marts"."shelf_scans"')
    assert [(run.reason, (run.end - run.start) // DAY) for run in missing] == [
        ("lookback", 2),
        ("gap", 5),
        ("lookback", 2),
    ]
    (new,) = missing_runs(built, '"shop"."marts"."store_traffic"')
    assert new.reason == "new"


def test_a_model_has_an_absurd_number_of_intervals_and_costs_little(built: BuiltPlan) -> None:
    ((snapshot, sentence),) = foretold(built.plan)
    assert _short(snapshot.name) == "reports.till_heartbeats"
    assert "five-minute intervals from 2025-11-01" in sentence
    # About a year, not all that its cron could ask for since 1970: SQLMesh writes each down.
    batches = built.work.batches[snapshot.name]
    assert len(batches) == 1


def test_the_dangers_are_of_many_kinds(built: BuiltPlan, pending_context: Context) -> None:
    subject = Subject(pending_context, built, Validation())  # type: ignore[arg-type]
    found = {
        (danger.rule, danger.view_name)
        for rule in (gaps, kind_changes, too_many_intervals)
        for danger in rule(subject)
    }
    assert found == {
        ("gap", "marts__dev.store_traffic"),
        ("kind_change", "marts__dev.loyalty_points"),
        ("too_many_intervals", "reports__dev.till_heartbeats"),
    }


def test_models_are_added_and_removed(dev_plan: Plan) -> None:
    diff = dev_plan.context_diff
    assert {_short(snapshot.name) for snapshot in diff.added} == {
        "reports.basket_recommendations",
        "reports.till_heartbeats",
        "reports.till_tests",
    }
    assert {_short(s.name) for s in diff.removed_snapshots.values()} == {"reports.loyalty_mailing"}


def test_audits_of_a_model_and_on_their_own_change(dev_plan: Plan) -> None:
    diff = dev_plan.context_diff
    assert diff.metadata_updated('"shop"."staging"."products"')
    assert diff.metadata_updated("every_order_has_items")
    assert diff.modified_snapshots["every_order_has_items"][0].is_audit


def test_requirements_and_environment_statements_change(dev_plan: Plan) -> None:
    diff = dev_plan.context_diff
    assert "pandas==2.3.3" in diff.requirements_diff()
    statements = "".join(text for _, text in diff.environment_statements_diff())
    assert "DELETE FROM pos.deployments" in statements


def test_the_slow_model_is_filled_in_several_batches(dev_plan: Plan) -> None:
    slow = dev_plan.context_diff.snapshots_by_name[SLOW_MODEL]
    days = next(
        missing.intervals
        for missing in dev_plan.missing_intervals
        if missing.snapshot_id == slow.snapshot_id
    )
    assert slow.model.batch_size == 30
    assert len(days) > 12 * 30


def test_the_pending_project_passes_its_tests_and_lints_with_a_warning(
    pending_context: Context, pending_console: _RecordingConsole
) -> None:
    assert pending_context.test().wasSuccessful()
    violations = pending_context.lint_models(raise_on_error=False)
    assert {violation.rule.name for violation in violations} == {"nomissingaudits"}


def test_the_pending_changes_reach_dev_and_then_prod(pending_context: Context, shop: Path) -> None:
    builder = pending_context.plan_builder("dev", skip_tests=True, allow_destructive_models=ALLOWED)
    for snapshot in builder.build().uncategorized:
        builder.set_choice(snapshot, SnapshotChangeCategory.NON_BREAKING)
    pending_context.apply(builder.build())
    pending_context.plan(
        "prod",
        auto_apply=True,
        no_prompts=True,
        skip_tests=True,
        allow_destructive_models=ALLOWED,
    )
    assert pending_context.audit(start="2025-11-01", end="yesterday")
    assert not pending_context.plan_builder("prod", skip_tests=True).build().has_changes
    pending_context.close()
    with duckdb.connect(str(shop / "shop.duckdb"), read_only=True) as connection:
        assert connection.sql(
            "SELECT fee_percent FROM raw.payment_methods WHERE method_name = 'mobile'"
        ).fetchall() == [(0.7,)]
        assert "driver_note" not in connection.sql("FROM marts.deliveries").columns
        assert "reason" not in connection.sql("FROM marts.returns").columns
        assert connection.sql("SELECT MIN(counted_on) FROM marts.store_traffic").fetchall() == [
            (date(2026, 1, 1),)
        ]
        assert connection.sql(
            "SELECT COUNT(*) FROM marts.shelf_scans WHERE scanned_on = '2025-12-25'"
        ).fetchall() == [(6,)]
        assert "units_damaged" in connection.sql("FROM marts.stock_movements").columns
        assert len(connection.sql("FROM pos.deployments").fetchall()) == 3


def test_a_copied_demo_is_not_prepared_until_it_is_marked(tmp_path: Path) -> None:
    target = tmp_path / "new" / "shop"
    assert not demo.is_prepared(target)
    demo.copy_demo(target)
    assert (target / "config.py").is_file()
    assert (target / "models/reports/loyalty_mailing.sql").is_file()
    assert not demo.is_prepared(target)
    demo.apply_pending(target)
    demo.apply_pending(target)
    assert not (target / "models/reports/loyalty_mailing.sql").exists()
    assert (target / "models/reports/till_tests.sql").is_file()
    assert not (target / "REMOVED").exists()
    demo.mark_prepared(target)
    assert demo.is_prepared(target)


def test_an_interrupted_preparation_starts_anew(tmp_path: Path) -> None:
    demo.copy_demo(tmp_path)
    demo.apply_pending(tmp_path)
    (tmp_path / "shop.duckdb").write_bytes(b"half a database")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "link").symlink_to(outside)

    demo.copy_demo(tmp_path)

    assert not (tmp_path / "shop.duckdb").exists()
    assert not (tmp_path / "models/reports/till_tests.sql").exists()
    assert (tmp_path / "models/reports/loyalty_mailing.sql").is_file()
    assert not (tmp_path / "link").is_symlink()
    assert (outside / "kept").exists()


def test_a_prepared_demo_is_not_overwritten(tmp_path: Path) -> None:
    demo.copy_demo(tmp_path)
    demo.mark_prepared(tmp_path)
    with pytest.raises(demo.DemoError, match=r"There is a demo in .* already"):
        demo.copy_demo(tmp_path)


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("years of work")
    with pytest.raises(demo.DemoError, match="not empty, and what is in it is not a demo"):
        demo.copy_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    for step in (demo.apply_pending, demo.mark_prepared):
        with pytest.raises(demo.DemoError, match="There is no demo in"):
            step(tmp_path)


def test_a_file_and_a_directory_in_the_demo_project_are_no_targets(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(demo.DemoError, match="not a directory"):
        demo.copy_demo(file)
    with pytest.raises(demo.DemoError, match="inside the demo project itself"):
        demo.copy_demo(demo.demo_source() / "copy")


def test_a_directory_below_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(demo.DemoError, match="can't be written to") as refused:
        demo.copy_demo(tmp_path / "file" / "shop")
    assert refused.value.title
    assert refused.value.message
    assert refused.value.hint


def test_what_was_left_in_the_checkout_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    (source / "pending").mkdir(parents=True)
    (source / ".cache" / "optimized_query").mkdir(parents=True)
    (source / "models").mkdir()
    for name in ("config.py", "shop.duckdb", "shop.duckdb.wal", "models/one.sql", ".cache/entry"):
        (source / name).touch()
    monkeypatch.setattr(demo, "demo_source", lambda: source)
    demo.copy_demo(tmp_path / "target")
    copied = {
        os.path.relpath(Path(directory, name), tmp_path / "target")
        for directory, _, names in os.walk(tmp_path / "target")
        for name in names
    }
    assert copied == {demo.MARKER, "config.py", "models/one.sql"}


def test_an_installation_without_the_demo_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "plan_tui" / "demo.py"))
    with pytest.raises(demo.DemoError, match="installation is not whole"):
        demo.demo_source()
