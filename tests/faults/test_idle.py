"""An engine that idles for a day, here in minutes, holds no more than in the morning."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from plan_tui.contract.state import RunOutcome
from tests.engine.conftest import shop, template
from tests.engine.projects import Project
from tests.faults.chatty import chatty_engine
from tests.soaking import long

__all__ = ["shop", "template"]

HASTE = 800.0
KEEP_ALIVES = 24
"""Each comes after five seconds: with the haste, that is more than a day of looks."""


@long
@pytest.mark.timeout(900)
def test_a_day_of_idling(shop: Project, runtime: Path) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    with chatty_engine(shop, runtime, HASTE) as engine, engine.listen() as ear:
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        held: list[tuple[float, int, float]] = []
        touching = threading.Event()

        def touch() -> None:
            # As if others wrote to the database: each time the engine opens it and looks again.
            while not touching.wait(0.05):
                os.utime(shop.database)

        thread = threading.Thread(target=touch)
        thread.start()
        try:
            while len(held) < KEEP_ALIVES:
                if ear.next() is None:
                    held.append((engine.megabytes, engine.descriptors, engine.seconds))
        finally:
            touching.set()
            thread.join()
        sys.stdout.write(f"MB, open files, processor seconds after each five seconds: {held}\n")
        quarter = KEEP_ALIVES // 4
        before, after = held[quarter : 2 * quarter], held[-quarter:]
        assert max(each[0] for each in after) < max(each[0] for each in before) + 5
        assert max(each[1] for each in after) <= max(each[1] for each in before) + 1
        assert engine.state.stale is None
