"""Which files make up a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from plan_tui.contract.state import RunOutcome
from plan_tui.engine import files

from .projects import Project
from .talking import Engine


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("config.yaml", True),
        ("models/orders.sql", True),
        ("models/logs/requests.sql", True),
        ("models/venv/requests.sql", True),
        (".env", True),
        ("logs/sqlmesh.py", False),
        ("venv/lib/module.py", False),
        ("models/.cache/orders.sql", False),
        ("models/__pycache__/orders.py", False),
        ("models/notes.txt", False),
    ],
)
@pytest.mark.parametrize("above", ["", "logs", "venv"])
def test_a_project_is_its_own_files_wherever_it_lies(
    tmp_path: Path, path: str, part: bool, above: str
) -> None:
    root = tmp_path / above / "shop"
    file = root / path
    file.parent.mkdir(parents=True)
    file.touch()
    roots = (str(root),)
    assert files.belongs(str(file), roots) is part
    assert (str(file) in files.scan(roots)) is part


def test_files_of_elsewhere_are_no_part_of_it(tmp_path: Path) -> None:
    assert not files.belongs(str(tmp_path / "shop-2" / "models" / "a.sql"), (f"{tmp_path}/shop",))


def test_a_model_in_a_folder_called_logs_is_planned(engine: Engine, shop: Project) -> None:
    engine.plan("prod")
    shop.write("models/logs/requests.sql", "MODEL (name shop.requests); SELECT 1::INT AS x")
    run = engine.plan()
    assert run.outcome is RunOutcome.SUCCEEDED
    assert [change.view_name for change in run.plan.changes.added] == ["shop__dev.requests"]
