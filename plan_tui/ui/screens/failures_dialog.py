"""What the pages with failures of an apply share: which one the cursor is at, and copying it."""

from __future__ import annotations

from collections.abc import Sequence

from plan_tui.contract.errors import Problem
from plan_tui.ui.commands import Command
from plan_tui.ui.messages import CopyText
from plan_tui.ui.problem_words import as_text
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.screens.failure_sections import NO_FAILURE, NO_SQL, failure_at
from plan_tui.ui.widgets.detail_view import DetailView


def copy_commands(group: str, footer: int) -> tuple[Command, ...]:
    """The commands that copy a failure.

    Args:
        group: Where they stand in the help of the page.
        footer: The rank of the first one in the footer.
    """
    return (
        Command("failures.sql", ("y",), "Copy SQL",
                "Copy the SQL of the failure under the cursor; it is never run by itself.",
                group, "copy_sql", footer=footer),
        Command("failures.copy", ("Y",), "Copy failure",
                "Copy the failure under the cursor whole: what, when, why, what to do and the SQL.",
                group, "copy_failure"),
    )  # fmt: skip


class FailuresDialog(PlanDialog[None]):
    """A page over the whole screen with a section for each failure."""

    @property
    def _failures(self) -> Sequence[Problem]:
        """The failures, in the order of their sections."""
        raise NotImplementedError

    @property
    def _current(self) -> Problem | None:
        """The failure under the cursor; the only one wherever the cursor is."""
        return failure_at(self._failures, self.query_one(DetailView).cursor_key or "")

    def is_offered(self, command_id: str) -> bool:
        """Whether a command can do something on this page at all."""
        match command_id:
            case "failures.sql":
                return any(failure.sql for failure in self._failures)
            case "failures.copy":
                return bool(self._failures)
            case _:
                return True

    def why_not(self, command_id: str) -> str | None:
        """Why a command can do nothing at the cursor."""
        current = self._current
        if command_id == "failures.sql" and (current is None or not current.sql):
            return NO_SQL
        if command_id == "failures.copy" and current is None:
            return NO_FAILURE
        return None

    def action_close(self) -> None:
        """Goes back to where it was opened."""
        self.dismiss(None)

    def action_section(self, name: str) -> None:
        """Shows a section from its heading on."""
        self.query_one(DetailView).go_to(name)

    def action_copy_sql(self) -> None:
        """Copies the SQL of the failure under the cursor."""
        current = self._current
        if current is not None and current.sql:
            self.post_message(CopyText(current.sql, "the SQL"))

    def action_copy_failure(self) -> None:
        """Copies all that is told of the failure under the cursor."""
        current = self._current
        if current is not None:
            self.post_message(CopyText(as_text(current), "the failure"))
