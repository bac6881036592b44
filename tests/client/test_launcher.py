from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pytest

from plan_tui.client import launcher
from plan_tui.client.errors import EngineNotStarted
from plan_tui.client.launcher import (
    ENGINE_COMMAND,
    RunningEngine,
    end_started,
    engine_pid,
    ensure_engine,
    find_engine,
)
from plan_tui.client.places import is_locked, wait_until_gone
from plan_tui.client.transport import Transport
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.locations import EngineFiles, ProjectKey, files_of

PROGRAM = Path(__file__).with_name("engine_process.py")
COMMAND = (sys.executable, str(PROGRAM))

Launch = Callable[..., Awaitable[RunningEngine]]


@pytest.fixture
def files(key: ProjectKey) -> EngineFiles:
    return files_of(key)


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STARTS", str(tmp_path / "starts"))
    return tmp_path / "starts"


@pytest.fixture
async def launch(key: ProjectKey, files: EngineFiles) -> AsyncIterator[Launch]:
    """Launches program engines, and ends them with the test."""

    async def ensure(**given: object) -> RunningEngine:
        return await ensure_engine(key, **{"command": COMMAND, "deadline": 20, **given})  # type: ignore[arg-type]

    yield ensure
    # A process that lost the race may still be on its way, and takes the lock that gets free.
    await asyncio.to_thread(wait_for_started)
    if is_locked(files.lock):
        await stop(files)


def wait_for_started() -> None:
    """Waits until all processes but the one with the lock have left."""
    while len([process for process in launcher._started if process.poll() is None]) > 1:
        time.sleep(0.01)


def wait_for_lock(files: EngineFiles) -> None:
    """Waits until an engine holds the lock."""
    while not is_locked(files.lock):
        time.sleep(0.01)


async def stop(files: EngineFiles) -> None:
    transport = Transport(files.socket)
    await transport.post(routes.STOP)
    await transport.close()
    assert await wait_until_gone(files, timeout=10)


async def test_an_engine_is_started_in_the_project(
    launch: Launch, key: ProjectKey, files: EngineFiles, starts: Path
) -> None:
    said: list[str] = []
    running = await launch(on_wait=said.append, grace=7.5, ephemeral=True)
    assert running.started_here
    assert running.files == files
    assert running.info.project == key.paths[0]
    assert said[0] == "starting the engine"
    [life] = starts.read_text().splitlines()
    assert life.startswith(f"{running.info.pid} ")
    assert life.endswith(f"--grace 7.5 --ephemeral {os.getpid()} --path {key.paths[0]}")


async def test_an_engine_that_runs_is_taken(launch: Launch, key: ProjectKey) -> None:
    assert await find_engine(key) is None
    assert await engine_pid(key) is None
    first, second = await launch(), await launch()
    assert first.info.pid == second.info.pid
    found = await find_engine(key)
    assert found is not None
    assert found.info.pid == first.info.pid == await engine_pid(key)


async def test_it_outlives_its_launcher(
    launch: Launch, key: ProjectKey, files: EngineFiles
) -> None:
    code = (
        "import asyncio; from plan_tui.client.launcher import ensure_engine\n"
        "from plan_tui.contract.locations import ProjectKey\n"
        f"key = ProjectKey.of(({key.paths[0]!r},))\n"
        f"print(asyncio.run(ensure_engine(key, command={COMMAND!r})).info.pid)"
    )
    other = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    running = await launch()
    assert int(other.stdout) == running.info.pid
    assert not running.started_here
    assert other.stderr == ""


async def test_many_launchers_get_one_engine(launch: Launch, starts: Path) -> None:
    running = await asyncio.gather(*(launch() for _ in range(6)))
    assert len({engine.info.pid for engine in running}) == 1
    assert len(starts.read_text().splitlines()) == 1


async def test_the_socket_of_a_dead_engine_is_replaced(launch: Launch, files: EngineFiles) -> None:
    first = await launch()
    os.kill(first.info.pid, signal.SIGKILL)
    assert await wait_until_gone(files, timeout=10)
    assert files.socket.exists()
    second = await launch()
    assert second.started_here
    assert second.info.pid != first.info.pid


async def test_a_launcher_waits_for_an_engine_that_just_leaves(
    launch: Launch, files: EngineFiles
) -> None:
    first = await launch()
    os.kill(first.info.pid, signal.SIGSTOP)
    transport = Transport(files.socket)
    stopping = asyncio.create_task(transport.post(routes.STOP))
    second = asyncio.create_task(launch())
    os.kill(first.info.pid, signal.SIGCONT)
    await stopping
    await transport.close()
    await second
    assert await wait_until_gone(files, timeout=0) is False


async def test_an_engine_that_ends_early_is_told_with_its_log(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXIT_CODE", "3")
    with pytest.raises(EngineNotStarted) as failed:
        await launch()
    assert failed.value.problem.code is ProblemCode.ENGINE_START
    assert "code 3" in failed.value.problem.message
    assert "no module named sqlmesh" in failed.value.problem.message


async def test_a_program_that_can_not_run_is_told(launch: Launch) -> None:
    with pytest.raises(EngineNotStarted, match="could not be started"):
        await launch(command=("/nowhere/python",))


async def test_an_engine_that_never_answers_is_given_up(
    launch: Launch, monkeypatch: pytest.MonkeyPatch, starts: Path, files: EngineFiles
) -> None:
    monkeypatch.setenv("NEVER_BIND", "1")
    with pytest.raises(EngineNotStarted, match="does not answer"):
        await launch(deadline=1)
    [life] = starts.read_text().splitlines()
    os.kill(int(life.split()[0]), signal.SIGKILL)
    assert await wait_until_gone(files, timeout=10)


async def test_an_engine_that_nobody_got_to_talk_to_is_ended(
    launch: Launch, files: EngineFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEVER_BIND", "1")
    launching = asyncio.ensure_future(launch())
    await asyncio.to_thread(wait_for_lock, files)
    launching.cancel()
    await asyncio.gather(launching, return_exceptions=True)
    await end_started(timeout=10)
    assert not is_locked(files.lock)


async def test_an_engine_of_another_protocol_is_told_to_leave(
    launch: Launch, monkeypatch: pytest.MonkeyPatch, key: ProjectKey
) -> None:
    monkeypatch.setenv("PROTOCOL", "999")
    old = await launch_of_another_protocol(key)
    monkeypatch.setenv("PROTOCOL", "1")
    said: list[str] = []
    new = await launch(on_wait=said.append)
    assert new.info.pid != old.pid
    await old.wait()
    assert said[0] == "an engine of another version is leaving"


async def test_an_engine_of_another_protocol_that_applies_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, key: ProjectKey
) -> None:
    monkeypatch.setenv("PROTOCOL", "999")
    monkeypatch.setenv("STATE", "applying")
    old = await launch_of_another_protocol(key)
    for attempt in (ensure_engine(key, command=COMMAND), find_engine(key)):
        with pytest.raises(EngineNotStarted, match="another version") as refused:
            await attempt
        assert str(old.pid) in refused.value.problem.message
    old.kill()
    await old.wait()


async def launch_of_another_protocol(key: ProjectKey) -> asyncio.subprocess.Process:
    """Starts an engine of which only the pid can be understood."""
    files = files_of(key)
    arguments = ["--socket", str(files.socket), "--lock", str(files.lock), "--log", str(files.log)]
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, "--path", ".", stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"serving\n"
    assert await engine_pid(key) == process.pid
    return process


def plant_link(files: EngineFiles) -> None:
    files.socket.symlink_to(files.socket.with_name("elsewhere"))


def plant_file(files: EngineFiles) -> None:
    files.socket.write_text("")


def open_directory(files: EngineFiles) -> None:
    files.socket.parent.chmod(0o755)


def link_directory(files: EngineFiles) -> None:
    directory = files.socket.parent
    directory.rename(directory.with_name("moved"))
    directory.symlink_to(directory.with_name("moved"))


@pytest.mark.parametrize("plant", [plant_link, plant_file, open_directory, link_directory])
async def test_a_place_that_may_be_planted_is_refused(
    launch: Launch, files: EngineFiles, starts: Path, plant: Callable[[EngineFiles], None]
) -> None:
    plant(files)
    with pytest.raises(EngineNotStarted, match="not safe"):
        await launch()
    assert not starts.exists()


async def test_a_link_in_place_of_the_log_is_not_written_through(
    launch: Launch, files: EngineFiles, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    files.log.symlink_to(victim)
    with pytest.raises(EngineNotStarted):
        await launch()
    assert victim.read_text() == "precious"


async def test_a_stranger_on_the_socket_is_told(launch: Launch, files: EngineFiles) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_unix_server(greet, str(files.socket)):
        with pytest.raises(EngineNotStarted, match="not an engine"):
            await launch()


async def test_a_path_that_no_socket_can_have_is_told(
    monkeypatch: pytest.MonkeyPatch, runtime: Path, key: ProjectKey
) -> None:
    deep = runtime / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with pytest.raises(EngineNotStarted, match="too long"):
        await ensure_engine(key, command=COMMAND)


async def test_a_missing_project_is_left_to_the_engine_to_tell(
    key: ProjectKey, starts: Path
) -> None:
    gone = replace(key, paths=(key.paths[0] + "/gone",))
    running = await ensure_engine(gone, command=COMMAND)
    assert running.info.paths == gone.paths
    await stop(running.files)


def test_modules_of_the_project_do_not_stand_for_others(tmp_path: Path) -> None:
    (tmp_path / "runpy.py").write_text("raise SystemExit('the project was imported')")
    (tmp_path / "argparse.py").write_text("raise SystemExit('the project was imported')")
    engine = subprocess.run(
        [*ENGINE_COMMAND, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "the project was imported" not in engine.stdout + engine.stderr


def test_a_socket_of_nobody_is_no_lock(files: EngineFiles) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(files.socket))
    assert not is_locked(files.lock)
