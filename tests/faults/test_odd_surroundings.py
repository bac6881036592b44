"""A warehouse that refuses, and a machine set up in an odd way: what the user sees and what not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.engine.conftest import shop, template
from tests.engine.projects import Project
from tests.integration.conftest import command, home

__all__ = ["home", "shop", "template"]

ODD = {
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "TZ": "America/Sao_Paulo",
    "TERM": "dumb",
}
"""A locale without UTF-8, a time zone with daylight saving, a terminal that can do nothing."""
PASSWORD = "tr0ub4dor-and-three"
CONFIG = """\
gateways:
  warehouse:
    connection:
      type: postgres
      host: 127.0.0.1
      port: 1
      user: ann
      password: {password}
      database: shop
default_gateway: warehouse
disable_anonymized_analytics: true
model_defaults:
  dialect: postgres
"""


def run(
    project: Project, variables: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(project, *arguments),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def written_below(root: Path) -> bytes:
    """Every byte of logs, journal and preferences."""
    return b"".join(file.read_bytes() for file in root.rglob("*") if file.is_file())


def commands_running() -> bytes:
    """What ``ps`` shows to everybody."""
    found = b""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += entry.read_bytes()
        except OSError:
            continue
    return found


def test_a_password_is_nowhere_when_the_warehouse_refuses(
    tmp_path: Path, home: dict[str, str]
) -> None:
    files = {"models/one.sql": "MODEL (name shop.one); SELECT 1::INT AS x"}
    project = Project.make(tmp_path / "shop", files)
    project.write("config.yaml", CONFIG.format(password=PASSWORD))
    try:
        said = [run(project, home, "--debug", "plan", "dev"), run(project, home, "history")]
        said += [
            run(project, home, "status", "--json"),
            run(project, home, "plan", "dev", "--json"),
        ]
        assert said[0].returncode != 0
        assert "127.0.0.1" in said[0].stderr
        assert PASSWORD not in "".join(each.stdout + each.stderr for each in said)
        assert PASSWORD.encode() not in commands_running()
        assert PASSWORD.encode() not in written_below(Path(home["HOME"]))
    finally:
        run(project, home, "engine", "stop")


def test_a_plan_is_printed_and_applied_in_odd_surroundings(
    shop: Project, home: dict[str, str]
) -> None:
    shop.edit("models/stores.sql", "'north'", "'sουth'")
    odd = {**home, **ODD}
    try:
        done = run(shop, odd, "plan", "dev")
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
        assert "shop__dev.stores" in done.stdout
        assert "\x1b" not in done.stdout
        done = run(shop, odd, "apply", "dev", "--yes")
        assert done.returncode == 0, done.stderr
        assert shop.rows("SELECT name FROM shop__dev.stores") == [("sουth",)]
    finally:
        run(shop, odd, "engine", "stop")
