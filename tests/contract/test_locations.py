from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from plan_tui.contract.locations import (
    ProjectKey,
    UnsafeDirectoryError,
    files_of,
    runtime_directory,
)

LONGEST_SOCKET_PATH = 107


@pytest.fixture(autouse=True)
def private_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def test_the_directory_is_made_for_this_user_alone(private_base: Path) -> None:
    directory = runtime_directory()
    assert directory == private_base / "plan-tui"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert runtime_directory() == directory


def test_without_a_runtime_directory_it_is_below_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert runtime_directory() == tmp_path / f"plan-tui-{os.getuid()}"


def test_a_directory_open_to_others_is_refused(private_base: Path) -> None:
    (private_base / "plan-tui").mkdir()
    (private_base / "plan-tui").chmod(0o755)
    with pytest.raises(UnsafeDirectoryError, match="mode 755"):
        runtime_directory()


def test_a_link_is_refused(private_base: Path) -> None:
    elsewhere = private_base / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (private_base / "plan-tui").symlink_to(elsewhere)
    with pytest.raises(UnsafeDirectoryError, match="not a directory of this user"):
        runtime_directory()


def test_another_users_directory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime_directory()
    uid = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: uid + 1)
    with pytest.raises(UnsafeDirectoryError, match="not a directory of this user"):
        runtime_directory()


def test_engine_and_client_find_the_same_files() -> None:
    key = ProjectKey.of(("/shop",), gateway="local")
    assert files_of(key) == files_of(ProjectKey(("/shop",), "local"))
    assert {path.suffix for path in vars(files_of(key)).values()} == {".sock", ".lock", ".log"}


def test_the_current_directory_is_the_project_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ProjectKey.of(()) == ProjectKey.of((".",)) == ProjectKey((str(tmp_path.resolve()),))


def test_whatever_makes_another_engine_makes_another_socket() -> None:
    keys = [
        ProjectKey(("/shop",)),
        ProjectKey(("/shop", "/other")),
        ProjectKey(("/other", "/shop")),
        ProjectKey(("/shop",), gateway="prod"),
        ProjectKey(("/shop",), config="prod"),
        ProjectKey.of(("/shop",), dotenv=".env"),
    ]
    assert len({key.digest for key in keys}) == len(keys)


def test_the_longest_usual_directory_leaves_room_for_a_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = files_of(ProjectKey(("/" + "very-long-directory-name/" * 20,))).socket.name
    usual = f"/run/user/4294967295/plan-tui/{name}"
    mac = f"/var/folders/{'x' * 2}/{'x' * 30}/T/plan-tui-4294967295/{name}"
    assert max(len(usual), len(mac)) <= LONGEST_SOCKET_PATH
