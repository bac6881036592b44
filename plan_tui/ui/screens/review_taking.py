"""What is taken out of the review: names, SQL and diffs by copying, the plan as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from plan_tui.client.markdown import PlanReport, markdown
from plan_tui.client.saved import SavedPlanError, write_text
from plan_tui.client.taking import take_report
from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.ui import messages as ask
from plan_tui.ui.copying import why_not_copied
from plan_tui.ui.screens.review_filter import FilteredReview
from plan_tui.ui.widgets.change_rows import ChangeRow
from plan_tui.ui.widgets.detail_page import View


class TakenReview(FilteredReview):
    """The part of the review that hands something out."""

    def why_not(self, command_id: str) -> str | None:
        row = self.body.changes.cursor_row
        match command_id:
            case "review.copy" | "review.copy_sql" | "review.copy_diff" | "review.data_diff" if (
                row is None
            ):
                return "No change is under the cursor."
            case "review.data_diff" if row is not None and not row.is_model:
                return f"{row.name} has no data."
            case "review.copy_sql" if row is not None and not row.is_model:
                return f"{row.name} has no SQL."
            case "review.copy_diff" if row is not None and not (row.is_model or row.text):
                return f"{row.name} has no diff."
            case _:
                return super().why_not(command_id)

    def action_copy_name(self) -> None:
        """Copies the name of the cursor's model."""
        row = self.body.changes.cursor_row
        if row is not None:
            self.post_message(ask.CopyText(row.name, row.name))

    def action_copy_sql(self) -> None:
        """Copies the rendered query of the cursor's model."""
        row = self.body.changes.cursor_row
        if row is not None:
            self._with_detail(row, lambda detail: self._copy_sql(row, detail))

    def action_copy_diff(self) -> None:
        """Copies the diff of the cursor's change, in the form that is shown."""
        row = self.body.changes.cursor_row
        if row is None:
            return
        if row.is_model:
            self._with_detail(row, lambda detail: self._copy_diff(row, detail))
        else:
            self._copy(row.text, f"the text of {row.name}", "")

    def action_markdown(self) -> None:
        """Writes the plan as Markdown, and copies it."""
        self.notify("Gathering what each change means…", timeout=30)
        self.fetch(lambda: take_report(self.port), self._write_markdown, group="markdown")

    def _with_detail(self, row: ChangeRow, then: Callable[[ModelDetail], None]) -> None:
        kept = self.body.detail.detail_of(row)
        if kept is not None:
            then(kept)
        else:
            self.fetch(lambda: self.port.model(row.key), then, group="copy")

    def _copy_sql(self, row: ChangeRow, detail: ModelDetail) -> None:
        why = detail.render_problem or f"{row.name} has no query."
        self._copy(detail.sql, f"the rendered SQL of {row.name}", why)

    def _copy_diff(self, row: ChangeRow, detail: ModelDetail) -> None:
        rendered = self.body.detail.view is View.RENDERED and bool(detail.diff_rendered.strip())
        text = detail.diff_rendered if rendered else detail.diff or detail.diff_rendered
        form = "rendered" if rendered or not detail.diff else "text"
        why = detail.render_problem or f"{row.name} has no diff."
        self._copy(text, f"the {form} diff of {row.name}", why)

    def _copy(self, text: str, what: str, why_nothing: str) -> None:
        if text.strip():
            self.post_message(ask.CopyText(text, what))
        else:
            self.notify(why_nothing or "There is nothing to copy.", severity="warning")

    def _write_markdown(self, report: PlanReport) -> None:
        text = markdown(report)
        path = Path(markdown_name(report.plan))
        try:
            write_text(path, text)
        except SavedPlanError as error:
            problem = error.problem
            self.notify(f"{problem.title} {problem.message}", severity="error", timeout=6)
            return
        size = f"{len(text.encode()):,} bytes"
        reason = why_not_copied(text, "it")
        if reason is None:
            self.app.copy_to_clipboard(text)
        copied = "copied" if reason is None else "not copied, as it is too long"
        self.notify(f"Written to {path.resolve()} ({size}), and {copied}.", timeout=6)


def markdown_name(plan: PlanOverviewStageTracker) -> str:
    """The file of a plan: named by environment and plan, whatever these are called."""
    environment = re.sub(r"[^A-Za-z0-9_-]+", "-", plan.environment)[:80]
    which = re.sub(r"[^A-Za-z0-9]+", "", plan.plan_id)[:8]
    return f"plan-{environment}{f'-{which}' if which else ''}.md"
