"""Who is called when an apply ends, how, and how often."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from plan_tui.client.announcing import Announcer, Notifier
from plan_tui.client.notify import NotifyJob, claimed
from plan_tui.client.terminal_notice import notice
from plan_tui.contract.result import result_of
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    ModelProgress,
    ModelStatus,
    RunOutcome,
    RunSummary,
    SessionState,
)

XTERM = {"TERM": "xterm-256color"}


def applying(run_id: str = "one", **changes: object) -> EngineState:
    models = {
        "a": ModelProgress(name="a", view_name="s.a", status=ModelStatus.DONE, done=2, total=2),
        "b": ModelProgress(name="b", view_name="s.b", status=ModelStatus.RUNNING, done=1, total=4),
    }
    apply = ApplyProgress(
        run_id=run_id, plan_id="p", environment="dev", started=1_000, models=models
    )
    return EngineState(state=SessionState.APPLYING, apply=apply.model_copy(update=dict(changes)))


def over(run_id: str = "one", outcome: RunOutcome = RunOutcome.SUCCEEDED) -> EngineState:
    summary = RunSummary(batches_done=6, batches_total=6, promoted=True)
    state = applying(run_id, outcome=outcome, ended=63_000, summary=summary)
    return state.model_copy(update={"state": SessionState.IDLE})


class Heard:
    """What an announcer wrote and started."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.started: list[str] = []

    def start(self, run_id: str) -> Notifier:
        self.started.append(run_id)
        return cast("Notifier", object())

    def announcer(self) -> Announcer:
        return Announcer(self.written.append, self.start, XTERM)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (XTERM, "\x1b]9;plan_tui: Applied.\x1b\\\a"),
        ({"TERM": "xterm-kitty"}, "\x1b]9;plan_tui: Applied.\x1b\\\a"),
        ({"TERM": "foot"}, "\x1b]777;notify;plan_tui;Applied.\x1b\\\a"),
        (
            {"TERM": "xterm-256color", "VTE_VERSION": "7600"},
            "\x1b]777;notify;plan_tui;Applied.\x1b\\\a",
        ),
        ({"TERM": "tmux-256color"}, "\a"),
        ({"TERM": "xterm-256color", "TMUX": "/tmp/tmux"}, "\a"),
        ({"TERM": "linux"}, "\a"),
        ({}, "\a"),
    ],
)
def test_each_terminal_gets_what_it_takes(environ: dict[str, str], expected: str) -> None:
    assert notice("Applied.", environ) == expected


@pytest.mark.parametrize("term", ["xterm", "foot"])
def test_a_notice_is_one_command_whatever_its_text_is(term: str) -> None:
    hostile = "dev\x1b]0;x\a\x9c;9;4;1\n\u202e" + "x" * 5_000
    written = notice(hostile, {"TERM": term})
    assert written.count("\x1b") == 2
    assert written.count("\a") == 1
    head = {"xterm": 1, "foot": 3}[term]
    assert written.count(";") == head
    assert len(written) < 300


def test_an_end_is_told_once() -> None:
    heard = Heard()
    announcer = heard.announcer()
    announcer.take(None, applying())
    announcer.take(applying(), applying())
    announcer.take(applying(), over())
    announcer.take(over(), over())
    assert heard.started == ["one"]
    assert heard.written == [
        "\x1b]9;plan_tui: Applied to dev, 6 of 6 batches done, in 1 min 02 s.\x1b\\\a"
    ]


def test_an_end_that_was_there_before_is_not_told() -> None:
    heard = Heard()
    heard.announcer().take(None, over())
    assert (heard.started, heard.written) == ([], [])


def test_an_apply_that_began_and_ended_between_two_looks_is_told() -> None:
    heard = Heard()
    announcer = heard.announcer()
    announcer.take(None, over())
    announcer.take(over(), over("two", RunOutcome.FAILED))
    assert heard.started == ["two"]
    assert "The apply to dev failed" in heard.written[0]


def test_a_lost_engine_is_told_and_so_is_the_end_that_comes_after_all() -> None:
    heard = Heard()
    announcer = heard.announcer()
    announcer.take(None, applying())
    announcer.lost(applying())
    assert "is unknown" in heard.written[0]
    announcer.take(None, applying())
    announcer.take(applying(), over())
    assert len(heard.written) == 2
    announcer.lost(over())
    assert len(heard.written) == 2


def test_an_unfinished_result_counts_what_is_known() -> None:
    apply = applying().apply
    assert apply is not None
    result = result_of(apply, "shop", ("/shop",), None)
    assert (result.outcome, result.ended, result.seconds) == ("unknown", None, None)
    assert (result.models.total, result.models.done, result.models.left) == (2, 1, 1)
    assert (result.batches.total, result.batches.done, result.batches.left) == (6, 3, 3)


def test_a_command_runs_once_for_an_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    job = NotifyJob(
        paths=("/shop",), gateway=None, config=None, dotenv=None, run_id="r", command="true"
    )
    with claimed(job) as first:
        with claimed(job) as second:
            assert not second
        with claimed(job.model_copy(update={"command": "false"})) as other:
            assert other
        assert first
    assert [path.name for path in (tmp_path / "plan-tui").iterdir()] == []
