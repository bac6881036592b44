"""Choices are remembered, and whatever is wrong with their file the app goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from plan_tui.ui.preferences import Preferences


def test_choices_are_kept_per_project_and_environment(tmp_path: Path) -> None:
    path = tmp_path / "state" / "preferences.json"
    Preferences(path, "a").remember("dev", {"start": "1 week ago"})
    Preferences(path, "b").remember("dev", {"run": True})
    Preferences(path, "a").remember("prod", {})
    again = Preferences(path, "a")
    assert again.values("dev") == {"start": "1 week ago"}
    assert again.values("prod") == {}
    assert again.environment == "prod"
    assert Preferences(path, "b").values("dev") == {"run": True}
    assert Preferences(path, "c").environment is None


def test_two_sessions_do_not_undo_each_other(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    one, other = Preferences(path, "a"), Preferences(path, "b")
    one.theme = "plan-light"
    other.remember("dev", {"run": True})
    one.environments = ("prod", "dev")
    again = Preferences(path, "b")
    assert again.theme == "plan-light"
    assert again.values("dev") == {"run": True}
    assert Preferences(path, "a").environments == ("prod", "dev")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"projects": 1}', '{"projects": {"a": []}}', '{"theme": 3}', "\x00"],
)
def test_a_broken_file_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(text)
    preferences = Preferences(path, "a")
    assert preferences.theme is None
    assert preferences.environment is None
    assert preferences.values("dev") == {}
    preferences.remember("dev", {"run": True})
    assert json.loads(path.read_text())["projects"]["a"]["environment"] == "dev"


def test_a_place_that_can_not_be_written_is_tolerated(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    preferences = Preferences(blocked / "preferences.json", "a")
    preferences.remember("dev", {"run": True})
    assert preferences.values("dev") == {"run": True}


def test_no_half_written_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "preferences.json"
    Preferences(path, "a").theme = "plan-dark"

    def refuse(source: str, target: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", refuse)
    Preferences(path, "a").theme = "plan-light"
    assert [each.name for each in tmp_path.iterdir()] == ["preferences.json"]
    assert Preferences(path, "a").theme == "plan-dark"
