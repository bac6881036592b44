"""What the plan may destroy, lose or leave half done, and where it is allowed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from plan_tui.contract.dangers import Danger, Dangers
from plan_tui.contract.looks import DANGERS
from plan_tui.contract.plan import AllowRequest, Names
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineState
from plan_tui.contract.text import clean
from plan_tui.ui import messages as ask
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_dangers import COMMANDS
from plan_tui.ui.screens import dangers_words as words
from plan_tui.ui.screens import review_words
from plan_tui.ui.screens.plan_page import PlanPage
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.titled_pane import TitledPane

NO_PLAN = "There is no plan any more. Go back with escape, and build one."
NONE = "Nothing was found that the plan would destroy, lose or leave half done."
SEARCHING = "Looking for dangers…"


class DangersScreen(PlanPage):
    """Each danger with what to do; those of tables can be allowed one by one."""

    CSS_PATH = "dangers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Dangers"

    def __init__(self, model: str) -> None:
        super().__init__()
        self._opened_at = model
        self._plan: object = None
        self._looked: tuple[Danger, ...] = ()
        self._searching = False
        self._dangers: tuple[Danger, ...] = ()
        self._ordered_plan = ""
        self._order: list[str] = []
        """Keys of what is listed, so that a second press of a key meets what the eye does."""
        self._opened: set[str] = set()
        self._sent: dict[str, Names] = {}
        """The lists that were sent and are not in the plan yet, so that quick presses add up."""

    def compose_body(self) -> Iterable[Widget]:
        with TitledPane(id="dangers-pane"):
            yield DetailView(id="dangers")
            yield Static(id="none", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()
        self._stand_on(self._opened_at)

    @property
    def _list(self) -> DetailView:
        return self.query_one("#dangers", DetailView)

    @property
    def _danger(self) -> Danger | None:
        """The danger under the cursor."""
        wanted = (self._list.cursor_key or "").rpartition("\n")[0]
        return next((each for each in self._dangers if words.key_of(each) == wanted), None)

    # The state

    def show_state(self, state: EngineState) -> None:
        if state.plan is self._plan and state.plan is not None:
            return
        self._plan, self._sent = state.plan, {}
        self._searching = state.plan is not None
        self._draw()
        if state.plan is not None:
            self.fetch(
                lambda: self.port.look(DANGERS),
                self._found,
                group="dangers",
                on_problem=lambda problem: self._found(None),
            )

    def _found(self, answer: Dangers | None) -> None:
        self._searching = False
        if answer is not None:
            self._looked = answer.dangers
        self._draw()

    def _draw(self) -> None:
        plan = self.plan_app.engine_state.plan
        first = not self._dangers
        self._dangers = self._ordered(plan)
        empty = NONE if plan is not None else NO_PLAN
        self.query_one("#none", Static).update(Content(SEARCHING if self._searching else empty))
        self.set_class(not self._dangers, "-none")
        dangers, opened = self._dangers, frozenset(self._opened)
        saved = review_words.saved_file(self.plan_app.engine_state) is not None
        self._list.show(
            lambda width: words.dangers_page(dangers, opened, width, saved=saved),
            from_top=first,
        )
        more = words.subtitle(dangers, self._searching)
        self.query_one(TitledPane).show_titles(words.title(dangers), more)
        self.refresh_commands()

    def _ordered(self, plan: PlanOverviewStageTracker | None) -> tuple[Danger, ...]:
        """The dangers of a plan; what is allowed stays where it is while the page is open."""
        if plan is None:
            return ()
        if plan.plan_id != self._ordered_plan:
            self._ordered_plan, self._order = plan.plan_id, []
        found = words.in_order(words.all_dangers(plan, self._looked), self._order)
        self._order = [words.key_of(each) for each in found]
        return found

    def _stand_on(self, model: str) -> None:
        """Stands on the first danger of a model."""
        for danger in self._dangers:
            if model and danger.model == model:
                self._list.move_to(f"{words.key_of(danger)}\n0")
                return

    # Commands

    def label_of(self, command: Command) -> str:
        danger, state = self._danger, self.plan_app.engine_state
        match command.id:
            case "dangers.allow" if danger is not None and danger.allowed:
                return "Take back"
            case "dangers.open" if danger is not None and words.key_of(danger) in self._opened:
                return "Close"
            case "dangers.apply":
                return review_words.apply_label(state, read_only=self.plan_app.read_only)
            case _:
                return command.label

    def why_not(self, command_id: str) -> str | None:
        state, danger = self.plan_app.engine_state, self._danger
        match command_id:
            case "dangers.allow":
                kept = review_words.unchanging(state, read_only=self.plan_app.read_only)
                if kept is not None:
                    return kept
                options = () if danger is None or danger.allow is None else self._allowed(danger)
                return words.allow_reason(danger, options)
            case "dangers.open":
                return None if danger is not None and danger.details else "There is no more to it."
            case "dangers.copy":
                return None if danger is not None else "No danger is under the cursor."
            case "dangers.apply":
                return review_words.apply_reason(state, read_only=self.plan_app.read_only)
            case _:
                return None

    @on(LineList.Highlighted, "#dangers")
    def _cursor_moved(self) -> None:
        self.refresh_commands()

    @on(LineList.Opened, "#dangers")
    def _line_opened(self) -> None:
        if self._danger is not None and self._danger.details:
            self.action_toggle_details()

    def action_toggle_details(self) -> None:
        """Shows or hides the details of the danger under the cursor."""
        if self._danger is not None:
            self._opened ^= {words.key_of(self._danger)}
            self._draw()

    def action_allow(self) -> None:
        """Allows what the danger under the cursor warns of, or takes that back."""
        danger = self._danger
        if danger is None or danger.allow is None:
            return
        allowed = self._allowed(danger)
        others = tuple(each for each in allowed if each != danger.option)
        wanted = others if danger.option in allowed else (*allowed, danger.option)
        self._sent[danger.allow] = wanted
        field = f"allow_{danger.allow}_models"
        self.post_message(ask.AllowChanges(AllowRequest.model_validate({field: wanted})))

    def _allowed(self, danger: Danger) -> Names:
        plan = self.plan_app.engine_state.plan
        if danger.allow in self._sent or plan is None:
            return self._sent.get(danger.allow or "", ())
        options = plan.plan_options
        if danger.allow == "destructive":
            return options.allow_destructive_models
        return options.allow_additive_models

    def action_copy(self) -> None:
        """Copies the danger under the cursor, with its statements."""
        danger = self._danger
        if danger is not None:
            text = "\n".join(clean(each) for each in (danger.message, danger.hint, *danger.details))
            self.post_message(ask.CopyText(text, "the danger"))

    def action_ask_apply(self) -> None:
        """Asks whether to apply the plan."""
        self.post_message(ask.AskApply())

    def action_back(self) -> None:
        """Goes back to the review."""
        self.dismiss()
