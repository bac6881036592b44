"""How soon an interrupt ends a query that would never end by itself, on DuckDB."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from plan_tui.client.api import SocketPort
from plan_tui.contract.events import ApplyEnded, ApplyProgressed, PlanningEnded
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.plan import CancelMode, PlanRequest
from tests.bench.commands import plan_tui, report, run

CONFIG = """\
gateways: {local: {connection: {type: duckdb, database: %s}}}
model_defaults: {dialect: duckdb, start: '2026-11-01'}
disable_anonymized_analytics: true
"""
ENDLESS = (
    "MODEL (name bench.endless, kind FULL); SELECT SUM(SQRT(a.range * b.range * c.range)) AS n"
    " FROM RANGE(1000000) AS a CROSS JOIN RANGE(5000) AS b CROSS JOIN RANGE(5000) AS c"
)


async def interrupts(root: Path, rounds: int) -> list[float]:
    """Milliseconds from asking for an interrupt to the event that ends the apply."""
    port = SocketPort(ProjectKey.of((str(root),)))
    await port.connect()
    taken = []
    for _ in range(rounds):
        state = await port.state()
        await port.build_plan(PlanRequest(environment="dev"))
        asked = 0.0
        async for event in port.events(state.seq):
            if isinstance(event, PlanningEnded):
                facts = (await port.state()).facts
                assert facts is not None
                await port.apply_plan(facts.plan_id)
            if isinstance(event, ApplyProgressed) and not asked and event.models[0].running:
                asked = time.perf_counter()
                await port.cancel(CancelMode.INTERRUPT)
            if isinstance(event, ApplyEnded):
                taken.append((time.perf_counter() - asked) * 1_000)
                break
    await port.close()
    return taken


def main() -> None:
    """Measures a number of rounds, each a plan and an apply of its own."""
    with tempfile.TemporaryDirectory(prefix="plan-tui-bench-") as name:
        root = Path(name)
        (root / "models").mkdir()
        (root / "config.yaml").write_text(CONFIG % (root / "lake.duckdb"))
        (root / "models" / "endless.sql").write_text(ENDLESS)
        run(plan_tui(root, "plan", "dev"), root)
        taken = asyncio.run(interrupts(root, int(sys.argv[1]) if len(sys.argv) > 1 else 20))
        middle, worst = statistics.median(taken), max(taken)
        report("interrupt to the end of the apply", f"median {middle:.0f} ms, worst {worst:.0f} ms")
        run(plan_tui(root, "engine", "stop"), root)


if __name__ == "__main__":
    main()
