"""Records what a real engine tells while the demo shop is planned and applied.

    python -m ui.record    (with tests/ on the module path, in the project's environment)

Writes ``recordings/*.jsonl``: the state in the first line, then one event a line, as they came.
Only what belongs to the machine is replaced: paths and the process id.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from plan_tui.client.api import SocketPort
from plan_tui.contract.events import Event, EventAdapter
from plan_tui.contract.fold import fold
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.plan import CancelMode, Category, PlanOptions, PlanRequest
from plan_tui.contract.state import EngineState, StageName

RECORDINGS = Path(__file__).parent / "recordings"

OPEN_CHOICES = {
    "marts.customer_segments": Category.BREAKING,
    "marts.sales_forecast": Category.NON_BREAKING,
    "raw.payment_methods": Category.NON_BREAKING,
}
REQUEST = PlanRequest(
    environment="dev",
    plan_options=PlanOptions(allow_destructive_models=("marts.returns",)),
    categories=OPEN_CHOICES,
)

Reaction = Callable[[EngineState], CancelMode | None]
"""What is cancelled, and how, once the state looks like that."""


class Recording:
    """One run, from an engine that has loaded its project to the end of the apply."""

    def __init__(self, project: Path, reaction: Reaction) -> None:
        self._port = SocketPort(ProjectKey.of((str(project),)), ephemeral=True)
        self._reaction = reaction
        self._project = project
        self.lines: list[str] = []

    async def run(self) -> None:
        """Plans, applies, and keeps what the engine tells."""
        await self._port.connect()
        await self._port.environments()
        state = await self._port.state()
        self.lines.append(self._told(state))
        await self._port.build_plan(REQUEST)
        applying = False
        async for event in self._port.events(state.seq):
            self.lines.append(self._told(event))
            state = fold(state, event)
            if not applying and state.plan is not None and state.planning is not None:
                if state.planning.outcome is not None:
                    applying = True
                    await self._port.apply_plan(state.plan.plan_id)
            elif state.apply is not None and state.apply.outcome is not None:
                break
            elif (mode := self._reaction(state)) is not None:
                await self._port.cancel(mode)
        await self._port.stop()
        await self._port.close()

    def _told(self, wire: Event | EngineState) -> str:
        kept = wire.model_dump(mode="json", exclude_defaults=True)
        if not isinstance(wire, EngineState):
            kept["kind"] = wire.kind
        info = kept.get("info")
        if info:
            info.update(paths=["/home/ada/shop"], pid=4711)
            info["log_path"] = "/run/user/1000/plan-tui/0123456789abcdef.log"
        text = json.dumps(kept, separators=(",", ":"))
        return text.replace(str(self._project), "/home/ada/shop")


def load(name: str) -> tuple[EngineState, list[Event]]:
    """A recording: the state it starts from, and the events after it."""
    first, *rest = (RECORDINGS / f"{name}.jsonl").read_text().splitlines()
    return (
        EngineState.model_validate_json(first),
        [EventAdapter.validate_json(line) for line in rest],
    )


def never(state: EngineState) -> CancelMode | None:
    """Cancels nothing."""
    return None


def in_the_middle() -> Reaction:
    """Cancels gracefully in the middle of the backfill, and interrupts what then runs."""
    pressed: list[CancelMode] = []

    def react(state: EngineState) -> CancelMode | None:
        apply = state.apply
        if apply is None:
            return None
        backfill = [stage for stage in apply.stages if stage.name is StageName.BACKFILL]
        if not backfill or backfill[0].done < 30 or len(pressed) == 2:
            return None
        if pressed and state.cancel is None:
            return None
        mode = CancelMode.INTERRUPT if pressed else CancelMode.GRACEFUL
        pressed.append(mode)
        return mode

    return react


def break_traffic(project: Path) -> None:
    """Lets one interval of ``marts.store_traffic`` fail in the warehouse, and one audit."""
    model = project / "models" / "marts" / "store_traffic.sql"
    broken = (
        "(CASE WHEN doors.counted_on = '2026-03-10'::DATE THEN 'closed' "
        "ELSE doors.visitors::TEXT END)::INT AS visitors,"
    )
    model.write_text(model.read_text().replace("  doors.visitors,\n", f"  {broken}\n"))


def untouched(project: Path) -> None:
    """Leaves the demo as it is."""


RUNS: dict[str, tuple[Callable[[Path], None], Callable[[], Reaction]]] = {
    "applied": (untouched, lambda: never),
    "failed": (break_traffic, lambda: never),
    "cancelled": (untouched, in_the_middle),
}


def main() -> None:
    """Records every run on a copy of the demo of its own."""
    RECORDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        demo = Path(directory) / "shop"
        command = [sys.executable, "-m", "plan_tui", "demo", str(demo), "--prepare-only"]
        subprocess.run(command, check=True)
        for name, (change, reaction) in RUNS.items():
            project = Path(directory) / name / "shop"
            shutil.copytree(demo, project)
            change(project)
            recording = Recording(project, reaction())
            asyncio.run(recording.run())
            path = RECORDINGS / f"{name}.jsonl"
            path.write_text("\n".join(recording.lines) + "\n")
            sys.stderr.write(f"{path.name}: {len(recording.lines)} lines\n")


if __name__ == "__main__":
    main()
