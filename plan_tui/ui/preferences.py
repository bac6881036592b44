"""What one session leaves for the next: theme, and choices per project and environment."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

KEPT_ENVIRONMENTS = 200
KEPT_CHANGES = 5_000


class Preferences:
    """A small JSON file; whatever is wrong with it, the app goes on without it."""

    def __init__(self, path: Path | None, project: str) -> None:
        """Reads the file.

        Args:
            path: The file, or None to remember nothing beyond this session.
            project: The digest of the project, gateway and configuration.
        """
        self._path = path
        self._project = project
        self._content = _read(path)

    @classmethod
    def in_memory(cls) -> Preferences:
        """Preferences that end with the session."""
        return cls(None, "")

    @classmethod
    def of_user(cls, project: str) -> Preferences:
        """This user's preferences for a project."""
        from platformdirs import user_state_path

        return cls(user_state_path("plan-tui", appauthor=False) / "preferences.json", project)

    @property
    def theme(self) -> str | None:
        """The theme chosen last."""
        value = self._content.get("theme")
        return value if value in ("plan-dark", "plan-light") else None

    @theme.setter
    def theme(self, name: str) -> None:
        self._write({"theme": name})

    @property
    def environment(self) -> str | None:
        """The environment that was last planned."""
        value = self._mine().get("environment")
        return value if isinstance(value, str) else None

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments as they were seen last, for the time before the engine answers."""
        names = self._mine().get("environments")
        return tuple(filter(_is_text, names)) if isinstance(names, list) else ()

    @environments.setter
    def environments(self, names: tuple[str, ...]) -> None:
        if names != self.environments:
            self._write_mine({"environments": list(names)})

    @property
    def seen_run(self) -> str | None:
        """The last apply whose end was shown."""
        value = self._mine().get("seen_run")
        return value if isinstance(value, str) else None

    @seen_run.setter
    def seen_run(self, run_id: str) -> None:
        if run_id != self.seen_run:
            self._write_mine({"seen_run": run_id})

    def values(self, environment: str) -> dict[str, object]:
        """The option values remembered for an environment, as they were stored."""
        choices = self._mine().get("choices")
        values = choices.get(environment) if isinstance(choices, dict) else None
        return dict(values) if isinstance(values, dict) else {}

    def remember(self, environment: str, values: dict[str, object]) -> None:
        """Keeps the choices for an environment, which is now the last one planned."""
        kept = self._with_choices(environment, values)
        self._write_mine({"environment": environment, "choices": kept})

    def keep(self, environment: str, values: dict[str, object]) -> None:
        """Keeps the choices for an environment that was not planned with them yet."""
        if values != self.values(environment):
            self._write_mine({"choices": self._with_choices(environment, values)})

    def seen(self, environment: str) -> frozenset[str]:
        """The changes of an environment's plans that were looked at."""
        seen = self._mine().get("seen")
        kept = seen.get(environment) if isinstance(seen, dict) else None
        return frozenset(filter(_is_text, kept)) if isinstance(kept, list) else frozenset()

    def mark_seen(self, environment: str, change: str, seen: bool) -> None:
        """Keeps that a change was looked at, or that it was not."""
        known = self._mine().get("seen")
        environments = dict(known) if isinstance(known, dict) else {}
        before = environments.pop(environment, None)
        kept = [each for each in before if each != change] if isinstance(before, list) else []
        environments[environment] = [*kept, change][-KEPT_CHANGES:] if seen else kept
        self._write_mine({"seen": dict(list(environments.items())[-KEPT_ENVIRONMENTS:])})

    def _with_choices(self, environment: str, values: dict[str, object]) -> dict[str, object]:
        choices = self._mine().get("choices")
        kept = dict(choices) if isinstance(choices, dict) else {}
        kept.pop(environment, None)
        kept[environment] = values
        return dict(list(kept.items())[-KEPT_ENVIRONMENTS:])

    def _mine(self) -> dict[str, Any]:
        projects = self._content.get("projects")
        mine = projects.get(self._project) if isinstance(projects, dict) else None
        return mine if isinstance(mine, dict) else {}

    def _write_mine(self, changed: dict[str, object]) -> None:
        if self._path is not None:
            self._content = _read(self._path) or self._content
        projects = self._content.get("projects")
        projects = dict(projects) if isinstance(projects, dict) else {}
        projects[self._project] = {**self._mine(), **changed}
        self._store({**self._content, "projects": projects})

    def _write(self, changed: dict[str, object]) -> None:
        self._store({**(_read(self._path) or self._content), **changed})

    def _store(self, content: dict[str, Any]) -> None:
        self._content = content
        if self._path is not None:
            with suppress(OSError):
                _replace(self._path, json.dumps(content, indent=1))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _replace(path: Path, text: str) -> None:
    """Writes the whole file or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".preferences-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise
