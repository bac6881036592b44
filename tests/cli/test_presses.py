"""What a headless command prints of asyncio's own troubles."""

from __future__ import annotations

import asyncio
import logging

import pytest

from plan_tui.commands.presses import Presses, run_guarded


def test_a_callback_that_comes_too_late_prints_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def command() -> int:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        done.set_result(None)
        loop.call_soon(done.set_result, None)
        await asyncio.sleep(0)
        return 7

    with caplog.at_level(logging.ERROR):
        assert run_guarded(lambda presses: command()) == 7
    assert capsys.readouterr() == ("", "")
    assert caplog.records == []


def test_other_troubles_are_told(caplog: pytest.LogCaptureFixture) -> None:
    async def command(presses: Presses) -> int:
        def fail() -> None:
            raise ValueError("a real mistake")

        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)
        return 0

    with caplog.at_level(logging.ERROR):
        assert run_guarded(command) == 0
    assert "a real mistake" in caplog.text
