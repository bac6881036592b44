"""The unit tests of a model, and what was done to them since the branch left the main one.

SQLMesh keeps no version of a test in its state: only git can tell what one was before.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlmesh.core.dialect import normalize_model_name
from sqlmesh.utils import yaml

from plan_tui.contract.impact import SemanticChange, UnitTest, UnitTests
from plan_tui.engine.branch import Left, NoBranchError, left_at
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.tested_words import changes_of, tables_of
from plan_tui.engine.model_detail import shown_path

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.looking import Asked

logger = logging.getLogger(__name__)
FOLDER = "tests"
"""Where SQLMesh looks for unit tests in a project."""
_FILES_APART = "Rows that a test has in a file of their own (path) are not compared."
Bodies = dict[tuple[str, str], Any]
"""What tests hold, by the file's real path and the test's name."""


@dataclass
class _Before:
    """The tests of a project as they were."""

    against: str | None = None
    tests: Bodies = field(default_factory=dict)
    """Those of files that changed since."""
    same: frozenset[str] = frozenset()
    """The files that did not."""
    problem: str = ""
    unread: frozenset[str] = frozenset()
    """Files whose text of before can't be read."""


_KEPT: Kept[_Before] = Kept(8)
_FILES: Kept[dict[str, Any]] = Kept(256)


def unit_tests(asked: Asked) -> UnitTests | None:
    """The tests of the model that is asked about, or None where it has none and had none."""
    context, reference = asked.context, asked.params.get("ref", "")
    now = _now(context, asked.name)
    if not now and not any(os.path.isdir(os.path.join(root, FOLDER)) for root in _roots(asked)):
        return None
    plan_id = asked.built.plan.plan_id
    before = _KEPT.get((plan_id, reference), lambda: _before(asked, reference))
    old = {key: body for key, body in before.tests.items() if _is_of(context, asked.name, body)}
    if not now and not old:
        return None
    fresh = {
        key: body
        for key, body in now.items()
        if before.against and key[0] not in before.same | before.unread
    }
    changes: list[SemanticChange] = []
    for key in dict.fromkeys([*fresh, *old]):
        changes += changes_of(key[1], old.get(key), fresh.get(key))
    return UnitTests(
        tests=tuple(_told(asked, key, body) for key, body in now.items()),
        against=before.against,
        changes=tuple(changes),
        problem=before.problem or (_FILES_APART if any(map(_has_files, now.values())) else ""),
    )


def _has_files(body: Any) -> bool:
    """Whether rows of a test are in a file of their own."""
    if isinstance(body, dict):
        return "path" in body or any(map(_has_files, body.values()))
    return False


def _roots(asked: Asked) -> tuple[str, ...]:
    return asked.backend.project.key.paths


def _now(context: EngineContext, name: str) -> Bodies:
    """The tests as their files have them: SQLMesh writes full names into those that it ran."""
    paths = {
        os.path.realpath(test.path): test.path
        for test in list(context._model_test_metadata)
        if _is_of(context, name, test.body)
    }
    return {
        (real, test): body
        for real, path in paths.items()
        for test, body in _file(context, path).items()
        if _is_of(context, name, body)
    }


def _file(context: EngineContext, path: Any) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        with open(path, encoding="utf-8") as file:
            return _parsed(context, file.read())

    return _FILES.get((str(path), os.stat(path).st_mtime_ns), read)


def _parsed(context: EngineContext, text: str) -> dict[str, Any]:
    variables = dict(context.config.variables)
    return dict(yaml.load(text, raise_if_empty=False, variables=variables))


def _is_of(context: EngineContext, name: str, body: Any) -> bool:
    written = body.get("model") if isinstance(body, dict) else None
    if not written:
        return False
    catalog, dialect = context.default_catalog, context.default_dialect
    return normalize_model_name(str(written), default_catalog=catalog, dialect=dialect) == name


def _told(asked: Asked, key: tuple[str, str], body: Any) -> UnitTest:
    path, name = key
    return UnitTest(
        name=name,
        path=shown_path(path) or path,
        outcome=_outcome(asked),
        tables=tables_of(body),
    )


def _outcome(asked: Asked) -> str:
    """How the model's tests ended: SQLMesh builds no plan where one fails."""
    ran, options = asked.backend.validation.tests, asked.built.request.options
    diff = asked.built.plan.context_diff
    snapshot = diff.snapshots_by_name[asked.name]
    differs = asked.name in diff.modified_snapshots or snapshot.snapshot_id in diff.added
    if options.skip_tests or (options.test_changed_only and not differs) or not ran.run:
        return "not_run"
    return "skipped" if ran.skipped else "passed"


def _before(asked: Asked, reference: str) -> _Before:
    """What git knows of the tests of all roots of the project."""
    found = _Before()
    try:
        for root in _roots(asked):
            left = left_at(root, reference)
            found.against = left.against
            folder = os.path.join(root, FOLDER)
            changed = left.changed(folder)
            had = left.files(folder)
            found.same |= had - changed
            for path in sorted(had & changed):
                asked.check()
                _read(found, left, path, asked.context)
    except NoBranchError as error:
        found.against, found.problem = None, str(error)
    return found


def _read(found: _Before, left: Left, path: str, context: EngineContext) -> None:
    name = os.path.basename(path)
    if not (name.startswith("test") and name.endswith((".yaml", ".yml"))):
        return
    try:
        held = _parsed(context, left.text(path))
        found.tests |= {(path, str(test)): body for test, body in held.items()}
    except Exception as error:
        logger.info("No tests of %s as they were.", path, exc_info=error)
        found.unread |= {path}
        found.problem = f"{name} as it was at {left.against} can't be read."
