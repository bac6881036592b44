"""Seeds: their rows are compared only when somebody asks, and no restatement takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import looks
from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.errors import ProblemAnswer
from plan_tui.contract.impact import ModelImpact, SeedRows, SemanticChange
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.impact import seed_rows

from .hosting import HostedEngine, hosted
from .projects import Project

FILES = {
    "models/colors.sql": "MODEL (name shop.colors, kind SEED (path '../seeds/colors.csv'));\n",
    "seeds/colors.csv": "id,name\n1,red\n2,green\n",
    "models/painted.sql": "MODEL (name shop.painted, kind FULL);\nSELECT id FROM shop.colors\n",
}
CATALOGS = """\
model_defaults: {{dialect: duckdb, start: 2024-01-01}}
gateways:
  local:
    connection:
      type: duckdb
      catalogs:
        lake: '{lake}'
        other: '{other}'
default_gateway: local
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """Seeds in a project of several catalogs, which each connection attaches anew."""
    project = Project.make(tmp_path / "shop", FILES)
    files = {"lake": project.database, "other": tmp_path / "other.db"}
    project.write("config.yaml", CATALOGS.format(**files))
    project.deploy()
    return project


@pytest.fixture
def engine(shop: Project, runtime: Path) -> Iterator[HostedEngine]:
    with hosted(shop, runtime) as engine:
        yield engine


def impact(engine: HostedEngine) -> ModelImpact:
    answer = engine.get(looks.ROUTE.format(path=looks.IMPACT.path), name="shop.colors")
    assert answer.status_code == 200, answer.text
    return ModelImpact.model_validate_json(answer.content)


def kinds(found: ModelImpact) -> list[str]:
    return [each.kind for each in found.semantic_diff]


def rows(engine: HostedEngine, **params: str) -> SeedRows:
    params = {"name": "shop.colors", **params}
    answer = engine.get(looks.ROUTE.format(path=looks.SEED_ROWS.path), **params)
    assert answer.status_code == 200, answer.text
    return SeedRows.model_validate_json(answer.content)


def test_rows_are_compared_when_asked_and_kept(engine: HostedEngine, shop: Project) -> None:
    shop.edit("seeds/colors.csv", "2,green", "2,lime\n3,blue")
    assert engine.plan("dev").outcome is RunOutcome.SUCCEEDED
    before = impact(engine)
    assert before.seed is not None
    assert (before.seed.rows, before.seed.compared, before.seed.problem) == (3, False, "")
    assert set(kinds(before)) == {Kind.VALUES_CHANGED}
    found = rows(engine)
    assert found.problem == ""
    assert [each.kind for each in found.changes] == [Kind.ROWS_ADDED, Kind.ROWS_CHANGED]
    after = impact(engine)
    assert after.seed is not None
    assert after.seed.compared
    assert after.semantic_diff == found.changes
    assert "rows of the seed were added, removed or changed" in before.category.reason
    told = "of the seed, 1 row was added and name changed in 1 row"
    assert told in after.category.reason
    assert engine.apply().outcome is RunOutcome.SUCCEEDED, "the worker has its catalogs"


def test_a_failure_is_kept_and_asking_again_tries_again(
    engine: HostedEngine, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def broken(*args: object) -> list[SemanticChange]:
        asked.append(args)
        raise LookupError("the table is gone")

    shop.edit("seeds/colors.csv", "2,green", "2,pink")
    assert engine.plan("dev").outcome is RunOutcome.SUCCEEDED
    with monkeypatch.context() as patch:
        patch.setattr(seed_rows, "compare_rows", broken)
        assert impact(engine).seed is not None
        assert asked == [], "nobody asked for the rows"
        assert rows(engine).problem == "the table is gone"
        kept = impact(engine)
        assert kept.seed is not None
        assert (kept.seed.compared, kept.seed.problem) == (False, "the table is gone")
        assert kinds(kept) == [Kind.VALUES_CHANGED]
        assert len(asked) == 1
    assert rows(engine).problem == ""
    assert Kind.ROWS_CHANGED in kinds(impact(engine))


def test_only_a_changed_seed_has_rows_to_compare(engine: HostedEngine, shop: Project) -> None:
    shop.edit("seeds/colors.csv", "1,red", "1,rose")
    engine.plan("dev")
    answer = engine.get(looks.ROUTE.format(path=looks.SEED_ROWS.path), name="shop.painted")
    assert answer.status_code == 409
    title = ProblemAnswer.model_validate_json(answer.content).problem.title
    assert title == "lake.shop.painted has no rows of a file to compare."


def test_a_seed_that_no_restatement_takes_is_named(engine: HostedEngine) -> None:
    run = engine.plan("prod", restate_models=["shop.colors"])
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    assert run.plan.restatements == {}
    (warning,) = run.plan.warnings
    assert warning.startswith("shop.colors is a seed, and SQLMesh restates no seed:")
    both = engine.plan("prod", restate_models=["shop.colors", "shop.painted"])
    assert list(both.plan.restatements) == ['"lake"."shop"."painted"']
    assert any("shop.colors is a seed" in warning for warning in both.plan.warnings)
    alone = engine.plan("prod", restate_models=["shop.painted"])
    assert not any("is a seed" in warning for warning in alone.plan.warnings)
