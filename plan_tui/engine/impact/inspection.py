"""All that is known of one change, each part by itself: one that fails leaves the others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.impact import (
    CategoryReason,
    ChoiceCost,
    MissingRun,
    ModelImpact,
    ModelSql,
    Reached,
    SeedFile,
    SemanticChange,
    UnitTests,
)
from plan_tui.contract.plan import Category
from plan_tui.engine.impact.categories import category_reason
from plan_tui.engine.impact.known_state import stored_of
from plan_tui.engine.impact.missing import missing_runs
from plan_tui.engine.impact.reach import reach_of
from plan_tui.engine.impact.seed_rows import seed_file
from plan_tui.engine.impact.semantic import semantic_diff
from plan_tui.engine.impact.unit_tests import unit_tests
from plan_tui.engine.impact.what_if import what_if
from plan_tui.engine.impact.why import why_changed
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.names import plain
from plan_tui.engine.placeholder_dates import placeholder_note
from plan_tui.engine.problems import sentence_of
from plan_tui.engine.refused import Refused

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot, SnapshotTableInfo

logger = logging.getLogger(__name__)
Part = TypeVar("Part")
NOTHING_CHANGED: tuple[SemanticChange, ...] = ()
NOBODY_REACHED: tuple[Reached, ...] = ()
NOTHING_MISSING: tuple[MissingRun, ...] = ()
NO_SEED: SeedFile | None = None
NO_TESTS: UnitTests | None = None
NO_COSTS: dict[Category, ChoiceCost] = {}


def impact_of(asked: Asked) -> ModelImpact:
    """What is known of the model that is asked about.

    Raises:
        Refused: The plan has no such model.
    """
    built, name = asked.built, asked.name
    snapshot = built.plan.context_diff.snapshots_by_name.get(name)
    if snapshot is None:
        return _removed(asked)
    parts = _Parts(asked)
    semantic = parts.take("semantic diff", lambda: semantic_diff(built, name), NOTHING_CHANGED)
    return ModelImpact(
        plan_id=built.plan.plan_id,
        name=name,
        view_name=built.view.view_name(snapshot),
        why_changed=parts.take("reason of the change", lambda: why_changed(built, name), ""),
        semantic_diff=semantic,
        reach=parts.take("reach", lambda: reach_of(built, name, asked.check), NOBODY_REACHED),
        category=parts.take(
            "reason of the category",
            lambda: category_reason(built, name, semantic),
            CategoryReason(),
        ),
        what_if=parts.take("cost of each choice", lambda: what_if(asked, name), NO_COSTS),
        missing=parts.take(
            "reasons of missing intervals", lambda: missing_runs(built, name), NOTHING_MISSING
        ),
        sql=parts.take("SQL", lambda: _sql(snapshot), ModelSql()),
        seed=parts.take("seed's file", lambda: seed_file(built, name, semantic), NO_SEED),
        tests=parts.take("unit tests", lambda: unit_tests(asked), NO_TESTS),
        notes=tuple(parts.notes),
    )


class _Parts:
    """Computes one part after the other, and notes those that fail."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.notes: list[str] = []

    def take(self, what: str, compute: Callable[[], Part], otherwise: Part) -> Part:
        """A part, or what stands for it where it can't be computed."""
        self._asked.check()
        try:
            return compute()
        except LookDropped:
            raise
        except Exception as error:
            logger.info("No %s of %s.", what, self._asked.name, exc_info=error)
            self.notes.append(f"The {what} can't be computed: {sentence_of(error)}")
            return otherwise


def _removed(asked: Asked) -> ModelImpact:
    diff = asked.built.plan.context_diff
    removed = {info.name: info for info in diff.removed_snapshots.values()}
    if asked.name not in removed:
        raise Refused(
            Problem(
                code=ProblemCode.UNKNOWN_MODEL,
                title=f"{plain(asked.name)} is not part of this plan.",
                message="It is in the project, and neither changed nor in the environment.",
                hint="Look at it in another plan.",
                model=asked.name,
            ),
            404,
        )
    parts = _Parts(asked)
    return ModelImpact(
        plan_id=asked.built.plan.plan_id,
        name=asked.name,
        view_name=asked.built.view.view_name(removed[asked.name]),
        reach=parts.take(
            "reach", lambda: reach_of(asked.built, asked.name, asked.check), NOBODY_REACHED
        ),
        sql=parts.take("SQL", lambda: _stored_sql(asked, removed[asked.name]), ModelSql()),
        notes=tuple(parts.notes),
        why_changed="Its file is gone from the project, or it is not selected any more.",
    )


def _stored_sql(asked: Asked, removed: SnapshotTableInfo) -> ModelSql:
    stored = stored_of(asked.built, removed)
    return ModelSql() if stored is None else _sql(stored)


def _sql(snapshot: Snapshot) -> ModelSql:
    if not snapshot.is_model:
        return ModelSql()
    model = snapshot.model
    raw = model.render_definition(render_query=False)
    query = model.render_query() if model.is_sql else None
    rendered = query.sql(dialect=model.dialect, pretty=True) if query is not None else ""
    return ModelSql(
        raw="\n\n".join(f"{part.sql(dialect=model.dialect, pretty=True)};" for part in raw),
        rendered=rendered,
        note=placeholder_note(model, rendered),
    )
