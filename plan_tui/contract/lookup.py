"""What is fetched when it is looked at: environments, names, one model, one date."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Millis, Wire
from plan_tui.contract.changes import NodeRef
from plan_tui.contract.plan import Category, PlanOptions


class EnvironmentInfo(Wire):
    """One environment as the state knows it."""

    name: str
    plan_id: str
    start: Millis | None
    """The start of its plan's range; null where the state holds none."""
    end: Millis | None
    planned: Millis | None
    """When its last plan was applied; null where it is not finalized or not recorded."""
    expires: Millis | None
    finalized: bool
    """False where its last apply died half-way: applying again resumes."""
    models: int
    data_end: Millis | None
    """The end of its newest interval; null where it has no data or it was not asked for."""


class Environments(Wire):
    """The answer of ``GET /api/environments``."""

    environments: tuple[EnvironmentInfo, ...]
    default_target: str
    """The environment that ``sqlmesh plan`` without a name targets."""
    pinned: tuple[str, ...] = ()


class ProjectModel(Wire):
    """A model of the loaded project, for completion."""

    name: str
    view_name: str
    kind: str
    tags: tuple[str, ...] = ()
    owner: str | None = None


class ProjectInfo(Wire):
    """The answer of ``GET /api/project``."""

    models: tuple[ProjectModel, ...]
    tags: tuple[str, ...]
    defaults: PlanOptions
    """What the project's configuration sets where an option is left alone."""


class DateReading(Wire):
    """How SQLMesh understands a date."""

    text: str
    at: Millis | None
    """The moment, or null when it is not understood."""
    whole_day: bool = False
    """Whether it is a plain date: an end takes in its whole day, and else stops at the moment."""
    problem: str = ""


class SelectionReading(Wire):
    """What a selector matches in the loaded project."""

    names: tuple[str, ...]
    """Display names of the models that it matches."""
    problem: str = ""
    unreadable: bool = False
    """Whether it is no selector at all, so that no environment can have what it matches."""


class Column(Wire):
    """A column with its type, as the environment had it and as it will be."""

    name: str
    before: str | None
    after: str | None


class ModelDetail(Wire):
    """The answer of ``GET /api/plan/models/{name}``."""

    plan_id: str
    model: NodeRef
    kind: str
    change: str
    """``added``, ``removed``, ``direct``, ``indirect``, ``metadata`` or ``unchanged``."""
    category: str | None
    choices: tuple[Category, ...]
    owner: str | None
    tags: tuple[str, ...]
    description: str
    cron: str
    dialect: str
    path: str | None
    diff: str
    """SQLMesh's unified text diff of the definition."""
    diff_rendered: str
    """The same with the queries rendered; empty where rendering fails."""
    sql: str
    """The rendered query, in the model's dialect."""
    sql_note: str = ""
    """What is to be known of ``sql`` and ``diff_rendered``: that their dates are placeholders."""
    render_problem: str = ""
    """Why ``sql`` or ``diff_rendered`` is empty."""
    columns: tuple[Column, ...]
    parents: tuple[NodeRef, ...]
    """Models that this one reads."""
    direct: tuple[NodeRef, ...]
    """Directly changed models downstream."""
    indirect: tuple[NodeRef, ...]
    """Indirectly changed models downstream."""
    intervals: tuple[Interval, ...]
    interval_count: int
    batches: tuple[Interval, ...]
    """The batches that the apply starts, in order; at most 1,000 of them."""
    batch_count: int
    label: str
    locked: str | None = None
    """Why the category is fixed, where it is."""
