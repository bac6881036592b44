"""A machine set up in an odd way: an apply is done all the same, and what is odd is said."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from pathlib import Path

import pexpect
import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.result import result_of
from plan_tui.contract.state import RunOutcome
from tests.engine.conftest import shop, template
from tests.engine.hosting import hosted
from tests.engine.projects import Project
from tests.integration.conftest import command, home
from tests.integration.terminal import Terminal
from tests.soaking import long

__all__ = ["home", "shop", "template"]

LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""No UTF-8."""
ODD = {
    **LOCALE,
    "TZ": "Europe/Berlin",
    "TERM": "dumb",
    "HOME": "/proc",
    **dict.fromkeys(("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), ""),
    "XDG_RUNTIME_DIR": "",
}
"""A time zone with daylight saving, a terminal that can do nothing, a home that not even root can
write to, and no directory for sockets."""
HOURS = """\
MODEL (
  name shop.hours,
  kind INCREMENTAL_BY_TIME_RANGE (time_column (hour, '%Y-%m-%d %H:%M:%S'), batch_size 24),
  cron '@hourly',
  start '2024-03-30',
  end '2024-04-01'
);
SELECT h::TIMESTAMP AS hour
FROM GENERATE_SERIES(@start_ts::TIMESTAMP, @end_ts::TIMESTAMP, INTERVAL 1 HOUR) AS hours(h)
WHERE h BETWEEN @start_ts AND @end_ts
"""
"""Every hour of three days: the clocks of Berlin leave one out on the second of them."""


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


def test_a_plan_is_printed_and_applied_in_odd_surroundings(
    shop: Project, home: dict[str, str]
) -> None:
    shop.edit("models/stores.sql", "'north'", "'sουth'")
    shop.write("models/hours.sql", HOURS)
    odd = {**home, **ODD, "TMPDIR": home["HOME"]}
    try:
        done = run(shop, odd, "apply", "dev", "--yes")
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        assert "warning: The history may miss something of this run" in done.stdout
        assert shop.rows("SELECT name FROM shop__dev.stores") == [("sουth",)]
        hours = "SELECT COUNT(*), COUNT(DISTINCT hour), MIN(hour)::TEXT, MAX(hour)::TEXT"
        assert shop.rows(f"{hours} FROM shop__dev.hours") == [
            (72, 72, "2024-03-30 00:00:00", "2024-04-01 23:00:00")
        ]
        done = run(shop, odd, "plan", "dev2")
        assert done.returncode == 0, done.stderr
        assert "shop__dev2.stores" in done.stdout
        assert "\x1b" not in done.stdout
        (directory,) = Path(home["HOME"]).glob("plan-tui-*")
        assert directory.stat().st_mode & 0o777 == 0o700
        app = shlex.join(command(shop))
        said, code = pexpect.run(app, env={**os.environ, **odd}, withexitstatus=True)
        assert code == 3
        assert b"TERM" in said
        assert b"\x1b" not in said
    finally:
        run(shop, odd, "engine", "stop")


@long
def test_the_app_is_drawn_in_a_locale_without_utf_8(shop: Project, home: dict[str, str]) -> None:
    shop.edit("models/stores.sql", "'north'", "'sουth'")
    terminal = Terminal(command(shop, "review", "dev"), {**home, **LOCALE}, Path.cwd())
    try:
        terminal.until("shop__dev.stores")
        terminal.until("s??th")
        assert "\\u" not in terminal.text
        assert terminal.text.isascii()
        terminal.press("q")
        assert terminal.wait() == 0
    finally:
        terminal.close()
        run(shop, home, "engine", "stop")


def test_a_clock_that_goes_back(
    shop: Project, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, now_ns, behind = time.time, time.time_ns, 0
    monkeypatch.setattr(time, "time", lambda: now() - behind)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() - behind * 1_000_000_000)
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    with hosted(shop, runtime) as engine:
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        with engine.listen() as ear:
            engine.start_apply()
            ear.until(ev.ApplyStarted)
            behind = 3_600
            applied = engine.ended(ear)
        assert applied.outcome is RunOutcome.SUCCEEDED
        apply = applied.apply
        assert all((batch.duration or 0) >= 0 for batch in apply.batches)
        seconds = result_of(apply, "shop", (), None).seconds
        assert seconds is not None
        assert seconds >= 0
        # The plan after it finds nothing left to do.
        assert engine.plan().plan.backfills.models == ()
