"""Directories in which a scenario's project is as it was before what is compared."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import oracle
from .scenario import Scenario


class Workspace:
    """Deploys each history once, for all scenarios and test workers, and hands out copies."""

    def __init__(self, templates: Path, copies: Path) -> None:
        self._templates = templates
        self._copies = copies
        templates.mkdir(parents=True, exist_ok=True)

    def copy(self, scenario: Scenario, purpose: str) -> Path:
        """A project directory of its own, with the pending changes of the scenario."""
        directory = self._copies / purpose
        directory.mkdir(parents=True)
        if scenario.history:
            template = self._deployed(scenario, len(scenario.history) - 1)
            shutil.copytree(template, directory, dirs_exist_ok=True)
        scenario.project().write(directory)
        return directory

    def _deployed(self, scenario: Scenario, last: int) -> Path:
        """The project after the deployments up to that one; made by whoever comes first."""
        template = self._templates / _key(scenario, last)
        with _lock(template.with_suffix(".lock")):
            if not template.exists():
                making = template.with_suffix(".making")
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir()
                if last:
                    shutil.copytree(self._deployed(scenario, last - 1), making, dirs_exist_ok=True)
                scenario.project(last).write(making)
                oracle.deploy(making, scenario.history[last])
                making.rename(template)
        return template


def _key(scenario: Scenario, last: int) -> str:
    """The same for scenarios with the same history so far."""
    digest = hashlib.sha256()
    for index in range(last + 1):
        files = scenario.project(index).files(Path())
        deployment = scenario.history[index]
        digest.update(repr((sorted(files.items()), deployment.ask, deployment.fails)).encode())
    return digest.hexdigest()[:16]


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
