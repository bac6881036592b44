from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plan_tui import demo
from plan_tui.cli import cli
from plan_tui.contract import routes
from plan_tui.contract.locations import ProjectKey, files_of
from plan_tui.contract.state import RunOutcome
from tests.cli import samples
from tests.cli.fake_engine import FakeEngine, served


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "my demo"


@pytest.fixture
def engine(directory: Path) -> Iterator[FakeEngine]:
    key = ProjectKey.of((str(directory),))
    engine = FakeEngine(files_of(key).socket, samples.IDLE, overview=samples.document())
    engine.scripts[routes.PLAN] = samples.built()
    engine.scripts[routes.APPLY] = [*samples.apply_started(), *samples.apply_ended()]
    with served(engine):
        yield engine


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["demo", *arguments])


def test_without_a_terminal_it_prints_the_plan(directory: Path, engine: FakeEngine) -> None:
    done = run(str(directory))
    assert done.exit_code == 0
    assert done.stderr == "Warnings of the plan:\n  ! Mind the gap.\n    It is wide.\n"
    assert demo.is_prepared(directory)
    targets = [body["environment"] for path, body in engine.commands if path == routes.PLAN]
    assert targets == ["prod", "dev"]
    lines = done.stdout.splitlines()
    assert lines[0] == f"Copying the demo project to {directory}"
    assert "Plan for dev (a new environment, created from prod)" in lines
    assert lines[-1] == f"To open the app on it: plan-tui -p '{directory}'"


def test_the_second_time_nothing_is_deployed(directory: Path, engine: FakeEngine) -> None:
    assert run(str(directory), "--prepare-only").exit_code == 0
    done = run(str(directory), "--prepare-only")
    assert done.stdout.splitlines()[0] == f"The demo in {directory} is ready."
    assert [path for path, _ in engine.commands] == [routes.PLAN, routes.APPLY]


def test_a_deployment_that_fails_leaves_it_unprepared(directory: Path, engine: FakeEngine) -> None:
    ended = samples.apply_ended(RunOutcome.FAILED, samples.BAD_SQL)
    engine.scripts[routes.APPLY] = [*samples.apply_started(), *ended]
    done = run(str(directory))
    assert done.exit_code == 1
    assert not demo.is_prepared(directory)


def test_a_directory_with_something_else_is_left_alone(directory: Path) -> None:
    directory.mkdir()
    (directory / "thesis.txt").write_text("mine")
    done = run(str(directory))
    assert done.exit_code == 3
    assert done.stderr.startswith("Error: The demo can't be copied")
    assert [path.name for path in directory.iterdir()] == ["thesis.txt"]


def test_with_a_terminal_the_app_opens(
    directory: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, ...]] = []
    module = "plan_tui.commands.demonstration"
    monkeypatch.setattr(f"{module}.missing_terminal", lambda: None)
    monkeypatch.setattr(f"{module}.open_app", lambda s: opened.append(s.key.paths) or 0)
    assert run(str(directory)).exit_code == 0
    assert opened == [(str(directory),)]
    assert [path for path, _ in engine.commands] == [routes.PLAN, routes.APPLY]
