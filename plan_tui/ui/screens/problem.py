"""What went wrong, where, why, and what to do: one screen that suits each kind of problem."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.state import EngineState, ProjectState, SessionState
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_common import APP
from plan_tui.ui.formatting import interval
from plan_tui.ui.glyphs import FAILED
from plan_tui.ui.messages import CopyText, OpenReview, OpenSetup, ResumeRun, Retry
from plan_tui.ui.problem_words import as_text, look_of, steps, where
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.widgets.footer import CommandFooter

COMMANDS: tuple[Command, ...] = (
    Command("problem.retry", ("r", "ctrl+r"), "Retry", "Try again.", "Problem", "retry", footer=1),
    Command("problem.resume", ("u",), "Resume",
            "Find the engine, plan what is left of the apply, and ask whether to apply it.",
            "Problem", "resume", footer=3),
    Command("problem.back", ("escape",), "Back",
            "Close this, for the last plan where there is one, else for the options.",
            "Problem", "back", footer=2),
    Command("problem.copy", ("y",), "Copy", "Copy all of it.", "Problem", "copy", footer=5),
    Command("problem.down", ("down", "j"), "Down", "Scroll down.", "Move",
            "scroll(1)", palette=False),
    Command("problem.up", ("up", "k"), "Up", "Scroll up.", "Move", "scroll(-1)", palette=False),
    *APP,
)  # fmt: skip

FRAME = 4
"""Lines of the border, and of the keys with the line above them."""

UNMENDED = "This stays until it is mended: r tries again, q leaves."


class ProblemScreen(PlanDialog[None]):
    """A problem that needs somebody; the app goes on once it is mended."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Problem"

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem
        self.retrying = False

    def compose(self) -> ComposeResult:
        with Vertical(id="problem", classes="pane"):
            with VerticalScroll(id="told"):
                yield Static(id="words", markup=False)
            yield CommandFooter()

    def on_mount(self) -> None:
        self.show(self.problem)

    def on_resize(self, event: events.Resize) -> None:
        # The keys stay in sight: a text that is longer than the screen scrolls above them.
        self.query_one("#told").styles.max_height = max(3, event.size.height - FRAME)

    def show(self, problem: Problem) -> None:
        """Shows a problem, in place of the one before."""
        problem = problem.model_copy(update={"hint": self.in_full(problem.hint)})
        self.problem, self.retrying = problem, False
        self.query_one("#problem").border_title = f"{FAILED} {look_of(problem).heading}"
        tests = self.plan_app.engine_state
        self.query_one("#words", Static).update(problem_content(problem, tests))
        self.query_one("#told", VerticalScroll).scroll_home(animate=False)
        self.refresh_commands()

    def label_of(self, command: Command) -> str:
        if command.id == "problem.retry":
            return "Retrying…" if self.retrying else look_of(self.problem).retry
        if command.id == "problem.back" and self._is_over_a_review():
            return "Last review"
        return command.label

    def why_not(self, command_id: str) -> str | None:
        if command_id == "problem.retry" and self.retrying:
            return "It is being tried."
        if command_id == "problem.back" and self._is_standing():
            return UNMENDED
        return None

    def _is_standing(self) -> bool:
        """Whether there is nothing to go back to before this is mended."""
        info = self.plan_app.engine_state.info
        return self.plan_app.connection.lost and info is None

    def is_offered(self, command_id: str) -> bool:
        if command_id == "problem.resume":
            run = self.plan_app.engine_side.interrupted
            return self.plan_app.connection.lost and run is not None and run.is_resumable
        return True

    def action_resume(self) -> None:
        """Plans what is left of the apply whose engine was lost."""
        run = self.plan_app.engine_side.interrupted
        if run is not None:
            self.dismiss()
            self.app.post_message(ResumeRun(run))

    def action_retry(self) -> None:
        """Tries again."""
        self.retrying = True
        self.refresh_commands()
        self.post_message(Retry())

    def action_back(self) -> None:
        """Goes back to the last plan where there is one, else to the options."""
        self.dismiss()
        if self._is_over_a_review():
            self.app.post_message(OpenReview())
        elif not self._is_from_run():
            self.app.post_message(OpenSetup())

    def _is_over_a_review(self) -> bool:
        """Whether the last plan is still there to be read, though the project does not load."""
        state = self.plan_app.engine_state
        broken = state.info is not None and state.info.project_state is ProjectState.BROKEN
        return broken and state.plan is not None and state.state is SessionState.REVIEW

    def _is_from_run(self) -> bool:
        state = self.plan_app.engine_state
        broken = state.info is not None and state.info.project_state is ProjectState.BROKEN
        runs = state.plan is not None or state.state is SessionState.APPLYING
        return runs and not broken

    def action_copy(self) -> None:
        """Copies the problem as text."""
        self.post_message(CopyText(clean(as_text(self.problem), keep_newlines=True), "the problem"))

    def action_scroll(self, by: int) -> None:
        """Scrolls the text."""
        told = self.query_one("#told", VerticalScroll)
        told.scroll_relative(y=by, animate=False)


def problem_content(problem: Problem, state: EngineState) -> Content:
    """The whole text: what, where, why, what to do, and the SQL."""
    parts = [Content.styled(clean(problem.title), "bold")]
    if place := where(problem):
        parts.append(Content.styled(clean(place), "$text-accent bold"))
    about = [clean(problem.model)] if problem.model else []
    about += [interval(problem.interval)] if problem.interval else []
    if about:
        parts.append(Content("  ".join(about)))
    if problem.message:
        parts.append(Content(clean(problem.message, keep_newlines=True)))
    parts += _failed_tests(problem, state)
    if problem.nearest:
        parts.append(Content("Did you mean: " + ", ".join(map(clean, problem.nearest))))
    todo = [Content.assemble(("→ ", "$text-accent"), clean(step)) for step in steps(problem)]
    parts.append(Content("\n").join(todo))
    if problem.sql:
        parts.append(Content.styled(clean(problem.sql, keep_newlines=True), "$text-muted"))
    log_path = state.info.log_path if state.info is not None else None
    if log_path and not any(log_path in text for text in (problem.message, problem.hint)):
        parts.append(Content.styled(f"The engine's log: {clean(log_path)}", "$text-muted"))
    return Content("\n\n").join(parts)


def _failed_tests(problem: Problem, state: EngineState) -> list[Content]:
    """The tests that failed, where that is what stopped the plan."""
    if problem.code is not ProblemCode.FAILED_TESTS or state.tests is None:
        return []
    return [
        Content.assemble(
            (clean(failure.name), "bold"),
            (f"  {clean(failure.path)}\n", "$text-muted"),
            clean(failure.message, keep_newlines=True),
        )
        for failure in state.tests.failures
        if failure.message.strip() not in problem.message
    ]
