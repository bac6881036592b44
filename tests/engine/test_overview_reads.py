"""Reading the whole plan does not keep quick answers waiting."""

from __future__ import annotations

from plan_tui.contract import routes

from .hosting import HostedEngine
from .projects import Project


def test_the_plan_is_read_beside_the_quick_answers(engine: HostedEngine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    engine.http.timeout = 10
    with engine.busy_reader():
        assert engine.get(routes.PLAN).status_code == 200
