"""A driver that writes to the terminal what it does not show yet."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver
from textual.messages import InBandWindowResize

from plan_tui.ui.painting import Painting

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message


class LeanDriver(LinuxDriver):
    """Textual's driver; knows what is on the terminal, and leaves out what is there already."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Makes a driver, as Textual does."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._painting = Painting()
        self._size_written: tuple[int, int] | None = None

    def write(self, data: str) -> None:
        self._notice_size()
        lean = self._painting.lean(data)
        if lean:
            super().write(lean)

    def _notice_size(self) -> None:
        """A terminal that was resized has moved and cut its lines in its own way."""
        size = None
        with suppress(OSError):
            size = os.get_terminal_size(self.fileno)
        if size != self._size_written:
            self._size_written = size
            self._painting.columns = size.columns if size is not None else None
            self.forget()

    def forget(self) -> None:
        """What is on the terminal is not known any more: others wrote to it, too."""
        self._painting.forget()

    def start_application_mode(self) -> None:
        self.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def _get_terminal_size(self) -> tuple[int, int]:
        self.forget()  # asked when the terminal says that it was resized
        return super()._get_terminal_size()

    def process_message(self, message: Message) -> None:
        if isinstance(message, InBandWindowResize):
            self.forget()
        super().process_message(message)
