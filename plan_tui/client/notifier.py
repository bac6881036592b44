"""The process that waits for the end of an apply and runs a command: see ``notify``."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import aclosing, suppress

from plan_tui.client.api import SocketPort
from plan_tui.client.errors import ClientError
from plan_tui.client.history import recorded_run
from plan_tui.client.launcher import find_engine
from plan_tui.client.notify import NotifyJob, claimed
from plan_tui.client.stream import follow
from plan_tui.contract.result import ApplyResult, recorded_result, result_of
from plan_tui.contract.state import EngineInfo, EngineState

PATIENCE = 600.0
"""Seconds that a command may take before it is ended."""
UNTOLD = 2
"""The exit code where nothing is known of the apply, so that there is nothing to tell."""
TIMED_OUT = 124


async def wait_for_result(job: NotifyJob) -> ApplyResult | None:
    """How an apply ended; None where neither engine nor journal know it."""
    last: EngineState | None = None
    with suppress(ClientError):
        engine = await find_engine(job.key)
        if engine is None:
            return await _recorded(job)
        port = SocketPort.to(engine, job.key)
        try:
            async with aclosing(follow(port)) as steps:
                async for state, _ in steps:
                    if state.apply is None or state.apply.run_id != job.run_id:
                        break
                    last = state
                    if state.apply.outcome is not None:
                        return _result(state, engine.info)
        finally:
            await port.close()
    # The engine is gone, or is at another apply already.
    return await _recorded(job) or (None if last is None else _result(last, None))


def _result(state: EngineState, info: EngineInfo | None) -> ApplyResult:
    known = state.info or info
    assert state.apply is not None
    if known is None:
        return result_of(state.apply, "", (), None)
    return result_of(state.apply, known.project, known.paths, known.gateway)


async def _recorded(job: NotifyJob) -> ApplyResult | None:
    with suppress(ClientError):
        return recorded_result(await recorded_run(job.key, job.run_id))
    return None


def run(command: str, result: ApplyResult, patience: float = PATIENCE) -> int:
    """Runs a command with the result on its standard input; returns its exit code."""
    # A group of its own, so that all that it started can be ended with it.
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, start_new_session=True)
    try:
        process.communicate(result.model_dump_json().encode() + b"\n", timeout=patience)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        sys.stderr.write(f"It was ended: it took longer than {patience:.0f} s.\n")
        return TIMED_OUT
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def main() -> int:
    """Runs until the command has ended; returns its exit code."""
    told = sys.stdin.buffer.read()
    if not told:
        return UNTOLD
    job = NotifyJob.model_validate_json(told)
    with claimed(job) as ours:
        if not ours:
            return 0
        result = asyncio.run(wait_for_result(job))
        return UNTOLD if result is None else run(job.command, result)


if __name__ == "__main__":
    sys.exit(main())
