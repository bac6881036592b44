"""Edits one option's value in its place, with completions below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from plan_tui.ui.selectors import Completion, complete


@dataclass(frozen=True)
class Ended:
    """Editing ended; the text counts unless it was given up."""

    field: str
    text: str | None
    step: int = 0
    """Where the cursor goes on: 1 to the next option, 0 stays."""


class OptionInput(Input):
    """A field without a frame."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "editor('down')", "Next", show=False),
        Binding("up", "editor('up')", "Previous", show=False),
    ]

    def action_editor(self, what: str) -> None:
        editor = self.parent
        assert isinstance(editor, OptionEditor)
        editor.key(what)


class OptionEditor(Vertical):
    """An input over the value that is edited; below it the words that complete it."""

    DEFAULT_CSS = """
    OptionEditor {
        layer: over; width: 40; height: auto; display: none; background: $panel;
    }
    OptionEditor.-open { display: block; }
    OptionEditor OptionInput {
        height: 1; border: none; padding: 0; background: $surface;
    }
    OptionEditor OptionInput:focus { border: none; background: $boost; text-style: underline; }
    OptionEditor Static { height: auto; padding: 0; background: $panel; }
    """

    class Edited(Message):
        """The text changed."""

        def __init__(self, field: str, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self._field = ""
        self._words: Sequence[str] = ()
        self._completions: list[Completion] = []
        self._at: int | None = None

    def compose(self) -> ComposeResult:
        yield OptionInput(compact=True, select_on_focus=False)
        yield Static(markup=False)

    @property
    def is_open(self) -> bool:
        """Whether something is edited."""
        return self.has_class("-open")

    @property
    def field(self) -> str:
        """The option, or other name, that is edited."""
        return self._field

    @property
    def can_complete(self) -> bool:
        """Whether some word goes on as what is typed."""
        return bool(self._completions)

    @property
    def text(self) -> str:
        """What is typed by now."""
        return self.query_one(OptionInput).value

    def open(self, field: str, text: str, words: Sequence[str] = (), placeholder: str = "") -> None:
        """Starts editing."""
        self._field, self._words = field, words
        field_input = self.query_one(OptionInput)
        self.replace(text)
        field_input.placeholder = placeholder
        self.add_class("-open")
        self._suggest(text)
        # At once, for the keys that were typed ahead are meant for the field.
        self.screen.set_focus(field_input)

    def replace(self, text: str) -> None:
        """Puts another text in the place of what was typed, without telling of it."""
        field_input = self.query_one(OptionInput)
        with field_input.prevent(Input.Changed):
            field_input.value = text
        field_input.cursor_position = len(text)

    def close(self) -> None:
        """Stops editing."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        # What an earlier field still tells of is not this field's text.
        if self.is_open and event.value == self.text:
            self._suggest(event.value)
            self.post_message(self.Edited(self._field, event.value))

    def key(self, what: str) -> Ended | None:
        """Does what a key stands for while one types; returns how editing ended, if it did."""
        match what:
            case "cancel":
                return Ended(self._field, None)
            case "complete" if self._completions:
                self._accept(self._completions[self._at or 0])
            case "complete":
                return Ended(self._field, self.text, 1)
            case "done" if self._at is not None:
                self._accept(self._completions[self._at])
            case "done":
                return Ended(self._field, self.text)
            case _:
                self._step(1 if what == "down" else -1)
        return None

    def _step(self, by: int) -> None:
        if not self._completions:
            return
        if self._at is None:
            self._at = 0 if by > 0 else len(self._completions) - 1
        else:
            at = self._at + by
            self._at = at if 0 <= at < len(self._completions) else None
        self._draw()

    def _accept(self, completion: Completion) -> None:
        field_input = self.query_one(OptionInput)
        rest = field_input.value[field_input.cursor_position :]
        field_input.value = completion.text + rest
        field_input.cursor_position = len(completion.text)

    def _suggest(self, text: str) -> None:
        at = self.query_one(OptionInput).cursor_position
        before = text[:at] if at else text
        self._completions = complete(before, self._words) if self._words else []
        self._at = None
        self._draw()

    def _draw(self) -> None:
        lines = [
            Content.styled(
                f"{'▌' if index == self._at else ' '}{completion.label}",
                "bold $text-accent" if index == self._at else "$foreground",
            )
            for index, completion in enumerate(self._completions)
        ]
        below = self.query_one(Static)
        below.display = bool(lines)
        below.update(Content("\n").join(lines))
