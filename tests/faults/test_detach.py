"""Terminals close, apps are killed, laptops sleep: the apply goes on, and is seen again."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.projects import Gate, Project, gated_batches
from tests.integration.conftest import Open, home, open_app
from tests.integration.terminal import Terminal
from tests.mailbox import Mailbox

__all__ = ["home", "open_app"]

ATTACH_BOUND = 6.0
"""Seconds for a busy machine; what was measured on an idle one is in docs/reliability.md."""
TIMES = re.compile(r"\b\d+(m\d+s|\.?\d*s|ms)\b")
"""What moves on between two looks at a run."""


@pytest.fixture
def shop(tmp_path: Path, gate: Gate) -> Project:
    """A project of which every batch waits at the gate, never deployed."""
    return Project.make(tmp_path / "shop", {"models/gated.py": gated_batches(gate)})


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mail")
    yield mailbox
    mailbox.close()


def bells(terminal: Terminal) -> int:
    """How often a terminal rang: a BEL that ends another command makes no sound."""
    return re.sub(rb"\x1b\][^\a\x1b]*(\a|\x1b\\)", b"", terminal.written).count(b"\a")


def still(terminal: Terminal) -> str:
    """What a screen shows, without the times that move on by themselves."""
    return " ".join(TIMES.sub("", terminal.text).split())


def until_same(one: Terminal, other: Terminal) -> None:
    """Reads on until two screens show the same."""
    deadline = time.monotonic() + 30
    while still(one) != still(other):
        assert time.monotonic() < deadline, f"{one.text}\n{other.text}"
        assert one.read(0.2)
        assert other.read(0.2)


def test_an_apply_outlives_whatever_happens_to_its_terminals(
    open_app: Open, shop: Project, gate: Gate, mailbox: Mailbox
) -> None:
    notify = f"cat > '{mailbox.path}'"
    first = open_app("review", "dev", "--notify", notify)
    first.until("all categorized")
    first.press("a")
    first.until("Apply this plan to dev?")
    first.press("enter")
    gate.wait()
    first.until("shop__dev.gated")

    # The app is killed; the next one shows the run again.
    first.close()
    began = time.monotonic()
    second = open_app("--notify", notify)
    second.until("shop__dev.gated")
    took = time.monotonic() - began
    assert took < ATTACH_BOUND

    # The line drops: the kernel hangs up.
    assert os.WEXITSTATUS(second.hang_up()) == 128 + signal.SIGHUP

    # Two at once see the same.
    third, fourth = open_app(), open_app("--no-bell")
    for terminal in (third, fourth):
        terminal.until("0/3 batches")
    until_same(third, fourth)

    # One sleeps while it ends.
    third.signal(signal.SIGSTOP)
    gate.open()
    fourth.until("is up to date")
    third.signal(signal.SIGCONT)
    third.until("is up to date")
    until_same(third, fourth)
    assert "3/3" in still(third)

    # The terminal that wanted it rang once; the command ran once, though its apps are gone.
    notice = b"\x1b]9;plan_tui: Applied to dev, 3 of 3 batches done, in "
    assert third.written.count(notice) == 1
    assert bells(third) == 1
    assert (bells(fourth), fourth.written.count(b"\x1b]9;")) == (0, 0)
    result = json.loads(mailbox.wait())
    assert (result["outcome"], result["environment"]) == ("succeeded", "dev")
    assert result["batches"] == {"total": 3, "done": 3, "left": 0}
    assert result["plan_id"] == shop.plan_id("dev")
    assert mailbox.is_empty()
    assert shop.rows("SELECT COUNT(*) FROM shop__dev.gated") == [(3,)]
