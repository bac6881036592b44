"""The rows of the change list, made of the engine's plan; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from plan_tui.contract.changes import (
    AddedChange,
    DirectChange,
    IndirectChange,
    ModelBackfill,
    NodeRef,
)
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.impact import ReachCount
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.widgets.broken_words import place_of, whole_text
from plan_tui.ui.widgets.change_chips import Chip, chip_of, fixed_chip
from plan_tui.ui.widgets.change_sections import CHANGED, UNREAD, Section
from plan_tui.ui.widgets.diff_lines import statement_diffs

HEADING = "#"
"""What the key of a heading starts with; SQLMesh's names start with a quote or a letter."""
REQUIREMENTS = "!requirements"
STATEMENTS = "!environment_statements"
NOT_TAKEN_OVER = "not taken over"
"""The note of a removed model where the environment is new, and so never had it."""


@dataclass(frozen=True)
class ChangeRow:
    """One row: what changed, how it is categorized, and what it costs."""

    key: str
    """The snapshot name of a model; other rows' keys start with ``!``."""
    section: Section
    name: str
    """As it is displayed, clean."""
    chip: Chip
    note: str = ""
    """What it comes from: the models upstream, the rule, the path."""
    kind: str = ""
    reach: int | None = None
    """How many changed models are downstream; None where that is not known."""
    reading: ReachCount | None = None
    """How many of all models downstream read what changed; None while that is computed."""
    intervals: int = 0
    batches: int = 0
    choosable: bool = False
    danger: Severity | None = None
    """The worst danger of it that is more than a note."""
    preview: bool = False
    """Whether production will not reuse the data that this plan computes of it."""
    audit: bool = False
    """Whether it is a standalone audit, which fills no interval; the sums have its batch."""
    text: str = ""
    """The whole text of a row that is no model."""

    @property
    def noted(self) -> str:
        """The note, and before it that the data is a preview."""
        return ", ".join(part for part in ("preview" if self.preview else "", self.note) if part)

    @property
    def is_model(self) -> bool:
        """Whether the engine can be asked about it."""
        return not self.key.startswith("!")


@dataclass(frozen=True)
class ChangeRows:
    """All rows of a plan, by key and by section."""

    rows: dict[str, ChangeRow] = field(default_factory=dict)
    sections: dict[Section, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        plan: PlanOverviewStageTracker,
        *,
        locked: bool,
        reach: Mapping[str, ReachCount] | None = None,
        saved: bool = False,
    ) -> ChangeRows:
        """The rows of a plan.

        Args:
            plan: The reviewed plan.
            locked: Whether no category can be chosen any more.
            reach: How far each change reaches, by model; None while that is computed.
            saved: Whether the plan is a saved one, in which the form has nothing to set.
        """
        rows = {row.key: row for row in _Reader(plan, locked, reach or {}, saved).rows()}
        for danger in reversed(plan.dangers):
            row = rows.get(danger.model or "")
            if row is not None and danger.severity is not Severity.NOTES:
                rows[row.key] = replace(row, danger=danger.severity)
        sections: dict[Section, list[str]] = {section: [] for section in Section}
        for row in rows.values():
            sections[row.section].append(row.key)
        return cls(rows, {section: tuple(keys) for section, keys in sections.items() if keys})

    @cached_property
    def has_choices(self) -> bool:
        """Whether a category of any model can be chosen."""
        return any(row.choosable for row in self.rows.values())

    @property
    def changed_count(self) -> int:
        """How many rows say that something differs from the environment."""
        return sum(len(self.sections.get(section, ())) for section in CHANGED)

    def keys(self, wanted: Iterable[str] | None = None) -> list[str]:
        """Keys with headings from top to bottom; only the wanted ones where they are given."""
        keep = None if wanted is None else set(wanted)
        keys: list[str] = []
        for section, members in self.sections.items():
            shown = members if keep is None else [key for key in members if key in keep]
            if shown:
                keys.append(HEADING + section)
                keys.extend(shown)
        return keys

    def changed_keys(self, before: ChangeRows) -> list[str]:
        """The keys of rows that differ from those before."""
        return [key for key, row in self.rows.items() if before.rows.get(key) != row]


def warning_count(plan: PlanOverviewStageTracker) -> int:
    """How many warnings a plan has: SQLMesh's own and those of its linter."""
    lint = sum(1 for violation in plan.validation.lint if violation.severity != "error")
    return lint + len(plan.warnings)


class _Reader:
    """Reads a plan's document, section by section."""

    def __init__(
        self,
        plan: PlanOverviewStageTracker,
        locked: bool,
        reading: Mapping[str, ReachCount],
        saved: bool,
    ) -> None:
        self._plan = plan
        self._locked = locked
        self._reading = reading
        self._saved = saved
        self._backfills = {model.name: model for model in plan.backfills.models}
        changes = plan.changes
        self._views = {
            node.name: clean(node.view_name) for node in (*changes.modified.direct, *changes.added)
        }

    def rows(self) -> Iterator[ChangeRow]:
        changes = self._plan.changes
        yield from _danger_rows(self._plan.dangers, Section.BROKEN, self._saved)
        yield from self._checks()
        yield from (self._chosen(change, Section.DIRECT) for change in changes.modified.direct)
        yield from (self._chosen(change, Section.ADDED) for change in changes.added)
        yield from self._project()
        for removed in changes.removed:
            note = NOT_TAKEN_OVER if self._plan.is_new_environment else ""
            yield self._row(removed, Section.REMOVED, Chip.REMOVED, note=note)
        for indirect in changes.modified.indirect:
            yield self._indirect(indirect)
        for metadata in changes.modified.metadata:
            yield self._row(metadata, Section.METADATA, Chip.METADATA, kind=metadata.kind)
        yield from _danger_rows(self._plan.dangers, Section.NOT_PLANNED, self._saved)
        yield from self._backfill_only()
        yield from self._warnings()

    def _row(
        self,
        node: NodeRef,
        section: Section,
        chip: Chip,
        *,
        kind: str = "",
        note: str = "",
        reach: int | None = None,
        choosable: bool = False,
    ) -> ChangeRow:
        backfill = self._backfills.get(node.name)
        return ChangeRow(
            node.name,
            section,
            clean(node.view_name),
            chip,
            note or ("audit" if node.node_type == "audit" else ""),
            clean(kind),
            reach,
            self._reading.get(node.name) if section is Section.DIRECT else None,
            backfill.interval_count if backfill else 0,
            backfill.batches if backfill else 0,
            choosable,
            preview=backfill is not None and backfill.preview,
            audit=node.node_type == "audit",
        )

    def _chosen(self, change: DirectChange | AddedChange, section: Section) -> ChangeRow:
        choosable = bool(change.choices) and not self._locked
        chip = chip_of(change, choosable)
        note, reach = "", None
        if isinstance(change, DirectChange):
            note = "" if choosable else chip.words
            reach = len(change.direct) + len(change.indirect)
        return self._row(
            change, section, chip, kind=change.kind, note=note, reach=reach, choosable=choosable
        )

    def _indirect(self, change: IndirectChange) -> ChangeRow:
        chip = fixed_chip(change.change_category)
        return self._row(
            change, Section.INDIRECT, chip, kind=change.kind, note=self._parents(change.parents)
        )

    def _parents(self, parents: tuple[str, ...]) -> str:
        """The directly changed models upstream: one by name, the others as a number."""
        known = [self._views[name].rpartition(".")[2] for name in parents if name in self._views]
        if not known:
            return ""
        return known[0] if len(known) == 1 else f"{known[0]} +{len(known) - 1}"

    def _project(self) -> Iterator[ChangeRow]:
        changes = self._plan.changes
        for key, name, note, diff in (
            (REQUIREMENTS, "Python requirements", "", changes.requirements),
            (STATEMENTS, "Environment statements",
             ", ".join(name for name, _ in statement_diffs(changes.environment_statements or "")),
             changes.environment_statements),
        ):  # fmt: skip
            if diff:
                yield ChangeRow(key, Section.PROJECT, name, Chip.CHANGED, note, text=diff)

    def _backfill_only(self) -> Iterator[ChangeRow]:
        changes = self._plan.changes
        listed: set[str] = {node.name for node in (
            *changes.modified.direct, *changes.added, *changes.removed,
            *changes.modified.indirect, *changes.modified.metadata,
        )}  # fmt: skip
        for model in self._plan.backfills.models:
            if model.name not in listed:
                restated = model.name in self._plan.restatements
                section = Section.RESTATED if restated else Section.MISSING
                yield _backfill_row(model, section)

    def _checks(self) -> Iterator[ChangeRow]:
        validation = self._plan.validation
        for number, failure in enumerate(validation.tests.failures):
            yield ChangeRow(
                f"!test:{number}", Section.CHECKS, clean(failure.name), Chip.FAILED,
                clean(failure.path), text=failure.message,
            )  # fmt: skip
        for number, violation in enumerate(validation.lint):
            is_error = violation.severity == "error"
            yield ChangeRow(
                f"!lint:{number}",
                Section.CHECKS if is_error else Section.WARNINGS,
                clean(violation.model),
                Chip.FAILED if is_error else Chip.WARNING,
                f"lint: {clean(violation.rule)}",
                text=violation.message,
            )

    def _warnings(self) -> Iterator[ChangeRow]:
        for number, warning in enumerate(self._plan.warnings):
            warning = warning if self._saved else in_the_app(warning)
            first = clean(warning.strip().split("\n", 1)[0])
            yield ChangeRow(
                f"!warning:{number}", Section.WARNINGS, first, Chip.WARNING, text=warning
            )


def _danger_rows(dangers: Iterable[Danger], section: Section, saved: bool) -> Iterator[ChangeRow]:
    """Models that the plan is built without: the project's own text of them is not in it."""
    rule, chip = UNREAD[section]
    for danger in dangers:
        if danger.rule == rule:
            key, name = f"!{rule}:{danger.path}:{danger.view_name}", clean(danger.view_name)
            note, text = place_of(danger), whole_text(danger, saved=saved)
            yield ChangeRow(key, section, name, chip, note, danger=danger.severity, text=text)


def _backfill_row(model: ModelBackfill, section: Section) -> ChangeRow:
    return ChangeRow(
        model.name, section, clean(model.view_name), Chip.PLAIN, "",
        clean(model.kind), None, None, model.interval_count, model.batches, preview=model.preview,
    )  # fmt: skip
