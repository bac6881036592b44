"""``plan-tui status`` and ``plan-tui cancel``: neither starts an engine."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass

import click

from plan_tui.cli import EXIT_DONE, EXIT_FAILED, Settings
from plan_tui.client.api import SocketPort
from plan_tui.client.interrupted import interrupted_runs
from plan_tui.client.launcher import RunningEngine, find_engine
from plan_tui.commands.conversation import Conversation
from plan_tui.commands.doing import batches, current_stage, doing
from plan_tui.commands.presses import Presses, run_guarded
from plan_tui.commands.words import count, moment
from plan_tui.contract.interrupted_words import known_lines
from plan_tui.contract.meta import environment_of, plan_id_of
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import EngineState, SessionState
from plan_tui.contract.text import clean


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON document.")
@click.pass_obj
def status_command(settings: Settings, /, as_json: bool) -> int:
    """Say what this project's engine does, since when and how far it is."""
    standing = asyncio.run(_look(settings))
    if as_json:
        click.echo(json.dumps(standing.document()))
    else:
        for line in standing.lines():
            click.echo(clean(line))
    return EXIT_DONE


@click.command("cancel")
@click.option("--interrupt", is_flag=True, help="Stop running queries too, where possible.")
@click.pass_obj
def cancel_command(settings: Settings, /, interrupt: bool) -> int:
    """Cancel what this project's engine runs: running batches finish and none starts."""
    mode = CancelMode.INTERRUPT if interrupt else CancelMode.GRACEFUL
    return run_guarded(lambda presses: _cancel(settings, presses, mode))


@dataclass(frozen=True)
class Standing:
    """What an engine does, or that there is none."""

    engine: RunningEngine | None
    state: EngineState
    program: str
    """What a command that is shown begins with."""

    def document(self) -> dict[str, object]:
        """What ``status --json`` prints; the keys are the same when no engine is up."""
        stage = current_stage(self.state)
        applying = self.state.apply if self.state.state is SessionState.APPLYING else None
        done, total = batches(applying) if applying is not None else (None, None)
        info = self.engine.info if self.engine is not None else None
        cancel = self.state.cancel
        return {
            "engine_pid": info.pid if info is not None else None,
            "socket": str(self.engine.files.socket) if self.engine is not None else None,
            "state": self.state.state.value,
            "environment": environment_of(self.state),
            "plan_id": plan_id_of(self.state),
            "since": self.state.since if self.engine is not None else None,
            "project_state": info.project_state.value if info is not None else None,
            "stage": stage.name.value if stage is not None else None,
            "stage_done": stage.done if stage is not None else None,
            "stage_total": stage.total if stage is not None else None,
            "batches_done": done,
            "batches_total": total,
            "remaining": applying.remaining if applying is not None else None,
            "cancelling": cancel is not None and not cancel.meta.done,
            "log": info.log_path if info is not None else None,
            "interrupted": [run.model_dump(mode="json") for run in self.state.interrupted],
        }

    def lines(self) -> list[str]:
        """The same for people."""
        if self.engine is None:
            none = "No engine runs for this project; any command that needs one starts it."
            return [none, *self._interrupted_lines()]
        info, state = self.engine.info, self.state
        about = environment_of(state)
        of = f" {about}" if about else ""
        lines = [f"The engine (process {info.pid}) is {_WORDS[state.state]}{of}"]
        if state.since:
            lines[0] += f" since {moment(state.since)} UTC"
        if what := doing(state):
            lines.append(f"  {what}")
        if info.problem is not None:
            lines.append(f"  {info.problem.title}")
        if info.models is not None:
            names = [info.project, *(os.path.basename(path) for path in info.paths[1:])]
            word = "project" if len(names) == 1 else "projects"
            lines.append(f"  {word} {' and '.join(names)}, {count(info.models, 'model')}")
        return [*lines, f"  log: {info.log_path}", *self._interrupted_lines()]

    def _interrupted_lines(self) -> list[str]:
        lines: list[str] = []
        for run in self.state.interrupted:
            lines += known_lines(run)
            if run.is_resumable:
                lines.append(f"  {self.program} resume {run.environment} does only the rest")
        return lines


_WORDS = {
    SessionState.IDLE: "idle",
    SessionState.PLANNING: "planning",
    SessionState.REVIEW: "holding a plan for review of",
    SessionState.APPLYING: "applying",
}


async def _look(settings: Settings) -> Standing:
    engine = await find_engine(settings.key)
    if engine is None:
        left = EngineState(interrupted=await interrupted_runs(settings.key))
        return Standing(None, left, settings.program)
    port = SocketPort.to(engine, settings.key)
    try:
        return Standing(engine, await port.state(), settings.program)
    finally:
        await port.close()


async def _cancel(settings: Settings, presses: Presses, mode: CancelMode) -> int:
    engine = await find_engine(settings.key)
    if engine is None:
        click.echo("No engine runs for this project, so there is nothing to cancel.")
        return EXIT_DONE
    port = SocketPort.to(engine, settings.key)
    try:
        talk = Conversation(port, presses, lambda state, event: None, settings.program)
        async with talk.follow():
            at_work = talk.state.state in (SessionState.PLANNING, SessionState.APPLYING)
            cancel = await talk.cancel(mode)
    finally:
        await port.close()
    click.echo(clean(cancel.message))
    # Nothing to cancel is what was wished for; a run that can't be cancelled any more is not.
    return EXIT_FAILED if at_work and cancel.meta.status is StageStatus.FAIL else EXIT_DONE
