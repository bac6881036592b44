"""The command of an apply, given again once that is done."""

from __future__ import annotations

from pathlib import Path

from plan_tui.contract import routes
from plan_tui.contract.state import RunOutcome

from .hosting import hosted
from .projects import STORES, Project

READER = "MODEL (name shop.daily, kind FULL);\nSELECT id FROM shop.stores\n"


def test_a_category_that_a_model_has_anyway_is_no_mistake(tmp_path: Path, runtime: Path) -> None:
    files = {"models/daily.sql": READER, "models/s.sql": STORES}
    project = Project.make(tmp_path / "shop", files)
    project.deploy()
    project.edit("models/s.sql", "1::INT AS id", "2::INT AS id")
    chosen = {"shop.stores": "NON_BREAKING"}
    with hosted(project, runtime) as engine:
        engine.plan("dev", categories=chosen)
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        project.edit("models/daily.sql", "SELECT id", "SELECT id + 1 AS id")
        engine.plan("dev", categories=chosen)
        assert engine.post(routes.CATEGORIES, {"categories": chosen}).status_code == 204
        other = engine.post(routes.CATEGORIES, {"categories": {"shop.stores": "BREAKING"}})
        assert other.status_code == 422
        assert "no category to choose" in other.text
