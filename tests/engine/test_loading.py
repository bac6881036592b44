"""Loading, where not even SQLMesh can be imported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import ProjectState
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.loading import Loading

from .hosting import files_in


def test_an_import_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plan_tui.engine.backend", None)
    log = EventLog()
    loading = Loading(ProjectKey.of((str(tmp_path),)), files_in(tmp_path), log)
    loading.load_safely()
    assert loading.imported.is_set()
    state = log.state
    assert state.loading is None
    assert state.info is not None
    assert state.info.project_state is ProjectState.BROKEN
    assert state.info.problem is not None
    assert "plan_tui.engine.backend" in state.info.problem.message
