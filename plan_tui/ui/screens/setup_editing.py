"""Editing in the set-up: values in their place, a new environment's name, the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from plan_tui.contract.environment_names import sanitize
from plan_tui.contract.options import OPTION_BY_FIELD, Option
from plan_tui.contract.text import clean
from plan_tui.ui.environment_words import new_name_words
from plan_tui.ui.readings import parsed
from plan_tui.ui.screens.setup_lookups import TYPING_PAUSE
from plan_tui.ui.selectors import join_names
from plan_tui.ui.widgets.environment_list import NEW
from plan_tui.ui.widgets.options_form import VALUE_AT, VALUE_CELLS

if TYPE_CHECKING:
    from plan_tui.ui.screens.setup import SetupScreen

FIND = "/find"
PLACEHOLDERS = {"date": "1 week ago, 2024-01-01", "names": "model, tag:x, +model+", "count": "1"}


class SetupEditing:
    """What opens the editor, and what its text becomes."""

    def __init__(self, screen: SetupScreen) -> None:
        self._screen = screen

    # Opening

    def option(self, option: Option) -> None:
        """Opens the editor over an option's value."""
        screen = self._screen
        value = screen.draft.values.get(option.field)
        text = join_names(value) if isinstance(value, tuple) else str(value or "")
        known = (*screen.picker.real_names,) if option.field == "create_from" else ()
        words = screen.lookups.words(option, known)
        self._place_value(option)
        screen.editor.open(option.field, text, words, PLACEHOLDERS.get(option.kind, ""))

    def new_environment(self) -> None:
        """Opens the editor over the picker's last row."""
        screen = self._screen
        screen.picker.move_to(NEW)
        self._place_name()
        screen.editor.open(NEW, "", (), "name of a new environment")
        self.edited(NEW, "")

    def find(self) -> None:
        """Opens the search over the explanation."""
        screen = self._screen
        screen.action_show_pane("options")
        screen.editor.open(FIND, "", (), "letters of the option's name, flag or help")
        self.edited(FIND, "")
        # In a narrow terminal the pane has no place on the screen before it is laid out.
        screen.call_after_refresh(self._place_search)

    def place_again(self) -> None:
        """Puts the open editor where its value is by now."""
        editor = self._screen.editor
        if not editor.is_open:
            return
        match editor.field:
            case field if field == NEW:
                self._place_name()
            case field if field == FIND:
                self._place_search()
            case field:
                self._screen.form.move_to(field)
                self._place_value(OPTION_BY_FIELD[field])

    def _place_value(self, option: Option) -> None:
        form = self._screen.form
        wide = form.size.width - VALUE_AT
        row = form.row_of(option.field) or 0
        self._place(form, VALUE_AT, row, wide if option.kind == "names" else VALUE_CELLS)

    def _place_name(self) -> None:
        picker = self._screen.picker
        row = list(picker.keys).index(NEW) - picker.scroll_offset.y
        self._place(picker, 1, row, picker.size.width - 2)

    def _place_search(self) -> None:
        explain = self._screen.query_one("#explain", Static)
        self._place(explain, 0, 1, max(20, explain.size.width - 2))

    def _place(self, over: Widget, x: int, y: int, width: int) -> None:
        region = over.content_region
        editor = self._screen.editor
        editor.styles.offset = (region.x + x, region.y + y)
        editor.styles.width = min(width, self._screen.size.width - region.x - x - 1)

    # What is typed

    def edited(self, field: str, text: str) -> None:
        """Follows the text while it is typed."""
        screen = self._screen
        if field == NEW:
            _, words = new_name_words(text, screen.picker.names)
            screen.query_one("#about", Static).update(words)
            screen.query_one("#command", Static).update(screen.command_content())
            screen.explain()
        elif field == FIND:
            found = screen.form.find(text)
            screen.show_explanation(f"{found} of {len(OPTION_BY_FIELD)} options have these letters")
        else:
            option = OPTION_BY_FIELD[field]
            value, problem = parsed(option, text)
            if problem is None:
                screen.try_value(option, value, TYPING_PAUSE)
            else:
                screen.show_explanation(problem)

    def ended(self, field: str, text: str | None, step: int) -> None:
        """Takes the text, or leaves everything as it was when it is None."""
        screen = self._screen
        if field == NEW:
            self._new_ended(text)
        elif field == FIND:
            key = screen.form.cursor_key
            screen.form.find("")
            if text is not None and key is not None:
                screen.form.move_to(key)
            self._close("options")
        else:
            self._value_ended(OPTION_BY_FIELD[field], text, step)

    def _new_ended(self, text: str | None) -> None:
        screen = self._screen
        name = (text or "").strip()
        if not name:
            self._close("environments")
            screen.show_draft()
            return
        ok, words = new_name_words(name, screen.picker.names)
        if not ok:
            # SQLMesh's own form of the name takes its place; enter again takes that.
            screen.editor.replace(sanitize(name))
            screen.query_one("#about", Static).update(f"{words} Enter takes that.")
            return
        screen.picker.add(name)
        screen.choose_environment(name)
        self._close("options")

    def _value_ended(self, option: Option, text: str | None, step: int) -> None:
        screen = self._screen
        if text is None:
            screen.keep_draft()
            self._close("options")
            screen.show_draft()
            return
        value, problem = parsed(option, text)
        if problem is not None:
            screen.notify(clean(problem), severity="warning", markup=False)
            return
        self._close("options")
        screen.set_value(option, value)
        if step:
            screen.form.action_move(step)

    def _close(self, pane: str) -> None:
        self._screen.editor.close()
        self._screen.action_show_pane(pane)
