"""Runs the measurements and prints a table: ``python -m tests.bench.run [MODELS]``."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from plan_tui.client.api import SocketPort
from plan_tui.contract.events import ApplyEnded, ApplyProgressed, PlanBuilt
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.looks import IMPACT
from plan_tui.contract.plan import PlanRequest
from tests.bench.big_project import edit_model, write_project
from tests.bench.commands import plan_tui, report, run, timed
from tests.bench.terminal import Terminal, python, share

BARE = (
    "from textual.app import App\nfrom textual.widgets import Label\n"
    "class Bare(App):\n    def compose(self):\n        yield Label('bare app')\n"
    "Bare().run()\n"
)
RUNS = 7
SETTLED = 3.0
"""Seconds of silence after which the engine has made every choice."""
BEFORE_CANCEL = 40
"""Batches that are done when it is cancelled."""


def first_paint(root: Path) -> None:
    """The command to the first paint, no engine running, beside a bare Textual app."""
    bare, ours = [], []
    for _ in range(RUNS):
        terminal = Terminal(python("-c", BARE), root)
        bare.append(terminal.wait_for("bare app"))
        terminal.close()
        run(plan_tui(root, "engine", "stop"), root)
        terminal = Terminal(plan_tui(root), root)
        ours.append(terminal.wait_for("Environments"))
        terminal.close()
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    report(
        "command to first paint, bare Textual app, ratio",
        f"{statistics.median(ours):.2f} s, {statistics.median(bare):.2f} s, {ratio:.2f}x",
    )


def edit_to_plan(root: Path) -> None:
    """One model edited: ``sqlmesh plan --explain`` beside a plan of the warm engine."""
    edit_model(root, 0)
    sqlmesh = str(Path(sys.executable).with_name("sqlmesh"))
    explain = [sqlmesh, "plan", "dev", "--explain", "--no-prompts"]
    cold = [timed(lambda: run(explain, root)) for _ in range(2)]
    run(plan_tui(root, "plan", "dev", "--json"), root)
    warm = []
    for index in range(1, 6):
        edit_model(root, index)
        warm.append(timed(lambda: run(plan_tui(root, "plan", "dev", "--json"), root)))
    best, median = min(cold), statistics.median(warm)
    report("sqlmesh plan --explain, one edit", f"{best:.1f} s")
    report("plan-tui plan --json, one edit, warm engine", f"{median:.2f} s, {best / median:.1f}x")


async def first_lists(root: Path) -> tuple[list[float], list[float]]:
    """Seconds from asking for a plan to the event that has its list of changes, for each edit.

    And the seconds from that event to what is known of the first change, asked for at once.
    """
    port = SocketPort(ProjectKey.of((str(root),)))
    await port.connect()
    seconds, looked = [], []
    for index in range(11, 16):
        edit_model(root, index)
        state = await port.state()
        start = time.perf_counter()
        await port.build_plan(PlanRequest(environment="dev"))
        async for event in port.events(state.seq):
            if isinstance(event, PlanBuilt):
                break
        shown = time.perf_counter()
        seconds.append(shown - start)
        await port.look(IMPACT, event.plan.changes.modified.direct[0].name)
        looked.append(time.perf_counter() - shown)
    await port.close()
    return seconds, looked


async def looks(root: Path) -> tuple[list[float], int]:
    """Seconds to what is known of a change, for each changed model, and how far one reaches."""
    port = SocketPort(ProjectKey.of((str(root),)))
    await port.connect()
    state = await port.state()
    assert state.plan is not None
    names = [change.name for change in state.plan.changes.modified.direct][:20]
    reached = 0
    seconds: list[float] = []
    for warm in (False, True):
        seconds = []
        for name in names:
            start = time.perf_counter()
            found = await port.look(IMPACT, name)
            seconds.append(time.perf_counter() - start)
            reached = max(reached, len(found.reach))
        middle, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
        how = "warm" if warm else "cold"
        report(
            f"reach and what-if of one change, {how}, over the socket",
            f"median {middle:.0f} ms, worst {worst:.0f} ms",
        )
    await port.close()
    return seconds, reached


def keys(terminal: Terminal, changed: int) -> None:
    """Moving through a list of changes, row by row."""
    found = terminal.time_key("j", 100)
    for what, times in (("painted row", found.painted), ("all of its answer", found.complete)):
        p50, p99 = share(times, 0.5), share(times, 0.99)
        report(f"key to {what}, {changed:,} changes", f"p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    median, mean = share(found.sizes, 0.5), statistics.mean(found.sizes)
    report("bytes of a key", f"median {median:,.0f}, mean {mean:,.0f}")


def attach_and_keys(root: Path) -> None:
    """Attaching to a reviewed plan of every model changed, and keys in its list."""
    for path in (root / "models").glob("l0.*.sql"):
        path.write_text(path.read_text().replace("10 AS amount", "11 AS amount"))
    document = json.loads(run(plan_tui(root, "plan", "dev", "--json"), root))
    modified = document["changes"]["modified"]
    changed = len(modified["direct"]) + len(modified["indirect"])
    attach = []
    for _ in range(3):
        terminal = Terminal(plan_tui(root), root)
        attach.append(terminal.wait_for("Directly modified"))
        terminal.settle()
        terminal.close()
    report(f"attach and show {changed:,} changes", f"{statistics.median(attach):.2f} s")
    _, reached = asyncio.run(looks(root))
    report("models below the change that reaches most", f"{reached:,}")
    terminal = Terminal(plan_tui(root), root)
    terminal.wait_for("Directly modified")
    terminal.settle()
    keys(terminal, changed)
    terminal.send("g")
    terminal.settle()
    toggles = [terminal.time_until_changed(key, -2) for key in "nbnbn"]
    report("category key to the new sums", f"{statistics.median(toggles):.0f} ms")
    terminal.settle(SETTLED)  # an apply is refused while a choice is on its way
    terminal.close()


async def cancel(root: Path) -> None:
    """A graceful cancel in the middle of an apply: to the last batch that starts and to its end."""
    port = SocketPort(ProjectKey.of((str(root),)))
    await port.connect()
    state = await port.state()
    assert state.facts is not None
    await port.apply_plan(state.facts.plan_id)
    asked, done, started = 0.0, 0, 0.0
    async for event in port.events(state.seq):
        if isinstance(event, ApplyProgressed):
            done += len(event.batches)
            starts = [(each.ended or 0) - (each.duration or 0) for each in event.batches]
            started = max(started, *starts, 0)
        if not asked and done >= BEFORE_CANCEL:
            asked = time.time() * 1_000
            await port.cancel()
        if isinstance(event, ApplyEnded):
            break
    ended = time.time() * 1_000
    await port.close()
    report("graceful cancel to the start of the last batch", f"{started - asked:.0f} ms")
    report("graceful cancel to the end of the apply", f"{ended - asked:.0f} ms")


def main() -> None:
    """Measures one after the other."""
    models = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory(prefix="plan-tui-bench-") as name:
        root = Path(name)
        write_project(root, models)
        first_paint(root)
        seconds = timed(lambda: run(plan_tui(root, "apply", "prod", "--yes"), root))
        report(f"plan-tui apply prod --yes, {models:,} models", f"{seconds:.1f} s")
        edit_to_plan(root)
        lists, looked = asyncio.run(first_lists(root))
        report("one edit, to the list of changes", f"{statistics.median(lists):.2f} s")
        middle, worst = statistics.median(looked) * 1000, max(looked) * 1000
        how = f"median {middle:.0f} ms, worst {worst:.0f} ms"
        report("a look at a change in the instant the list is there", how)
        attach_and_keys(root)
        asyncio.run(cancel(root))
        run(plan_tui(root, "engine", "stop"), root)


if __name__ == "__main__":
    main()
