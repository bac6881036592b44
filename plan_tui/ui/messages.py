"""What a person wants: widgets and screens post these, and only the app calls the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from plan_tui.contract.interrupted import InterruptedRun
    from plan_tui.contract.plan import AllowRequest, CancelMode, Category, PlanRequest


class BuildPlan(Message):
    """Build this plan, in place of the reviewed one."""

    def __init__(self, request: PlanRequest) -> None:
        super().__init__()
        self.request = request


class RefreshPlan(Message):
    """Build the reviewed plan again, with its choices kept."""


class ResumeRun(Message):
    """Build the plan of what is left of an interrupted apply, and ask whether to apply it."""

    def __init__(self, run: InterruptedRun) -> None:
        super().__init__()
        self.run = run


class ChooseCategories(Message):
    """Set the categories of these models of the reviewed plan."""

    def __init__(self, categories: dict[str, Category]) -> None:
        super().__init__()
        self.categories = categories


class AllowChanges(Message):
    """Set which models of the reviewed plan may change their tables."""

    def __init__(self, wanted: AllowRequest) -> None:
        super().__init__()
        self.wanted = wanted


class AskApply(Message):
    """Show what applying the reviewed plan will do, and ask whether to do it."""

    def __init__(self, unseen: tuple[str, ...] | None = None) -> None:
        super().__init__()
        self.unseen = unseen
        """Names of the changes that nobody looked at; None where that is not known."""


class ApplyPlan(Message):
    """Apply exactly this plan."""

    def __init__(self, plan_id: str) -> None:
        super().__init__()
        self.plan_id = plan_id


class CancelRun(Message):
    """Cancel what runs, gently or by interrupting its queries."""

    def __init__(self, mode: CancelMode | None = None) -> None:
        from plan_tui.contract.plan import CancelMode

        super().__init__()
        self.mode = mode or CancelMode.GRACEFUL


class OpenSetup(Message):
    """Go to the environments and options."""


class OpenReview(Message):
    """Go to the plan."""


class OpenRun(Message):
    """Go to the current or last run."""


class LeaveApp(Message):
    """Leave the app; what runs goes on."""


class CopyText(Message):
    """Put a text on the clipboard."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
        """What the text is, in words: ``the command``."""


class Retry(Message):
    """Try again what failed."""
