"""The app's half that spares the line to the terminal, which may be a slow one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from textual.driver import Driver


class LeanOutput(App[int], inherit_bindings=False):
    """Writes only the cells that change."""

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for terminals, made lean; any other one as it is."""
        from textual.drivers.linux_driver import LinuxDriver

        chosen = super().get_driver_class()
        if chosen is not LinuxDriver:
            return chosen
        from plan_tui.ui.lean_driver import LeanDriver

        return LeanDriver

    def action_redraw(self) -> None:
        """Draws all of it again, for a terminal that others have written to."""
        from plan_tui.ui.lean_driver import LeanDriver

        if isinstance(self._driver, LeanDriver):
            self._driver.forget()
        self.screen.refresh(layout=True)
