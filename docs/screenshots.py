"""Takes the pictures of the documentation from the real app on the real demo shop.

    python docs/screenshots.py

Writes ``docs/images/*.svg``. Takes a minute: the demo is deployed, planned and applied.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from plan_tui.client.api import SocketPort
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.plan import PlanRequest
from plan_tui.ui.app import PlanApp
from plan_tui.ui.preferences import Preferences

IMAGES = Path(__file__).parent / "images"
SIZE = (120, 36)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def take(project: Path) -> None:
    """Plans and applies the demo to ``dev`` and keeps what the app shows on the way."""
    port = SocketPort(ProjectKey.of((str(project),)), ephemeral=True)
    request = PlanRequest(environment="dev")
    app = PlanApp(port, review=request, preferences=Preferences.in_memory(), project="shop")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.engine_state.facts is not None)
        await until(pilot, lambda: "danger" in shown(app) and "about" in shown(app))
        await pilot.press(*"jjjjjjjjjjjj")
        await until(pilot, lambda: "Why it is here" in shown(app))
        await settled(pilot)
        keep(app, "review")
        await pilot.press("t")
        await until(pilot, lambda: "UTC · 1 cell" in shown(app))
        await pilot.press("o")
        await settled(pilot)
        keep(app, "timeline")
        await pilot.press("escape")
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "block" in shown(app))
        await settled(pilot)
        keep(app, "dangers")
        await pilot.press("g", "A")
        await until(pilot, lambda: "✓ allowed" in shown(app))
        await pilot.press("escape")
        await pilot.press("g", "N")
        await until(pilot, lambda: not uncategorized(app))
        # The confirmation takes the plan as it is: the choice must have arrived.
        await pilot.press("b")
        await until(pilot, lambda: "BREAKING" in app.engine_state.facts.chosen.values())  # type: ignore[union-attr]
        await settled(pilot)
        await pilot.press("a")
        await settled(pilot)
        keep(app, "confirm")
        await pilot.press("enter")
        await until(pilot, lambda: "product_pairs" in working(app))
        await settled(pilot)
        keep(app, "run")
        await until(pilot, lambda: app.engine_state.apply.outcome is not None)  # type: ignore[union-attr]
        await settled(pilot)
        keep(app, "applied")
    await port.stop()
    await port.close()


def shown(app: PlanApp) -> str:
    """What is on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def uncategorized(app: PlanApp) -> tuple[str, ...]:
    """The models that still need a category."""
    facts = app.engine_state.facts
    return ("?",) if facts is None else facts.uncategorized


def working(app: PlanApp) -> str:
    """The names of the models at work."""
    apply = app.engine_state.apply
    models = () if apply is None else apply.models.values()
    return " ".join(model.view_name for model in models if model.running and model.done > 1)


async def until(pilot: Pilot[int], true: Callable[[], bool], seconds: float = 180) -> None:
    """Waits for the engine."""
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await pilot.pause(0.05)
    except TimeoutError:
        sys.stderr.write(shown(pilot.app))
        raise


async def settled(pilot: Pilot[int]) -> None:
    """Lets look-ups come back and the clock of the screen tick."""
    await pilot.pause(1.5)


def keep(app: PlanApp, name: str) -> None:
    """Writes what the app shows; the picture asks no server for its font."""
    picture = _FONTS.sub("", app.export_screenshot(title="plan-tui"))
    (IMAGES / f"{name}.svg").write_text(picture)
    sys.stderr.write(f"{name}.svg\n")


def main() -> None:
    """Prepares the demo and takes the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory) / "shop"
        command = [sys.executable, "-m", "plan_tui", "demo", str(project), "--prepare-only"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        asyncio.run(take(project))


if __name__ == "__main__":
    main()
