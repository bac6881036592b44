"""A password of a connection is nowhere to be seen, whatever goes wrong with it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from plan_tui.contract import routes
from tests.engine.projects import Project
from tests.engine.talking import ALIVE, Engine, messages
from tests.faults.postgres import PostgresServer
from tests.faults.test_failures import with_role
from tests.integration.conftest import command, home
from tests.integration.terminal import Terminal

__all__ = ["home"]

PASSWORD = "tr0ub4dor/and@three"
PART = "tr0ub4dor"
"""What none of its spellings is without."""
SECRET = """\
import os

from sqlglot import exp
from sqlmesh import macro


@macro()
def secret(evaluator):
    return exp.Literal.string(os.environ.get("WAREHOUSE_PASSWORD", "none"))
"""
FAILS = """\
import logging
import os
import subprocess
from urllib.parse import quote

from sqlmesh import model


@model("shop.fails", kind="FULL", columns={"x": "int"})
def execute(context, start, end, execution_time, **kwargs):
    password = os.environ["WAREHOUSE_PASSWORD"]
    print("connecting with", password)
    logging.getLogger("shop").warning("connecting with %s", password)
    os.write(1, f"past Python with {password}\\n".encode())
    subprocess.run(["sh", "-c", 'echo "a child with $WAREHOUSE_PASSWORD" >&2'], check=True)
    address = f"postgresql://ann:{quote(password, safe='')}@lake:5432/shop"
    raise ValueError(f"no answer from {address}, nor with {password}, {password!r}")
"""
BROKEN = "MODEL (name shop.broken, kind FULL);\nSELECT 1 / 0 AS x, @secret()::TEXT AS password\n"
FILES = {"macros/secret.py": SECRET, "models/fails.py": FAILS, "models/broken.sql": BROKEN}


@pytest.fixture
def shop(postgres: PostgresServer, root: Path) -> Project:
    """A project that reads the password of its role from a file, and tells it where it can."""
    shop = postgres.project(root, FILES)
    with_role(postgres, shop)
    shop.edit("config.yaml", "a-secret-of-the-tests", "{{ env_var('WAREHOUSE_PASSWORD') }}")
    shop.write("secrets.env", f"WAREHOUSE_PASSWORD={PASSWORD}\n")
    return shop


def arguments(shop: Project, *rest: str) -> list[str]:
    return command(shop, "--dotenv", str(shop.root / "secrets.env"), *rest)


def commands_running() -> bytes:
    """What ``ps`` shows to everybody."""
    found = b""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += entry.read_bytes()
        except OSError:
            continue
    return found


def told_by(socket: Path) -> str:
    """All that the engine tells its clients."""
    engine = Engine(socket)
    try:
        state = engine.get(routes.STATE)
        last = state.json()["seq"]
        with engine.http.stream("GET", routes.EVENTS, params={"after": 0}) as response:
            told = [state.text]
            for message in messages(response):
                if message.topic != ALIVE:
                    told.append(message.data)
                    if message.id == str(last):
                        return "\n".join(told)
        raise AssertionError("the stream ended")
    finally:
        engine.close()


@pytest.mark.timeout(240)
def test_a_password_is_seen_nowhere(
    shop: Project, postgres: PostgresServer, home: dict[str, str], tmp_path: Path
) -> None:
    seen: dict[str, str] = {}

    def run(*rest: str, code: int) -> str:
        done = subprocess.run(
            arguments(shop, *rest),
            env={**os.environ, **home},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        seen[" ".join(rest)] = done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        # The server asks for another one.
        assert "does not let us in" in run("--debug", "plan", "dev", code=1)
        run("plan", "dev", "--json", code=1)
        postgres.execute(f"ALTER ROLE ann PASSWORD '{PASSWORD}'")
        # It lets ann in, and models fail with it in their errors.
        assert "shop__dev.fails" in run("plan", "dev", code=0)
        saved = tmp_path / "plan.json"
        run("plan", "dev", "--out", str(saved), code=0)
        seen["saved"] = saved.read_text()
        assert "no answer from" in run("--debug", "apply", "dev", "--yes", code=1)
        assert "no answer from" in run("apply", "dev", "--yes", "--json", code=1)
        newest = json.loads(run("history", "--json", code=0))["runs"][0]["run_id"]
        assert "no answer from" in run("history", newest, code=0)
        assert "no answer from" in run("history", newest, "--json", code=0)
        for rest in (("history",), ("status",), ("status", "--json")):
            run(*rest, code=0)
        (socket,) = Path(home["XDG_RUNTIME_DIR"]).glob("plan-tui/*.sock")
        seen["events"] = told_by(socket)
        assert "no answer from" in seen["events"]
        seen["screen"] = on_the_screen(shop, home)
        seen["ps"] = commands_running().decode(errors="replace")
        for file in Path(home["HOME"]).rglob("*"):
            if file.is_file():
                seen[file.name] = file.read_bytes().decode(errors="replace")
        assert any("no answer from" in text for name, text in seen.items() if ".log" in name)
        assert any("no answer from" in text for name, text in seen.items() if "journal" in name)
        for words in ("connecting with ***", "past Python with ***", "a child with ***"):
            assert any(words in text for name, text in seen.items() if ".log" in name), words
    finally:
        run("engine", "stop", code=0)
    found = {name: text.index(PART) for name, text in seen.items() if PART in text}
    assert {name: seen[name][max(0, at - 200) : at + 50] for name, at in found.items()} == {}


def on_the_screen(shop: Project, home: dict[str, str]) -> str:
    """What the app writes while it applies, and shows what failed and the log."""
    terminal = Terminal(arguments(shop, "review", "dev"), home, Path.cwd())
    try:
        terminal.until("a Apply")
        terminal.press("a")
        terminal.until("Apply this plan")
        terminal.press("enter")
        terminal.until("2 failed")
        terminal.press("enter")
        terminal.until("What to do")
        terminal.press("escape")
        terminal.until(lambda text: "What to do" not in text)
        terminal.press("\x1b[15~")
        terminal.until("no answer from")
        return terminal.written.decode(errors="replace")
    finally:
        terminal.close()
