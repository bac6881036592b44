"""Dangers looked for after the plan: restatements above all, as SQLMesh carries them out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmesh.core.engine_adapter import EngineAdapter
from sqlmesh.core.engine_adapter.duckdb import DuckDBEngineAdapter
from sqlmesh.core.engine_adapter.postgres import PostgresEngineAdapter
from sqlmesh.core.engine_adapter.redshift import RedshiftEngineAdapter

from plan_tui.contract.base import Interval
from plan_tui.contract.dangers import Danger, Dangers, Severity
from plan_tui.contract.looks import DANGERS, ROUTE
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.dangers.promotion import drops_dependents
from plan_tui.engine.dangers.spans import without
from plan_tui.engine.dangers.subject import span

from .hosting import hosted
from .projects import Project
from .talking import Engine


def looked(engine: Engine) -> dict[str, list[Danger]]:
    """What the look-up finds, by rule."""
    answer = engine.get(ROUTE.format(path=DANGERS.path))
    assert answer.status_code == 200, answer.text
    found: dict[str, list[Danger]] = {}
    for danger in Dangers.model_validate_json(answer.content).dangers:
        found.setdefault(danger.rule, []).append(danger)
    return found


def filled(shop: Project, environment: str) -> dict[str, list[Interval]]:
    """The intervals that SQLMesh's state has of each model of an environment."""
    with shop.context() as context:
        known = context.state_reader.get_environment(environment)
        assert known is not None
        stored = context.state_reader.get_snapshots(known.snapshots)
        return {each.name.replace('"', ""): list(each.intervals) for each in stored.values()}


def test_a_restatement_names_what_other_environments_lose_and_what_it_leaves_out(
    shop: Project, runtime: Path
) -> None:
    shop.edit("models/daily.sql", "SUM(amount)", "SUM(amount + 0)")
    shop.deploy("dev")
    shop.edit("models/events.sql", "batch_size 5)", "batch_size 5, forward_only true)")
    shop.edit("models/events.sql", "(i * 10)", "(i * 11)")
    shop.edit("models/daily.sql", "amount + 0", "amount + 1")
    shop.deploy("previewed")
    shop.edit("models/stores.sql", "'north'", "'south'")
    before = filled(shop, "dev")
    with hosted(shop, runtime) as engine:
        run = engine.plan("prod", restate_models=["raw.events"], skip_tests=True)
        assert run.outcome is RunOutcome.SUCCEEDED, run.problem
        found = looked(engine)
        assert {each.rule for each in run.plan.dangers} == set()
        loss, cleared = found["environments_lose_intervals"]
        assert loss.severity is Severity.WARNS
        assert loss.message.startswith("dev loses intervals of 2 models: ")
        assert cleared.severity is Severity.NOTES
        assert "2 models in previewed too" in cleared.message
        assert cleared.details[0].startswith("lake.shop.daily  2024-01-01 .. ")
        assert all(line.endswith("  not filled") for line in cleared.details)
        (reach,) = found["restatement"]
        assert reach.details[0].startswith("raw.events ")
        assert all("downstream" in line for line in reach.details[1:])
        assert len(reach.details) == len(run.plan.restatements)
        (ignored,) = found["local_changes_ignored"]
        assert "lake.shop.stores" in ignored.details
        assert "tests_skipped" in found
        assert "not_checked" not in found
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
    after = filled(shop, "dev")
    lost = sorted(name for name in before if before[name] != after[name])
    assert lost
    assert sorted(line.split("  ")[0] for line in loss.details) == lost


def test_a_shorter_range_leaves_a_gap(shop: Project, runtime: Path) -> None:
    shop.edit("models/events.sql", "(i * 10)", "(i * 11)")
    with hosted(shop, runtime) as engine:
        engine.plan("dev", dates={"start": "2024-01-05", "end": "2024-01-07"})
        found = looked(engine)
        (gap,) = [each for each in found["gap"] if "events" in each.view_name]
        assert gap.details == ("2024-01-01 .. 2024-01-04", "2024-01-08 .. 2024-01-10")
        engine.plan("dev", dates={"start": "2024-01-01", "end": "2024-01-10"})
        assert "gap" not in looked(engine)


WEEKLY = """\
MODEL (
  name shop.weekly,
  kind INCREMENTAL_BY_TIME_RANGE (time_column day),
  cron '@weekly',
  interval_unit day,
  start '2024-01-01'
);
SELECT '2024-01-01'::DATE AS day WHERE '2024-01-01'::DATE BETWEEN @start_ds AND @end_ds
"""


def test_an_empty_backfill_names_what_the_state_has_of_it_afterwards(
    shop: Project, runtime: Path
) -> None:
    shop.write("models/weekly.sql", WEEKLY)
    shop.deploy("prod")
    shop.edit("models/events.sql", "(i * 10)", "(i * 11)")
    before = filled(shop, "prod")
    with hosted(shop, runtime) as engine:
        engine.plan("prod", empty_backfill=True, skip_tests=True)
        told = looked(engine)["recorded_empty"]
        assert {each.severity for each in told} == {Severity.WARNS}
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        after = filled(shop, "prod")
        named = {str(each.model).replace('"', ""): each.details for each in told}
        (weekly,) = [name for name in after if name.endswith("shop.weekly")]
        grown = without(after[weekly], before[weekly])
        assert grown, "it is not due, and recorded nevertheless"
        assert named[weekly] == tuple(span(each) for each in grown)
        (events,) = [name for name in after if name.endswith("raw.events")]
        assert named[events] == tuple(span(each) for each in after[events])
        engine.plan("prod", skip_backfill=True, skip_tests=True)
        assert "recorded_empty" not in looked(engine)


def test_a_rule_that_fails_leaves_the_others(
    shop: Project, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plan_tui.engine.dangers import listing

    def broken(subject: object) -> list[Danger]:
        raise ValueError("no such thing")

    monkeypatch.setattr(listing, "RULES", (("the moon", broken), *listing.RULES))
    shop.edit("models/stores.sql", "'north'", "'south'")
    with hosted(shop, runtime) as engine:
        engine.plan("dev", skip_tests=True)
        found = looked(engine)
        (note,) = found["not_checked"]
        assert "the moon" in note.message
        assert "no such thing" in note.message
        assert "tests_skipped" in found


@pytest.mark.parametrize(
    ("adapter", "drops"),
    [(PostgresEngineAdapter, True), (RedshiftEngineAdapter, False), (DuckDBEngineAdapter, False)],
)
def test_only_where_views_bind_does_a_replaced_one_drop_others(
    adapter: type[EngineAdapter], drops: bool
) -> None:
    assert drops_dependents(adapter(lambda: None, dialect=adapter.DIALECT)) is drops


@pytest.mark.parametrize(
    ("intervals", "taken", "left"),
    [
        ([(0, 10)], [], ((0, 10),)),
        ([(0, 10)], [(0, 10)], ()),
        ([(0, 10)], [(2, 4), (6, 8)], ((0, 2), (4, 6), (8, 10))),
        ([(0, 3), (5, 9)], [(2, 6)], ((0, 2), (6, 9))),
        ([(0, 3)], [(4, 6)], ((0, 3),)),
    ],
)
def test_what_no_other_covers(
    intervals: list[Interval], taken: list[Interval], left: tuple[Interval, ...]
) -> None:
    assert without(intervals, taken) == left
