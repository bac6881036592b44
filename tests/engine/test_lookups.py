"""What is looked at: environments, the project's names, dates, selectors, one model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmesh.utils.date import make_exclusive, to_timestamp

from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemAnswer, ProblemCode
from plan_tui.contract.lookup import (
    DateReading,
    Environments,
    ModelDetail,
    ProjectInfo,
    SelectionReading,
)
from plan_tui.contract.routes import PROTOCOL_VERSION
from plan_tui.contract.state import EngineInfo, ProjectState, RunOutcome
from plan_tui.engine.lookups import read_date

from .hosting import hosted, short_directory
from .projects import DAY, JAN_1, Project
from .talking import Engine


@pytest.fixture(scope="module")
def place(
    template: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Project]]:
    """The shop with an environment ``dev``, one that died half-way, and changes pending."""
    shop = template.copied_to(tmp_path_factory.mktemp("lookups") / "shop")
    shop.deploy("dev", include_unmodified=True)
    with short_directory() as directory, hosted(shop, directory) as engine:
        shop.write(
            "config.yaml",
            (shop.root / "config.yaml").read_text() + "after_all:\n  - SELECT * FROM no_table\n",
        )
        engine.plan("half", include_unmodified=True)
        assert engine.apply().outcome is RunOutcome.FAILED
        shop.edit("config.yaml", "after_all:\n  - SELECT * FROM no_table\n", "")
        shop.edit("models/daily.sql", "SUM(amount)::BIGINT AS amount", "MAX(ds)::DATE AS day")
        shop.remove("models/totals.sql")
        yield engine, shop


Place = tuple[Engine, Project]


def test_environments(place: Place) -> None:
    engine, shop = place
    found = Environments.model_validate_json(engine.get(routes.ENVIRONMENTS).content)
    assert [each.name for each in found.environments] == ["prod", "dev", "half"]
    assert found.default_target == "prod"
    prod, dev, half = found.environments
    assert prod.plan_id == shop.plan_id("prod")
    assert (prod.models, prod.finalized, prod.expires) == (4, True, None)
    assert prod.start == JAN_1
    assert prod.data_end is not None
    assert prod.data_end >= JAN_1 + 10 * DAY
    assert prod.planned is not None
    assert dev.expires is not None
    assert dev.finalized
    assert half.name == "half"


def test_the_project(place: Place) -> None:
    engine, _ = place
    found = ProjectInfo.model_validate_json(engine.get(routes.PROJECT).content)
    assert [model.view_name for model in found.models] == [
        "raw.events",
        "shop.daily",
        "shop.stores",
    ]
    stores = found.models[-1]
    assert (stores.kind, stores.owner, stores.tags) == ("FULL", "ann", ("places",))
    assert found.tags == ("places",)
    assert found.defaults.forward_only is False
    # The configuration leaves it open: SQLMesh previews where the project is not dbt's.
    assert found.defaults.enable_preview is True


def test_the_engine_itself(place: Place) -> None:
    engine, shop = place
    engine.get(routes.PROJECT)
    info = EngineInfo.model_validate_json(engine.get(routes.META).content)
    assert info.protocol == PROTOCOL_VERSION
    assert info.paths == (str(shop.root),)
    assert (info.gateway, info.engine_type, info.interruptible) == ("local", "duckdb", True)
    assert (info.project, info.project_state) == ("shop", ProjectState.READY)
    assert info == engine.state.info


@pytest.mark.parametrize(
    ("text", "base", "at"),
    [
        ("2024-01-01", None, JAN_1),
        ("2024-01-01 12:00:00", None, JAN_1 + DAY // 2),
        (str(JAN_1), None, JAN_1),
        ("1 day ago", "2024-01-02", JAN_1),
        ("yesterday", "2024-01-02", JAN_1),
        ("1 week ago", "2024-01-08", JAN_1),
        ("nonsense", None, None),
        ("", None, None),
        ("2024-13-45", None, None),
    ],
)
def test_dates(place: Place, text: str, base: str | None, at: int | None) -> None:
    engine, _ = place
    params = {"text": text} | ({"execution_time": base} if base else {})
    reading = DateReading.model_validate_json(engine.get(routes.DATE, **params).content)
    assert (reading.text, reading.at) == (text, at)
    assert bool(reading.problem) == (at is None)


@pytest.mark.parametrize(
    "text", ["2024-01-01", "20240101", "2024-01-01 00:00:00", str(JAN_1), "yesterday", "today"]
)
def test_what_an_end_takes_in_is_what_sqlmesh_takes(text: str) -> None:
    reading = read_date(text, None)
    assert reading.at is not None
    taken = reading.at + DAY if reading.whole_day else reading.at
    assert taken == to_timestamp(make_exclusive(text))


@pytest.mark.parametrize(
    ("expressions", "names"),
    [
        (["shop.daily"], ("shop.daily",)),
        (["+shop.daily"], ("raw.events", "shop.daily")),
        (["raw.events+"], ("raw.events", "shop.daily")),
        (["tag:places"], ("shop.stores",)),
        (["shop.*"], ("shop.daily", "shop.stores")),
        (["shop.daily", "tag:places"], ("shop.daily", "shop.stores")),
    ],
)
def test_selectors(place: Place, expressions: list[str], names: tuple[str, ...]) -> None:
    engine, _ = place
    engine.get(routes.PROJECT)
    answer = engine.get(routes.SELECTION, expression=expressions)
    reading = SelectionReading.model_validate_json(answer.content)
    assert reading.names == names
    assert reading.problem == ""


@pytest.mark.parametrize("expressions", [["no.such"], ["shop.daily", "shop.store"], ["tag:place"]])
def test_a_selector_that_matches_nothing_is_told(place: Place, expressions: list[str]) -> None:
    engine, _ = place
    engine.get(routes.PROJECT)
    answer = engine.get(routes.SELECTION, expression=expressions)
    reading = SelectionReading.model_validate_json(answer.content)
    assert reading.names == ()
    assert expressions[-1] in reading.problem
    assert ("tag:places" if "tag:" in expressions[0] else "shop.stores") in reading.problem


@pytest.mark.parametrize("expression", ["((", "git:no_such_branch", "&&"])
def test_a_selector_that_makes_no_sense_says_why(place: Place, expression: str) -> None:
    engine, _ = place
    answer = engine.get(routes.SELECTION, expression=[expression])
    assert answer.status_code == 200, answer.text
    reading = SelectionReading.model_validate_json(answer.content)
    assert reading.names == ()
    assert expression in reading.problem
    assert reading.unreadable


class TestAModelOfThePlan:
    @pytest.fixture(scope="class", autouse=True)
    def _planned(self, place: Place) -> None:
        assert place[0].plan("prod").outcome is RunOutcome.SUCCEEDED

    def model(self, place: Place, name: str) -> ModelDetail:
        answer = place[0].get(routes.MODEL.format(name=name))
        assert answer.status_code == 200, answer.text
        return ModelDetail.model_validate_json(answer.content)

    def test_changed(self, place: Place) -> None:
        detail = self.model(place, "shop.daily")
        assert (detail.change, detail.kind) == ("direct", "FULL")
        assert detail.plan_id == place[0].state.facts.plan_id  # type: ignore[union-attr]
        columns = {each.name: (each.before, each.after) for each in detail.columns}
        assert columns == {
            "ds": ("DATE", "DATE"),
            "day": (None, "DATE"),
            "amount": ("BIGINT", None),
        }
        assert "-  CAST(SUM(amount) AS BIGINT) AS amount" in detail.diff
        assert 'MAX("events"."ds")' in detail.diff_rendered
        assert "MAX" in detail.sql
        assert detail.path == "models/daily.sql"
        assert [each.view_name for each in detail.parents] == ["raw.events"]
        assert detail.choices != ()
        assert detail.locked is None

    def test_removed(self, place: Place) -> None:
        detail = self.model(place, "shop.totals")
        assert (detail.change, detail.model.view_name) == ("removed", "shop.totals")
        assert detail.choices == ()
        assert "SUM(" in detail.sql
        assert "shop" in detail.sql
        assert [(each.name, each.before, each.after) for each in detail.columns] == [
            ("amount", "BIGINT", None)
        ]
        assert (detail.cron, detail.dialect) == ("@daily", "duckdb")

    def test_unchanged(self, place: Place) -> None:
        detail = self.model(place, "shop.stores")
        assert detail.change == "unchanged"
        assert (detail.owner, detail.tags) == ("ann", ("places",))
        assert detail.diff == ""
        assert detail.intervals == ()

    def test_unknown(self, place: Place) -> None:
        answer = place[0].get(routes.MODEL.format(name="shop.nope"))
        assert answer.status_code == 404
        problem = ProblemAnswer.model_validate_json(answer.content).problem
        assert problem.code is ProblemCode.UNKNOWN_MODEL
