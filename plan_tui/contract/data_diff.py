"""The data of a model on two sides: what a comparison would read, and what it found."""

from __future__ import annotations

from plan_tui.contract.base import Wire


class DataSide(Wire):
    """One side of a comparison."""

    label: str
    """Where it is: an environment, or the version of the plan."""
    table: str = ""
    """The table or view; empty where there is none."""
    missing: str = ""
    """Why there is none."""
    note: str = ""
    """What is to be known of what is in it."""


class DataDiffOffer(Wire):
    """What a comparison would read; nothing was read yet."""

    plan_id: str
    name: str
    view_name: str
    before: DataSide
    after: DataSide
    on: tuple[str, ...] = ()
    """The columns that tell a row, from the model's grain or unique key; empty where unknown."""
    columns: tuple[str, ...] = ()
    time_column: str = ""
    """What a condition may bound, where the model has one."""
    warehouse: str = ""
    """The warehouse's type."""
    interruptible: bool = True
    """Whether a cancel stops the query; else it goes on to its end and what it finds is dropped."""
    refusal: str = ""
    """Why nothing can be compared; empty where it can."""


class ColumnData(Wire):
    """A column on both sides."""

    name: str
    before: str | None = None
    """Its type, or null where the side has no such column."""
    after: str | None = None
    matching: float | None = None
    """Percent of the rows on both sides with equal values; null where it is not compared."""


class RowSample(Wire):
    """Some rows that differ."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


class DataDiff(Wire):
    """What a comparison found: the numbers of SQLMesh's own table diff."""

    plan_id: str
    name: str
    before: DataSide
    after: DataSide
    on: tuple[str, ...]
    where: str
    limit: int
    """Rows of each sample."""
    before_rows: int
    after_rows: int
    equal_rows: int
    changed_rows: int
    before_only: int
    after_only: int
    columns: tuple[ColumnData, ...] = ()
    changed: RowSample = RowSample()
    only_before: RowSample = RowSample()
    only_after: RowSample = RowSample()
    notes: tuple[str, ...] = ()
