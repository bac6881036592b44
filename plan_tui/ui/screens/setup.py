"""The environments and the options of a plan."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from plan_tui.contract.options import Option
from plan_tui.contract.state import SessionState
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_setup import COMMANDS, TYPING
from plan_tui.ui.draft import Draft, Value, change, restored, stored, toggled
from plan_tui.ui.messages import BuildPlan, CancelRun, CopyText, ResumeRun
from plan_tui.ui.screens.setup_editing import FIND, SetupEditing
from plan_tui.ui.screens.setup_view import SetupView
from plan_tui.ui.widgets.environment_list import NEW, EnvironmentList
from plan_tui.ui.widgets.option_editor import OptionEditor

NO_ENVIRONMENT = "Choose an environment first, or type a new one with n."
NEED_AN_ENVIRONMENT = frozenset(
    f"setup.{name}" for name in ("build", "copy", "find", "reset", "pane", "right")
)


class SetupScreen(SetupView):
    """The environment picker beside the form of dates and options."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Setup"

    def __init__(self) -> None:
        super().__init__()
        self.editing = SetupEditing(self)

    # The draft

    def choose_environment(self, name: str | None) -> None:
        """Takes up the draft of an environment, the remembered one at first."""
        if name is None or name == self.draft.environment:
            return
        kept = self.kept_draft(name)
        self.set_draft(kept or restored(name, self.plan_app.preferences.values(name)))

    def set_draft(self, draft: Draft) -> None:
        """Takes a draft, and asks what the engine makes of it."""
        self.keep_draft(draft)
        self.lookups.read(draft)
        self.show_draft()

    def try_value(self, option: Option, value: Value | None, delay: float) -> None:
        """Shows what a value would be understood as while it is typed; nothing is set yet."""
        draft = self.draft.with_value(option.field, value)
        self.lookups.read(draft, delay)
        self.show_tried(draft)

    def set_value(self, option: Option, value: Value | None) -> None:
        """Sets an option, remembers it, and says what had to go with the old value."""
        draft, gone = change(self.draft, option, value)
        self.set_draft(draft)
        self._remember()
        if gone is not None:
            self.notify(gone, severity="warning", markup=False)

    def _remember(self) -> None:
        """Keeps the choices at once: who leaves without a plan finds them again too."""
        if self.draft.environment:
            self._edited.add(self.draft.environment)
            self.plan_app.preferences.keep(self.draft.environment, stored(self.draft))

    def edit(self, option: Option) -> None:
        """Toggles a flag, opens the editor for the rest, or says why it can't be set."""
        reason = self.form.blocked(option)
        if reason is not None:
            self.notify(reason, severity="warning", markup=False)
        elif option.kind == "flag":
            self.set_value(option, toggled(self.draft, option, self.lookups.defaults))
        else:
            self.editing.option(option)

    def open_row(self, key: str | None) -> None:
        """Goes on from a row of the picker: to its options, or to a new name."""
        if key == NEW:
            self.editing.new_environment()
        elif key is not None:
            self.action_show_pane("options")

    @on(EnvironmentList.Highlighted)
    def _environment_highlighted(self, event: EnvironmentList.Highlighted) -> None:
        if event.line_list is self.picker:
            self.choose_environment(self.picker.chosen)
            self.show_draft()
        elif not (self.editor.is_open and self.editor.field == FIND):
            self.explain()
            self.refresh_commands()

    @on(EnvironmentList.Opened)
    def _row_opened(self, event: EnvironmentList.Opened) -> None:
        if event.line_list is self.picker:
            self.open_row(event.key)
        elif self.form.option is not None:
            self.edit(self.form.option)

    @on(OptionEditor.Edited)
    def _text_edited(self, event: OptionEditor.Edited) -> None:
        if self.editor.is_open and self.editor.field == event.field:
            self.editing.edited(event.field, event.text)

    def on_resize(self) -> None:
        if self.editor.is_open:
            # What is typed stays; where its place is shows once all is laid out anew.
            self.call_after_refresh(self.editing.place_again)

    # Keys

    def why_not(self, command_id: str) -> str | None:
        if command_id in NEED_AN_ENVIRONMENT and self.is_on_new and not self.editor.is_open:
            return NO_ENVIRONMENT
        match command_id:
            case "setup.build":
                return self._why_no_plan()
            case "setup.copy":
                if not self.draft.environment:
                    return "Choose an environment first."
                return self.why_no_command
            case "setup.clear" | "setup.toggle" if self.form.option is None:
                return "Move to an option first."
            case _:
                return super().why_not(command_id)

    def _why_no_plan(self) -> str | None:
        if not self.draft.environment:
            return NO_ENVIRONMENT
        if self.plan_app.engine_state.state is SessionState.APPLYING:
            return "An apply runs: wait for its end, or cancel it (f3 shows it)."
        problem = self.lookups.readings.problem(self.draft)
        if problem is not None:
            option, words = problem
            return f"{option.label}: {words}"
        return None

    def is_offered(self, command_id: str) -> bool:
        if not self.is_mounted:
            return True
        typing, in_form = self.editor.is_open, self.focused is self.form
        if command_id == "typing.complete":
            return typing and self.editor.field not in {FIND, NEW}
        if command_id.startswith("typing."):
            return typing
        if typing:
            return command_id in TYPING or command_id in {"app.palette", "app.stop"}
        match command_id:
            case "setup.cancel":
                return self.plan_app.may_drop_plan
            case "setup.resume":
                return self.resumable is not None
            case "setup.toggle" | "setup.clear":
                return in_form
            case "setup.new" | "setup.reload":
                return not in_form
            case _:
                return True

    def action_cancel_plan(self) -> None:
        """Stops the plan that was asked for and has not begun."""
        self.post_message(CancelRun())

    def action_end_typing(self, how: str) -> None:
        """Takes, completes or gives up what is being typed."""
        ended = self.editor.key(how)
        if ended is not None:
            self.editing.ended(ended.field, ended.text, ended.step)

    def label_of(self, command: Command) -> str:
        if command.id == "typing.complete":
            return "Complete" if self.editor.can_complete else "Next"
        if command.id != "setup.edit":
            return command.label
        if self.focused is not self.form:
            return "Options"
        option = self.form.option
        return "Toggle" if option is not None and option.kind == "flag" else "Edit"

    def action_build(self) -> None:
        """Takes what is being typed, remembers the choices and asks for the plan."""
        self.choose_environment(self.picker.chosen)
        if self.editor.is_open:
            self.editing.ended(self.editor.field, self.editor.text, 0)
            reason = self.why_not("setup.build")
            if reason is not None:
                self.notify(reason, severity="warning", markup=False)
            if reason is not None or self.editor.is_open:
                return
        self.plan_app.preferences.remember(self.draft.environment, stored(self.draft))
        self.post_message(BuildPlan(self.draft.request))

    def action_resume(self) -> None:
        """Plans what is left of the interrupted apply."""
        if self.resumable is not None:
            self.post_message(ResumeRun(self.resumable))

    def action_edit(self) -> None:
        """Opens what the cursor is on."""
        if self.focused is self.picker:
            self.open_row(self.picker.cursor_key)
        elif (option := self.form.option) is not None:
            self.edit(option)

    def action_toggle_option(self) -> None:
        """Switches a flag; other options are edited."""
        if (option := self.form.option) is not None:
            self.edit(option)

    def action_clear(self) -> None:
        """Leaves the option to SQLMesh."""
        if (option := self.form.option) is not None:
            self.set_value(option, None)

    def action_reset(self) -> None:
        """Leaves every option to SQLMesh."""
        self.set_draft(Draft(self.draft.environment))
        self._remember()
        self.notify("Every option is left to SQLMesh.", timeout=2)

    def action_new(self) -> None:
        """Asks for a new environment's name."""
        self.action_show_pane("environments")
        self.editing.new_environment()

    def action_find(self) -> None:
        """Looks for an option."""
        self.editing.find()

    def action_reload(self) -> None:
        """Asks for the environments again."""
        self.lookups.reload()

    def action_copy(self) -> None:
        """Copies the command."""
        self.post_message(CopyText(self.command_text(), "the command"))

    def action_switch_pane(self) -> None:
        """Goes to the other pane."""
        self.action_show_pane("environments" if self.focused is self.form else "options")

    def action_show_pane(self, pane: str) -> None:
        """Goes to a pane, which takes the whole screen where that is narrow."""
        self.choose_environment(self.picker.chosen)
        self.set_class(pane == "options", "-in-options")
        # At once: the next key may have been typed ahead.
        self.set_focus(self.form if pane == "options" else self.picker)

    def action_back(self) -> None:
        """Goes back to the environments."""
        self.action_show_pane("environments")
