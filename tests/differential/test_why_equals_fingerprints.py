"""Why a model changed is true: what is named moved SQLMesh's hashes, and nothing else did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from sqlmesh.core.snapshot import Snapshot
from sqlmesh.core.snapshot.definition import fingerprint_from_node

from plan_tui.engine.impact.fingerprint_parts import data_parts, metadata_parts, moved
from plan_tui.engine.impact.moved_parents import MovedParents
from plan_tui.engine.impact.why import why_changed
from plan_tui.engine.planner import BuiltPlan
from tests.soaking import trials

from . import edits as e
from .generated import scenario as generated
from .projects import DOUBLED
from .scenario import Edit, Outcome, Scenario
from .scenarios import SCENARIOS
from .scenarios.changes import SCENARIOS as CHANGES
from .spec import Kind, Model
from .subject import planned
from .workspace import Workspace

SEEDS = trials(range(3), range(30))
NAMES = [each.name for each in CHANGES if each.outcome is Outcome.PLAN]


def check(built: BuiltPlan) -> None:
    """Holds what is said of each changed model against SQLMesh's hashes."""
    diff = built.plan.context_diff
    for new, old in diff.modified_snapshots.values():
        if type(new.node) is type(old.node):
            was, now = old.fingerprint, new.fingerprint
            data = moved(data_parts(old.node), data_parts(new.node))
            metadata = moved(metadata_parts(old.node), metadata_parts(new.node))
            assert bool(data) == (was.data_hash != now.data_hash), (new.name, data)
            assert bool(metadata) == (was.metadata_hash != now.metadata_hash), (new.name, metadata)
            _check_parts(new, old, data, metadata)
        _check_parents(built, new, old)
        assert "none of the parts" not in why_changed(built, new.name)


FIELDS = {
    "owner": "owner",
    "description": "description",
    "cron": "cron",
    "start": "start",
    "end": "end",
    "dialect": "dialect",
    "stamp": "stamp",
    "batch size": "batch_size",
    "table format": "table_format",
    "lookback": "lookback",
}
"""Parts whose values can be put back one by one, and the fields that hold them."""


def _check_parts(new: Snapshot, old: Snapshot, data: list[str], metadata: list[str]) -> None:
    """Each part that is named differs in what SQLMesh turns into text before it hashes it."""
    for part in [*data, *metadata]:
        if part in FIELDS:
            was, now = (getattr(each.node, FIELDS[part]) for each in (old, new))
            assert str(was) != str(now), (new.name, part)


def _check_parents(built: BuiltPlan, new: Snapshot, old: Snapshot) -> None:
    diff = built.plan.context_diff
    causes = MovedParents(diff, built.view.view_name).causes(new, old)
    if any(cause.how in ("joined", "left") for cause in causes):
        return
    names = {cause.name for cause in causes}
    before = old.fingerprint.parent_data_hash
    assert _parent_hash(built, new, names) == before, (new.name, names)
    for name in names:
        assert _parent_hash(built, new, names - {name}) != before, (new.name, name)


def _parent_hash(built: BuiltPlan, new: Snapshot, reverted: Iterable[str]) -> str:
    """What SQLMesh hashes of the parents when some models are as they were."""
    diff = built.plan.context_diff
    nodes: dict[str, Any] = {s.name: s.node for s in diff.snapshots.values()}
    nodes |= {name: diff.modified_snapshots[name][1].node for name in reverted}
    return fingerprint_from_node(new.node, nodes=nodes).parent_data_hash


@pytest.mark.parametrize("name", NAMES[::6])
def test_what_is_named_moved_the_hashes(name: str, workspace: Workspace) -> None:
    with planned(workspace.copy(SCENARIOS[name], "plan_tui"), SCENARIOS[name]) as backend:
        assert backend is not None
        assert backend.built is not None
        check(backend.built)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_named_moved_the_hashes_of_random_projects(seed: int, workspace: Workspace) -> None:
    scenario = generated(seed)
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        if backend is not None and backend.built is not None:
            check(backend.built)


EVENTS_TYPE = "shop__dev.events.amount INT → BIGINT"
SAID: list[tuple[str, Edit, dict[str, str]]] = [
    (
        "upstream type",
        e.column("shop.events", "amount", "(i * 10)::BIGINT"),
        {
            "shop.events": "Data: its query changed.",
            "shop.lagged": f"Metadata: the columns of what it reads ({EVENTS_TYPE}) changed. "
            "Parent: shop__dev.events changed.",
        },
    ),
    (
        "upstream column gone",
        e.drop_column("shop.events", "amount"),
        {
            "shop.lagged": "Its own definition is untouched: columns that it reads changed "
            "upstream (- shop__dev.events.amount), so its query is rendered differently and "
            "SQLMesh calls it directly modified. Parent: shop__dev.events changed.",
        },
    ),
    (
        "formatting of a parent",
        e.filters("shop.events", "WHERE  d  BETWEEN @start_ds AND @end_ds"),
        {
            "shop.events": "Metadata: only the formatting or the comments of its query changed, "
            "its result is the same.",
            "shop.lagged": "Its own definition is untouched. Parent: the formatting or the "
            "comments of shop__dev.events changed, which SQLMesh hashes, and not what it "
            "computes.",
            "shop.weekly": "Its own definition is untouched. Parent: the formatting or the "
            "comments of shop__dev.events changed, which SQLMesh hashes, and not what it "
            "computes, read through shop__dev.lagged.",
        },
    ),
    (
        "macro",
        e.macros(DOUBLED.replace("number(2)", "number(3)")),
        {
            "shop.summary": "Its own definition is untouched, what it uses changed: "
            "the macro doubled.",
            "shop.events": "Nothing of it changed.",
        },
    ),
    (
        "owner",
        e.prop("shop.events", "owner", "team"),
        {
            "shop.events": "Metadata: its owner (data → team) changed.",
            "shop.lagged": "Its own definition is untouched. "
            "Parent: only metadata changed, of shop__dev.events.",
        },
    ),
    (
        "kind",
        e.all_of(
            e.kind("shop.report", Kind.FULL),
            e.kind_prop("shop.lagged", "lookback", "4"),
        ),
        {
            "shop.report": "Data: its kind (VIEW → FULL) changed.",
            "shop.lagged": "Data: its kind's settings and lookback (2 → 4) changed.",
        },
    ),
    (
        "seed",
        e.rows("raw.stores", "3,w,2024-01-03 00:00:00"),
        {"raw.stores": "Data: its seed data changed."},
    ),
    (
        "new model",
        e.add(Model("shop.fresh", Kind.VIEW, {"id": "id"}, source="shop.events")),
        {"shop.fresh": "It is new: prod does not have it."},
    ),
]


@pytest.mark.parametrize(("name", "edit", "said"), SAID, ids=[name for name, *_ in SAID])
def test_what_is_said(name: str, edit: Edit, said: dict[str, str], workspace: Workspace) -> None:
    scenario = Scenario(f"why: {name}", edit)
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        assert backend is not None
        built = backend.built
        assert built is not None
        check(built)
        names = {s.model.name: s.name for s in built.plan.snapshots.values() if s.is_model}
        assert {model: why_changed(built, names[model]) for model in said} == said
