"""What the app does with each intent; only here is the engine told to do something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from plan_tui.ui import messages as ask
from plan_tui.ui.plan_asking import PATIENCE, PlanAsking
from plan_tui.ui.themes import other_theme

# See the app: what knows the engine's types is imported after the first paint.
if TYPE_CHECKING:
    from plan_tui.client.reducer import ClientState
    from plan_tui.contract.errors import Problem
    from plan_tui.contract.plan import PlanRequest
    from plan_tui.contract.state import EngineState
    from plan_tui.ui.engine_side import EngineSide
    from plan_tui.ui.preferences import Preferences
    from plan_tui.ui.routing import Place
    from plan_tui.ui.widgets.status_bar import Connection

CONNECTING = "connecting"
SENDING = "sending"
CANCELLING = "cancelling"


class Intents(PlanAsking, inherit_bindings=False):
    """The app's half that takes intents; the other one follows the engine."""

    preferences: Preferences
    read_only: bool
    last_request: PlanRequest | None
    retry: Callable[[], object] | None
    command_prefix: tuple[str, ...]
    git_ref: str = ""
    """What the branch is compared with; the main branch without it."""
    _resuming: PlanRequest | None = None
    """What asks for the rest of an interrupted apply, until that plan is built."""
    _attached: bool
    _lost_plan: str | None
    """The run of the plan that a lost engine had: built again unless it is still there."""

    @property
    def engine_side(self) -> EngineSide:
        """What is known of the engine."""
        raise NotImplementedError

    @property
    def engine_state(self) -> EngineState:
        """The last known state of the engine."""
        raise NotImplementedError

    @property
    def client_state(self) -> ClientState:
        """The client's state."""
        raise NotImplementedError

    @property
    def connection(self) -> Connection:
        """How the app and its engine stand."""
        raise NotImplementedError

    def go(self, place: Place) -> None:
        """Goes to a place."""
        raise NotImplementedError

    def follow(self) -> None:
        """Finds the engine and follows it."""
        raise NotImplementedError

    def show_problem(self, problem: Problem, retry: Callable[[], object] | None = None) -> None:
        """Shows a problem on a screen of its own."""
        raise NotImplementedError

    def close_problem(self) -> None:
        """Closes the problem's screen."""
        raise NotImplementedError

    def load_again_if_locked(self) -> bool:
        """Has a project read again that a locked file kept from loading; False if there is none."""
        raise NotImplementedError

    def close_locked(self) -> None:
        """Closes what was shown of a locked file, once it is free."""
        raise NotImplementedError

    def on_build_plan(self, message: ask.BuildPlan) -> None:
        self.last_request = request = self.own_plan.expect(message.request)
        if self.client_state.connection != "connected":
            self._to_build, self._attached = request, False
            if self.connection.lost:
                self.follow()
            self.notify("It is built as soon as the engine answers.")
            return
        self._send(partial(self.build, request))
        self.set_timer(PATIENCE, self.tell_awaited)

    def on_resume_run(self, message: ask.ResumeRun) -> None:
        self._resuming = message.run.request
        self.post_message(ask.BuildPlan(message.run.request))

    def ask_for_rest(self) -> None:
        """Asks whether to apply the rest of an interrupted apply, once its plan is built."""
        planning = self.engine_state.planning
        wanted = self._resuming
        if wanted is None or planning is None or planning.outcome is None:
            return
        if planning.request != wanted:
            return
        self._resuming = None
        facts = self.engine_state.facts
        if facts is not None and facts.refusal is None and not self.read_only:
            self.post_message(ask.AskApply())

    def on_refresh_plan(self) -> None:
        from plan_tui.ui import routing

        if self.current_mode == "review" and (own := self.own_plan.lost) is not None:
            self.post_message(ask.BuildPlan(own))
            return
        left = self.engine_side.unknown
        state = left or self.engine_state
        request = routing.request_again(state, self.last_request, after_apply=left is not None)
        if request is not None:
            self.post_message(ask.BuildPlan(routing.with_choices(request, state)))

    def on_choose_categories(self, message: ask.ChooseCategories) -> None:
        self._send(lambda: self.port.choose(message.categories))

    def on_allow_changes(self, message: ask.AllowChanges) -> None:
        self._send(lambda: self.port.allow(message.wanted))

    def on_ask_apply(self, message: ask.AskApply) -> None:
        if self.read_only:
            self.notify("This app was opened with --read-only.", severity="warning")
            return
        if (whose := self.own_plan.before_apply()) is not None:
            self.notify(whose, severity="warning", timeout=10)
            return
        from plan_tui.ui.screens.confirm import ConfirmScreen

        self.push_screen(ConfirmScreen(self.engine_state, message.unseen))

    def on_apply_plan(self, message: ask.ApplyPlan) -> None:
        if not self.read_only:
            self._send(lambda: self.port.apply_plan(message.plan_id))

    def on_cancel_run(self, message: ask.CancelRun) -> None:
        if self._to_build is not None:
            self._to_build = None
            self.notify("The plan is not built: the engine was not asked yet.")
            return
        self._send(lambda: self.port.cancel(message.mode), CANCELLING)

    def on_open_setup(self) -> None:
        info = self.engine_state.info
        if info is not None and info.saved is not None:
            self.notify("This is a saved plan, opened to be read. q leaves.")
        else:
            self.go("setup")

    def on_open_review(self) -> None:
        self.go("review")

    def on_open_run(self) -> None:
        self.go("run")

    def on_copy_text(self, message: ask.CopyText) -> None:
        from plan_tui.ui.copying import copied_text, why_not_copied

        text = copied_text(message.text)
        reason = why_not_copied(text, message.what)
        if reason is not None:
            self.notify(reason, severity="warning")
            return
        self.copy_to_clipboard(text)
        self.notify(f"Copied {message.what}.", timeout=2)

    def on_retry(self) -> None:
        from plan_tui.contract.state import ProjectState

        state = self.engine_state
        info = state.info
        if self.connection.lost:
            self.close_problem()
            self._keep_lost_plan()
            self.follow()
        elif self.retry is None and self.load_again_if_locked():
            pass
        elif state.plan is None and info and info.project_state is ProjectState.BROKEN:
            self.run_worker(self._restart(), group=CONNECTING, exclusive=True, exit_on_error=False)
        else:
            self.close_problem()
            (self.retry or self.on_refresh_plan)()

    def _keep_lost_plan(self) -> None:
        """Has the plan that a lost engine was at built by the next one, with its choices."""
        from plan_tui.contract.state import SessionState
        from plan_tui.ui import routing

        state = self.engine_state
        at_plan = state.state in (SessionState.PLANNING, SessionState.REVIEW)
        if at_plan and state.planning is not None and self._to_build is None:
            self._to_build = routing.with_choices(state.planning.request, state)
            self._lost_plan, self._attached = state.planning.run_id, False

    async def _restart(self) -> None:
        """Lets the engine go and starts another: a fresh look at project and warehouse."""
        from plan_tui.client.errors import ClientError

        with suppress(ClientError):
            await self.port.stop()
        self.close_problem()
        if self.last_request is not None:
            # The plan that the broken project was in the way of.
            self._to_build, self._attached = self.last_request, False
        self.follow()

    def on_leave_app(self) -> None:
        if self._is_busy():
            from plan_tui.ui.screens.leave import LeaveScreen

            self.push_screen(LeaveScreen(self.engine_state, self.command_prefix[1:]))
        else:
            self.exit(0)

    def _is_busy(self) -> bool:
        """Whether the engine is at something that goes on without the app."""
        from plan_tui.contract.state import SessionState

        state = self.engine_state
        # A plan that is on the screen is built: what is left of its run is two events.
        plans = state.state is SessionState.PLANNING and state.plan is None
        return (plans or state.state is SessionState.APPLYING) and not self.connection.lost

    def stop_or_leave(self) -> None:
        """Cancels a plan that is built, asks before an apply is cancelled; else leaves."""
        from plan_tui.contract.state import SessionState

        if not self._is_busy() and not self.awaits_plan:
            self.exit(0)
        elif self.engine_state.state is SessionState.APPLYING:
            self.go("run")
            # A place that was never opened has nothing to ask with yet.
            self.call_after_refresh(self._cancel_in_run)
        else:
            self.post_message(ask.CancelRun())
            self.notify("Cancelling.", timeout=2)

    def _cancel_in_run(self) -> None:
        from plan_tui.ui.screens.run import RunScreen

        if isinstance(self.screen, RunScreen):
            self.screen.action_cancel()

    def action_switch_theme(self) -> None:
        """Switches between the dark and the light theme, and remembers it."""
        self.theme = self.preferences.theme = other_theme(self.theme)

    def _send(self, command: Callable[[], Awaitable[None]], group: str = SENDING) -> None:
        """Tells the engine to do something; what comes of it is told by events."""
        from plan_tui.client.errors import ClientError
        from plan_tui.ui.problem_words import REBUILT

        async def run() -> None:
            try:
                await command()
            except ClientError as error:
                if error.problem.code == "cancelled":
                    self.call_later(self.notify, error.problem.title)
                    return
                old_plan = error.problem.code in REBUILT
                again = None if old_plan else partial(self._send, command, group)
                self.call_later(self.show_problem, error.problem, again)
            else:
                self.call_later(self.close_locked)

        self.run_worker(run(), group=group, exit_on_error=False)
