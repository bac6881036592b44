"""The socket's place: nobody else's, nobody else gets in, and what is planted is refused."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.client.errors import EngineNotStarted
from plan_tui.client.places import private_files
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.engine.serving import _bind

NOBODY = 65_534
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
STRANGER = """
import os, socket, sys
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
def tried(what, act):
    try:
        act()
    except PermissionError:
        print(what, "refused")
    else:
        print(what, "done")
tried("list", lambda: os.listdir({directory!r}))
tried("connect", lambda: socket.socket(socket.AF_UNIX).connect({socket!r}))
tried("read", lambda: open({log!r}))
tried("plant", lambda: open({directory!r} + "/planted", "w"))
tried("remove", lambda: os.unlink({socket!r}))
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: Path) -> Path:
    """Stands for /tmp, where everybody may write: there is no ``XDG_RUNTIME_DIR``."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(runtime))
    runtime.chmod(0o1777)
    return runtime


@pytest.fixture
def key(tmp_path: Path) -> ProjectKey:
    return ProjectKey.of((str(tmp_path),))


@pytest.fixture
def listening(temporary: Path, key: ProjectKey) -> Iterator[EngineFiles]:
    """An engine's files, with its socket bound as an engine binds it."""
    files = private_files(key)
    files.log.touch()
    bound = _bind(files)
    yield files
    bound.close()


def refusal(key: ProjectKey) -> str:
    """What is said where the place can't be used; all of it, in one text."""
    with pytest.raises(EngineNotStarted) as raised:
        private_files(key)
    problem = raised.value.problem
    assert problem.hint
    return f"{problem.title} {problem.message}"


def test_without_a_runtime_directory_it_is_one_of_this_user_alone(
    temporary: Path, key: ProjectKey
) -> None:
    files = private_files(key)
    assert files.socket.parent == temporary / f"plan-tui-{os.getuid()}"
    assert files.socket.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("set_to", ["", "/nowhere/at/all"])
def test_a_runtime_directory_that_is_none_is_left_aside(
    temporary: Path, key: ProjectKey, monkeypatch: pytest.MonkeyPatch, set_to: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", set_to)
    assert private_files(key).socket.parent.parent == temporary


@AS_ROOT
def test_another_user_gets_nowhere_near_it(listening: EngineFiles) -> None:
    directory = str(listening.socket.parent)
    names = {"directory": directory, "socket": str(listening.socket), "log": str(listening.log)}
    code = STRANGER.format(nobody=NOBODY, **names)
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert done.stdout.split("\n")[:-1] == [
        f"{what} refused" for what in ("list", "connect", "read", "plant", "remove")
    ], done.stderr
    # Were the directory open, the socket's own mode would still keep strangers out.
    listening.socket.parent.chmod(0o755)
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert "connect refused" in done.stdout
    assert listening.socket.stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as ours:
        ours.connect(str(listening.socket))


@AS_ROOT
def test_a_directory_that_another_user_made_is_refused(temporary: Path, key: ProjectKey) -> None:
    planted = temporary / f"plan-tui-{os.getuid()}"
    planted.mkdir(mode=0o700)
    os.chown(planted, NOBODY, NOBODY)
    assert "not a directory of this user" in refusal(key)


def test_a_link_in_its_place_is_refused(temporary: Path, key: ProjectKey, tmp_path: Path) -> None:
    (temporary / f"plan-tui-{os.getuid()}").symlink_to(tmp_path)
    assert "not a directory of this user" in refusal(key)


def test_a_dangling_link_or_a_file_is_refused(temporary: Path, key: ProjectKey) -> None:
    place = temporary / f"plan-tui-{os.getuid()}"
    place.symlink_to(temporary / "nothing")
    assert str(place) in refusal(key)
    place.unlink()
    place.touch()
    assert str(place) in refusal(key)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755, 0o711])
def test_a_directory_that_others_can_enter_is_refused(
    temporary: Path, key: ProjectKey, mode: int
) -> None:
    place = temporary / f"plan-tui-{os.getuid()}"
    place.mkdir()
    place.chmod(mode)
    assert f"mode {mode:o}" in refusal(key)


def test_what_stands_in_the_sockets_place_is_refused(
    temporary: Path, key: ProjectKey, tmp_path: Path
) -> None:
    place = private_files(key).socket
    place.symlink_to(tmp_path / "elsewhere")
    assert "not a socket" in refusal(key)
    place.unlink()
    place.touch()
    assert "not a socket" in refusal(key)


@AS_ROOT
def test_a_socket_of_another_user_is_refused(listening: EngineFiles, key: ProjectKey) -> None:
    os.chown(listening.socket, NOBODY, NOBODY)
    assert "belongs to another user" in refusal(key)
