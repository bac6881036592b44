"""The loaded project: a warm context that is loaded again when its files change."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmesh.core.config import Config
from sqlmesh.core.config.loader import load_configs
from sqlmesh.core.console import set_console
from sqlmesh.utils.errors import ConfigError

from plan_tui.contract.errors import Problem
from plan_tui.contract.locations import ProjectKey
from plan_tui.engine import (
    cron_memo,
    files,
    garbage,
    interval_steps,
    known_packages,
    missing_once,
    project_modules,
    warm_models,
)
from plan_tui.engine.broken import failing
from plan_tui.engine.console import EngineConsole
from plan_tui.engine.context import EngineContext
from plan_tui.engine.secrets import Secrets
from plan_tui.engine.sql_memory import SqlMemory
from plan_tui.engine.start_options import check_gateway, unknown_config
from plan_tui.engine.unset_settings import unset_settings, with_unset
from plan_tui.engine.user_file import allow_unwritable_home

if TYPE_CHECKING:
    from plan_tui.engine.watching import PlanWatcher

logger = logging.getLogger(__name__)
_CONNECTIONS = {"gateways", "default_connection", "default_test_connection"}
"""What of a configuration holds secrets."""
_OWN = {"connection", "state_connection"}
"""What of a gateway is connected to by a plan."""


class Project:
    """Owns the context; used by one thread at a time."""

    def __init__(self, key: ProjectKey, secrets: Secrets | None = None) -> None:
        self.key = key
        self.secrets = secrets or Secrets()
        """Passwords of the project's connections, known before anything connects."""
        self._unset: tuple[str, ...] = ()
        self.console = EngineConsole(key.paths)
        set_console(self.console)
        cron_memo.install()
        interval_steps.install()
        known_packages.install()
        missing_once.install()
        warm_models.install()
        failing.install()
        self.sql = SqlMemory()
        self.sql.install()
        self._context: EngineContext | None = None
        self._stamps: dict[str, files.Stamp] = {}
        self._busy = threading.RLock()
        self._broken = False
        self.generation = 0
        """Rises with each load, so that a plan knows whether its files were read again."""

    @property
    def context(self) -> EngineContext:
        """The context of the last load.

        Raises:
            RuntimeError: Nothing was loaded yet.
        """
        if self._context is None:
            raise RuntimeError("The project is not loaded.")
        return self._context

    @property
    def loaded(self) -> bool:
        """Whether there is a context, and its last load went well."""
        return self._context is not None and not self._broken

    def changed_files(self) -> list[str]:
        """Files that changed since the last load."""
        return files.changed(self._stamps, files.scan(self.key.paths))

    @contextmanager
    def watched(self, watcher: PlanWatcher) -> Iterator[None]:
        """Has everything that SQLMesh says go to a planning run."""
        self.console.planning = watcher
        if self._context is not None:
            self._context.planning = watcher
            self._context.forget_absent()
        try:
            yield
        finally:
            self.console.planning = None
            if self._context is not None:
                self._context.planning = None
                self._context.forget_absent()

    def refresh(self, watcher: PlanWatcher, environments: tuple[str, ...] | None = None) -> bool:
        """Loads what changed; the whole project the first time.

        Args:
            watcher: Who hears of it.
            environments: Where a plan looks for models that can't be read; None outside of one.

        Returns:
            Whether anything was loaded.

        Raises:
            Exception: Whatever SQLMesh raises for a broken project or an unreachable state.
        """
        stamps = files.scan(self.key.paths)
        changed = files.changed(self._stamps, stamps)
        if self.loaded and not changed and not self._stands_elsewhere(environments):
            return False
        fresh = self._context is None or any(
            files.is_config(name, self.key.paths) for name in changed
        )
        watcher.step(f"reading {len(stamps):,} files" if fresh else _names(changed))
        self._broken = True
        if any(name.endswith(".py") for name in changed):
            project_modules.forget(self.key.paths)
        if fresh:
            self._make_context(watcher)
        self.context.stand_ins.environments = environments or self._first_environments()
        with garbage.at_work():
            self.context.load()
        self._stamps = stamps
        self._broken = False
        self.generation += 1
        return True

    def describe(self, problem: Problem) -> Problem:
        """A problem without secrets, and with what its connection was not given."""
        return self.secrets.hide_in_problem(with_unset(problem, self._unset))

    def _stands_elsewhere(self, environments: tuple[str, ...] | None) -> bool:
        """Whether a plan may want other models in the place of those that can't be read."""
        return environments is not None and bool(self.context.stand_ins)

    def _first_environments(self) -> tuple[str, ...]:
        """Where to look outside of a plan."""
        return self.context.stand_ins.environments or ("prod",)

    def _make_context(self, watcher: PlanWatcher) -> None:
        if self._context is not None:
            self.release()
        key = self.key
        allow_unwritable_home()
        os.chdir(key.paths[0])
        configs = self._configs()
        self.secrets.learn(config.model_dump(include=_CONNECTIONS) for config in configs.values())
        self._unset = unset_settings(_connections(configs.values(), key.gateway))
        context = EngineContext(
            paths=list(key.paths), config=configs, gateway=key.gateway, load=False
        )
        context.planning = watcher
        self._context = context

    def _configs(self) -> dict[Path, Config]:
        key = self.key
        try:
            configs = load_configs(
                key.config,
                EngineContext.CONFIG_TYPE,
                list(key.paths),
                dotenv_path=Path(key.dotenv) if key.dotenv else None,
            )
        except ConfigError as error:
            if (unknown := unknown_config(key.config, error)) is not None:
                raise unknown from error
            raise
        check_gateway(key.gateway, configs.values())
        return configs

    def release(self) -> None:
        """Closes the connections, so that others may open a DuckDB file; work opens them again.

        A database in memory is kept: closing it would lose it.
        """
        if self._context is None or self._in_memory():
            return
        with suppress(Exception):
            self._context.close()
        for adapter in self._context.engine_adapters.values():
            with suppress(Exception):
                adapter.close()

    @property
    def state_file(self) -> str | None:
        """The DuckDB file of the state, or None where the state is somewhere else."""
        config = self.context.config
        state = config.get_state_connection(self.key.gateway) or self.context.connection_config
        name = getattr(state, "database", None) if state.type_ == "duckdb" else None
        return str(name) if name and ":memory:" not in str(name) else None

    def _in_memory(self) -> bool:
        config = self.context.connection_config
        if config.type_ not in ("duckdb", "motherduck"):
            return False
        files_of = [getattr(config, "database", None), *_catalog_paths(config)]
        return not any(name and ":memory:" not in str(name) for name in files_of)


def _catalog_paths(config: object) -> list[object]:
    catalogs = getattr(config, "catalogs", None) or {}
    return [getattr(value, "path", value) for value in catalogs.values()]


def _names(changed: list[str]) -> str:
    first = os.path.basename(changed[0]) if changed else "the project"
    return f"{first} and {len(changed) - 1:,} more" if len(changed) > 1 else first


def _connections(configs: Iterable[Config], gateway: str | None) -> Iterator[dict[str, object]]:
    """What the configurations say of the connections of a gateway."""
    for config in configs:
        # Of several projects one may not know the gateway, which SQLMesh says when it matters.
        with suppress(ConfigError):
            yield config.get_gateway(gateway).model_dump(include=_OWN)
