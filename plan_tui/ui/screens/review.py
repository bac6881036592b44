"""The review: what a plan changes, what it costs, and each model's category."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget

from plan_tui.contract.plan import Category
from plan_tui.contract.state import EngineState, SessionState, StageProgress
from plan_tui.ui import messages as ask
from plan_tui.ui.clock import now_of
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_review import CATEGORIES, COMMANDS, NEED_A_PLAN
from plan_tui.ui.screens import review_words as words
from plan_tui.ui.screens.review_body import ReviewBody
from plan_tui.ui.screens.review_detail import DetailPane
from plan_tui.ui.screens.review_meaning import MeantReview
from plan_tui.ui.screens.review_pages import review_page
from plan_tui.ui.widgets.category_selector import CategorySelector
from plan_tui.ui.widgets.change_list import ChangeList
from plan_tui.ui.widgets.change_rows import ChangeRow
from plan_tui.ui.widgets.line_list import LineList

TICK = 0.5


class ReviewScreen(MeantReview):
    """The change list, the detail of its row, and the sum of it all."""

    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(COMMANDS),
        Binding("right,l", "pane(1)", "To the detail", show=False),
        Binding("left,h", "pane(-1)", "To the list", show=False),
    ]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Review"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's own type

    REST: ClassVar[float] = 0.08
    """Seconds that the cursor rests on a row before its detail is drawn."""
    PATIENCE: ClassVar[float] = 0.2
    """Seconds that a model may take to come before the screen says that it waits."""

    def __init__(self) -> None:
        super().__init__()
        self._resting: Timer | None = None
        self._waiting: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield ReviewBody()

    def on_mount(self) -> None:
        self.body.changes.focus()
        self.set_interval(TICK, self._tick)

    @property
    def _state(self) -> EngineState:
        return self.plan_app.engine_state

    # The state

    def rail_title(self, state: EngineState) -> str:
        return words.rail_title(state)

    def rail_stages(self, state: EngineState) -> tuple[StageProgress, ...]:
        return words.rail_stages(state)

    def rail_note(self, state: EngineState) -> str:
        return words.rail_note(state)

    def show_state(self, state: EngineState) -> None:
        if self.body.show_state(state, now_of(self.app)):
            self._draw_row()
            self.fetch_estimate()
            self.fetch_dangers()
            self.fetch_reach()
            self.fetch_labels()
        if self.focused is None and state.plan is not None:
            self.body.changes.focus()

    def _tick(self) -> None:
        if self.is_current and self._state.plan is None:
            self.body.show_panel(self._state, now_of(self.app))

    def on_resize(self) -> None:
        self._draw_row()

    # The detail

    @on(LineList.Highlighted, "#changes")
    def _cursor_moved(self) -> None:
        self._resting = self._later(self._resting, self.REST, self._draw_row)

    def _later(self, timer: Timer | None, delay: float, action: Callable[[], None]) -> Timer | None:
        """Does something after a delay, in place of what an earlier timer would do."""
        if timer is not None:
            timer.stop()
        if delay:
            return self.set_timer(delay, action)
        action()
        return None

    def _draw_row(self) -> None:
        if not self._shows_detail:
            return
        row = self.body.show_row()
        self.fetch_impact()
        if row is None:
            return
        detail = self.body.detail
        self._waiting = self._later(self._waiting, self.PATIENCE, detail.show_waiting)
        self.fetch(
            lambda: self.port.model(row.key),
            lambda answer: detail.show_detail(row, answer),
            group="detail",
            on_problem=lambda problem: detail.show_problem(row, problem),
        )

    @property
    def _shows_detail(self) -> bool:
        return self.has_class("-wide") or self.body.has_class("-open")

    @on(LineList.Opened, "#changes")
    def _row_opened(self) -> None:
        self.action_pane(1)

    @on(DetailPane.Followed)
    def _line_followed(self, message: DetailPane.Followed) -> None:
        self.clear_filter()
        if self.body.changes.move_to(message.key):
            self._draw_row()

    @on(ChangeList.MarkRefused)
    def _mark_refused(self, message: ChangeList.MarkRefused) -> None:
        self.notify(words.choose_reason(message.row, self.body.locked) or "", severity="warning")

    @on(LineList.MarksChanged, "#changes")
    def _marks_changed(self) -> None:
        self.body.show_titles()

    # Commands

    def offered(self) -> list[Command]:
        """What footer and help show; keys of categories that nobody can choose only say why."""
        commands = super().offered()
        if self._state.plan is None or self.body.changes.changes.has_choices:
            return commands
        return [each for each in commands if each.group != CATEGORIES]

    def is_offered(self, command_id: str) -> bool:
        if command_id == "review.cancel":
            return self._state.state is SessionState.PLANNING
        if command_id in ("review.keep_filter", "review.clear_filter"):
            return self.body.filter_input.has_focus
        return self._state.plan is not None or command_id not in NEED_A_PLAN

    def label_of(self, command: Command) -> str:
        match command.id:
            case "review.apply":
                return words.apply_label(self._state, read_only=self.plan_app.read_only)
            case "review.refresh" if self._state.plan is None:
                return "Retry"
            case _:
                return command.label

    def why_not(self, command_id: str) -> str | None:
        match command_id:
            case "review.apply":
                return words.apply_reason(self._state, read_only=self.plan_app.read_only)
            case "review.breaking" | "review.non_breaking":
                return words.choose_reason(self._row, self.body.locked)
            case "review.all_breaking" | "review.all_non_breaking":
                return words.choose_all_reason(self.body.changes.choosable(), self.body.locked)
            case "review.next_open":
                facts = self._state.facts
                some = facts is not None and facts.uncategorized
                return None if some else "Every model has its category."
            case "review.refresh":
                return words.planning_reason(self._state)
            case _:
                return super().why_not(command_id)

    @property
    def _row(self) -> ChangeRow | None:
        return self.body.changes.cursor_row

    def action_choose(self, category: str) -> None:
        """Chooses the category of the cursor's model."""
        if self._row is not None:
            self._choose([self._row], Category(category))

    def action_choose_all(self, category: str) -> None:
        """Chooses the category of all marked models, or of all that are shown."""
        rows = self.body.changes.choosable()
        self._choose(rows, Category(category))

    @on(CategorySelector.Chosen)
    def _category_clicked(self, message: CategorySelector.Chosen) -> None:
        if self.why_not("review.breaking") is None:
            self.action_choose(message.category.value)

    def _choose(self, rows: list[ChangeRow], category: Category) -> None:
        self.body.show_choosing()
        self.post_message(ask.ChooseCategories({row.key: category for row in rows}))

    def action_next_open(self) -> None:
        """Goes to the next model without a category; a filter that hides it is cleared."""
        if not self.body.changes.next_open():
            self.clear_filter()
            self.body.changes.next_open()

    def action_unmark(self) -> None:
        """Takes every mark away."""
        self.body.changes.set_marks(())

    def action_next_view(self) -> None:
        """Goes round text diff, rendered diff and query."""
        self._open_detail()
        self.body.detail.next_view()

    def action_show_section(self, section: str) -> None:
        """Shows a section of the detail."""
        self._open_detail()
        self.body.detail.lines.go_to(section)

    def action_full(self) -> None:
        """Gives the detail the whole width, or takes it back."""
        self.body.toggle_class("-full")
        self._open_detail()

    def action_step(self, by: int) -> None:
        """Goes to the next row or the one before."""
        self.body.changes.action_move(by)

    def action_cancel_planning(self) -> None:
        """Stops building the plan."""
        self.post_message(ask.CancelRun())

    def action_refresh_plan(self) -> None:
        """Builds the plan again."""
        self.post_message(ask.RefreshPlan())

    async def action_open_page(self, name: str) -> None:
        """Opens a page of the review over it; a seed's rows are compared in the detail."""
        row = self._row
        if name == "data_diff" and row is not None and self.has_rows_to_compare:
            self._open_detail()
            self.compare_rows(row)
            return
        model = row.key if row is not None and row.is_model else ""
        self.app.push_screen(review_page(name, model))

    # Panes

    def action_pane(self, side: int) -> None:
        """Goes to the detail or back to the list."""
        if side > 0:
            self._open_detail()
            self.body.detail.lines.focus()
        else:
            self.close_detail()

    def _open_detail(self) -> None:
        if self.body.has_class("-open"):
            return
        self.body.add_class("-open")
        self._draw_row()
        if self.has_class("-narrow"):
            self.body.detail.lines.focus()

    def close_detail(self) -> bool:
        """Goes back to the list; False where one is there already."""
        away = self.body.detail.lines.has_focus or self.body.has_class("-full")
        self.body.remove_class("-open", "-full")
        self.body.changes.focus()
        return away

    def action_back(self) -> None:
        """Leaves the filter, then the detail, then the review."""
        if not self.close_detail() and not self.clear_filter():
            self.post_message(ask.OpenSetup())
