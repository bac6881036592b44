"""What is asked of a plan: dates, options, categories."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from plan_tui.contract.base import Ask, Name


class Category(Name):
    """The two categories that a person may choose."""

    BREAKING = "BREAKING"
    NON_BREAKING = "NON_BREAKING"


class CancelMode(Name):
    """How hard the breaker trips: let running batches finish, or stop their queries."""

    GRACEFUL = "graceful"
    INTERRUPT = "interrupt"


def _as_names(value: Any) -> Any:
    """Takes ``a,b`` for ``["a", "b"]``, as SQLMesh's web API does."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _as_text(value: Any) -> Any:
    """Takes the epoch milliseconds and dates that SQLMesh's ``TimeLike`` allows as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value)


Names = Annotated[tuple[str, ...], BeforeValidator(_as_names)]
TimeText = Annotated[str, BeforeValidator(_as_text)]


class PlanDates(Ask):
    """The dates of a plan, in any wording that SQLMesh takes ("1 week ago")."""

    start: TimeText | None = None
    end: TimeText | None = None
    execution_time: TimeText | None = None


class PlanOptions(Ask):
    """Every option of ``sqlmesh plan`` that says something about a plan.

    ``None`` leaves the choice to the project's configuration.
    """

    skip_tests: bool = False
    test_changed_only: bool = False
    skip_linter: bool = False
    skip_backfill: bool = False
    empty_backfill: bool = False
    no_gaps: bool = False
    forward_only: bool | None = None
    allow_destructive_models: Names = ()
    allow_additive_models: Names = ()
    effective_from: TimeText | None = None
    no_auto_categorization: bool = False
    include_unmodified: bool | None = None
    create_from: str | None = None
    restate_models: Names | None = None
    select_models: Names | None = None
    backfill_models: Names | None = None
    enable_preview: bool | None = None
    diff_rendered: bool = False
    run: bool = False
    ignore_cron: bool = False
    min_intervals: int | None = Field(default=None, ge=0)


class PlanRequest(Ask):
    """The body of ``POST /api/plan``; its names are those of SQLMesh's web API."""

    environment: str | None = None
    """The target environment; the project's default one if it is not named."""
    plan_dates: PlanDates | None = None
    plan_options: PlanOptions | None = None
    categories: dict[str, Category] | None = None
    """Choices by model name, ``schema.model`` or SQLMesh's snapshot name."""

    @property
    def dates(self) -> PlanDates:
        """The dates asked for, all empty when none were given."""
        return self.plan_dates or PlanDates()

    @property
    def options(self) -> PlanOptions:
        """The options asked for, all at their defaults when none were given."""
        return self.plan_options or PlanOptions()


class CategoriesRequest(Ask):
    """The body of ``POST /api/plan/categories``."""

    categories: dict[str, Category]


class AllowRequest(Ask):
    """The body of ``POST /api/plan/allow``: both lists whole; null leaves one as it is."""

    allow_destructive_models: Names | None = None
    allow_additive_models: Names | None = None


class ApplyRequest(Ask):
    """The body of ``POST /api/commands/apply``: the id of exactly the reviewed plan."""

    plan_id: str


class CancelRequest(Ask):
    """The body of ``POST /api/plan/cancel``; without one the cancel is graceful."""

    mode: CancelMode = CancelMode.GRACEFUL
