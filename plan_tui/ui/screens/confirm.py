"""The question before a plan is applied: what will happen, and where."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from plan_tui.contract.dangers import Dangers
from plan_tui.contract.impact import PlanEstimate
from plan_tui.contract.looks import DANGERS, ESTIMATE
from plan_tui.contract.state import EngineState
from plan_tui.contract.text import clean
from plan_tui.ui import messages as ask
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.estimate_words import long_estimate
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.screens.confirm_words import ROOM, facts_of, is_production
from plan_tui.ui.screens.dangers_words import all_dangers
from plan_tui.ui.screens.review_words import apply_reason
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.footer import CommandFooter

COMMANDS = (
    Command("confirm.apply", ("enter",), "Apply", "Apply exactly this plan.",
            "Apply", "apply", footer=1, priority=True),
    Command("confirm.back", ("escape",), "Back", "Go back to the plan; nothing is applied.",
            "Apply", "dismiss", footer=2, priority=True),
)  # fmt: skip
_LABEL = 13
FRAME = 4
"""Lines of the border and the footer."""
PROD_FRAME = 4
"""Lines of the question and of the field where prod's name is typed."""


class ConfirmScreen(PlanDialog[None]):
    """Says what the plan will do; for prod its name is typed."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Apply"

    def __init__(self, state: EngineState, unseen: tuple[str, ...] | None = None) -> None:
        """Makes the question.

        Args:
            state: What is to be applied.
            unseen: Names of the changes that nobody looked at; None where that is not known.
        """
        super().__init__()
        self._unseen = unseen
        self._asked = state
        self._typed = ""
        self._time = ""

    def compose(self) -> ComposeResult:
        plan = self._asked.plan
        name = "" if plan is None else clean(plan.environment)
        with Vertical(classes="dialog pane") as pane:
            pane.border_title = Content(f"Apply this plan to {name}?")
            with VerticalScroll(can_focus=False):
                yield Static(fact_lines(self._asked, unseen=self._unseen), id="facts", markup=False)
            if self._must_type:
                pane.add_class("-prod")
                yield Static(
                    Content.assemble("This is ", (name, "bold $text-error"), ". Type ",
                                     (name, "bold"), " to apply:"),
                    id="ask",
                )  # fmt: skip
                yield Input(id="name", compact=True)
            yield CommandFooter()

    def on_mount(self) -> None:
        # In a small terminal a notice of before would cover what is asked here.
        self.app.clear_notifications()
        if self._must_type:
            self.query_one(Input).focus()
        self.fetch(
            lambda: self.port.look(ESTIMATE),
            self._show_estimate,
            group="estimate",
            on_problem=lambda problem: self._show_time("not known"),
        )
        self.fetch(
            lambda: self.port.look(DANGERS),
            self._show_dangers,
            group="dangers",
            on_problem=lambda problem: None,
        )

    def _show_estimate(self, estimate: PlanEstimate) -> None:
        self._show_time(long_estimate(estimate))

    def _show_time(self, words: str) -> None:
        self._time = words
        self._draw_facts()

    def _show_dangers(self, found: Dangers) -> None:
        plan = self._asked.plan
        if plan is not None and plan.plan_id == found.plan_id:
            known = {"dangers": all_dangers(plan, found.dangers)}
            self._asked = self._asked.model_copy(update={"plan": plan.model_copy(update=known)})
            self._draw_facts()

    def _draw_facts(self) -> None:
        self.query_one("#facts", Static).update(fact_lines(self._asked, self._time, self._unseen))

    def on_resize(self, event: events.Resize) -> None:
        # The keys stay in sight: facts that need more room than there is scroll above them.
        frame = FRAME + (PROD_FRAME if self._must_type else 0)
        self.query_one(VerticalScroll).styles.max_height = max(3, event.size.height - frame)

    @property
    def _must_type(self) -> bool:
        return self._asked.plan is not None and is_production(self._asked.plan)

    def why_not(self, command_id: str) -> str | None:
        if command_id != "confirm.apply":
            return None
        now, asked = self.plan_app.engine_state, self._asked.plan
        reason = apply_reason(now, read_only=self.plan_app.read_only)
        if reason is not None:
            return reason
        if asked is None or now.plan is None or now.plan.plan_id != asked.plan_id:
            return "This is not the current plan any more: go back and look at the new one."
        if now.facts != self._asked.facts:
            return "The plan was revised since: go back and look at it."
        if self._must_type and self._typed.strip() != asked.environment:
            return f"Type {clean(asked.environment)} to apply."
        return None

    @on(Input.Changed, "#name")
    def _name_typed(self, message: Input.Changed) -> None:
        self._typed = message.value
        self.refresh_commands()

    def action_apply(self) -> None:
        """Applies the plan that was asked about."""
        if self._asked.plan is not None:
            self.plan_app.post_message(ask.ApplyPlan(self._asked.plan.plan_id))
        self.dismiss()


def fact_lines(
    state: EngineState, time: str = "", unseen: tuple[str, ...] | None = None
) -> Content:
    """The facts; words that need more lines go on below themselves."""
    lines = []
    for label, words, style in facts_of(state, time, unseen):
        for number, line in enumerate(wrap(words, ROOM)):
            lead = "" if number else label
            lines.append(Content.assemble((f"{lead:<{_LABEL}}", "$text-muted"), (line, style)))
    return Content("\n").join(lines)
