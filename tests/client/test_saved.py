"""Saved plans: written whole, read with suspicion, and compared in what an apply would do."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from plan_tui.client.differences import definition_lines, differences, only_of_time
from plan_tui.client.errors import EngineRefused
from plan_tui.client.saved import SavedPlanError, read_plan, write_plan, write_text
from plan_tui.client.saved_port import SavedPort
from plan_tui.contract import looks
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.origins import Label, Labels
from plan_tui.contract.plan import Category, PlanRequest
from plan_tui.contract.saved import SavedPlan
from plan_tui.contract.state import PlanFacts, SessionState
from tests.cli import samples
from tests.client.stub_engine import info

from . import made_plans as made

ORDERS = '"db"."shop"."orders"'


def saved(**given: Any) -> SavedPlan:
    values: dict[str, Any] = {
        "written": made.START,
        "info": info(),
        "request": PlanRequest(environment="dev", categories={ORDERS: Category.BREAKING}),
        "plan": samples.document(),
        "facts": samples.facts(),
        "labels": labels(),
        "looks": {
            "impact": {ORDERS: made.impact(ORDERS, "x", "y").model_dump(mode="json")},
            "reach-counts": {"": {"broken": 1}},
        },
    }
    return SavedPlan.model_validate({**values, **given})


def labels(change: str = "c1") -> Labels:
    return Labels(plan_id="p1", project="x", models={ORDERS: Label(change=change)})


def written(path: Path, **changes: object) -> Path:
    """A saved plan of which a part is another one."""
    write_plan(path, saved())
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


def test_a_plan_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o644)
    write_plan(path, saved())
    assert read_plan(path) == saved()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SavedPlanError, match="can't be written"):
        write_plan(tmp_path / "missing" / "plan.json", saved())
    with pytest.raises(SavedPlanError, match="can't be written"):
        write_plan(tmp_path, saved())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", "not a saved plan"),
        ("{", "not a saved plan"),
        ("[]", "not a saved plan"),
        ("null", "not a saved plan"),
        ('{"format": "other"}', "not a saved plan"),
        ("[" * 100_000, "not a saved plan"),
        ('{"format": "plan-tui-plan"}', "damaged"),
        ('{"format": "plan-tui-plan", "version": true}', "damaged"),
        ('{"format": "plan-tui-plan", "version": 2}', "newer plan_tui"),
        ('{"format": "plan-tui-plan", "version": 1}', "damaged"),
        ('{"format": "plan-tui-plan", "version": 1, "written": 1e300}', "damaged"),
        ('{"format": "plan-tui-plan", "version": 1, "written": NaN}', "damaged"),
    ],
)
def test_a_strange_file_is_refused_in_words(tmp_path: Path, text: str, title: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(SavedPlanError, match=title) as refused:
        read_plan(path)
    assert refused.value.problem.code is ProblemCode.BAD_REQUEST


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SavedPlanError, match="not a saved plan"):
        read_plan(path)
    with pytest.raises(SavedPlanError, match="no file"):
        read_plan(tmp_path / "missing.json")


@pytest.mark.parametrize(
    "part",
    [
        {"plan": {}},
        {"request": {"environment": "dev", "drop": True}},
        {"request": {"categories": {"x": "SAFE"}}},
        {"facts": {"plan_id": "another"}},
        {"written": 10**18},
        {"details": {"x": 1}},
    ],
)
def test_a_damaged_part_is_refused(tmp_path: Path, part: dict[str, object]) -> None:
    with pytest.raises(SavedPlanError, match="damaged"):
        read_plan(written(tmp_path / "plan.json", **part))


def test_what_a_newer_minor_writer_added_is_ignored(tmp_path: Path) -> None:
    assert read_plan(written(tmp_path / "plan.json", more={"x": [1, 2.5, None]})) == saved()


async def test_the_port_shows_the_plan_and_changes_nothing() -> None:
    port = SavedPort(saved(), Path("plan.json"))
    state = await port.state()
    assert (state.state, (await port.connect()).saved) == (SessionState.REVIEW, "plan.json")
    assert state.plan is not None
    assert state.plan.changes.modified.direct[0].diff is None
    assert (await port.overview()).changes.modified.direct[0].diff is not None
    assert state.facts is not None
    assert state.facts.categories_locked
    assert (await port.look(looks.IMPACT, ORDERS)).why_changed == "y"
    for refused in (
        lambda: port.build_plan(PlanRequest()),
        lambda: port.choose({}),
        lambda: port.apply_plan("p1"),
        lambda: port.cancel(),
        lambda: port.environments(),
        lambda: port.model("other"),
        lambda: port.look(looks.IMPACT, "other"),
        lambda: port.look(looks.REACH_COUNTS),
        lambda: port.look(looks.ESTIMATE),
    ):
        with pytest.raises(EngineRefused) as error:
            await refused()
        assert "plan-tui apply plan.json --yes" in error.value.problem.hint


def found(plan: Any = None, change: str = "c1", **of_engine: Any) -> list[str]:
    now = plan or samples.document(plan_id="p2")
    engine = info().model_copy(update=of_engine)
    return list(differences(saved(), now, labels(change), engine))


def test_only_times_and_ids_may_differ() -> None:
    meta = samples.META.model_copy(update={"start": 7, "end": 9})
    assert found(samples.document(plan_id="p2", meta=meta, execution_time=5)) == []


def test_each_difference_is_told() -> None:
    document = samples.document()
    orders = document.changes.modified.direct[0].model_copy(update={"change_category": "BREAKING"})
    modified = document.changes.modified.model_copy(update={"direct": (orders,)})
    changes = document.changes.model_copy(update={"modified": modified, "added": ()})
    assert set(found(samples.document(changes=changes))) == {
        "change of db.shop.orders: directly modified, not categorized when it was saved, "
        "directly modified, BREAKING now",
        "change of db.shop.\u202egnp: added, BREAKING when it was saved, none now",
    }
    assert found(change="c2") == [
        "definition of shop.orders: it changed since, or the environment did"
    ]
    assert found(gateway="other")[0].startswith("gateway: ")
    assert found(samples.document(is_new_environment=False)) == [
        "environment: dev was new, and exists now"
    ]
    danger = Danger(rule="gap", severity=Severity.WARNS, message="Days are missing.")
    assert found(samples.document(dangers=(danger,))) == ["danger, new: gap: Days are missing."]
    assert found(samples.document(restatements={}))[0].startswith("restatement of db.shop.orders")


def test_a_long_difference_of_definitions_is_cut() -> None:
    assert definition_lines("a\nb\nc\n", "a\nd\nc\n") == [" a", "-b", "+d", " c"]
    assert definition_lines("a", "a") == []
    long = definition_lines("", "\n".join(map(str, range(100))))
    assert (len(long), long[-1]) == (41, "… 60 more lines")


def test_only_intervals_differ_when_time_has_passed() -> None:
    longer = samples.BACKFILL.model_copy(
        update={"intervals": ((made.START, made.START + 32 * made.DAY),), "interval_count": 32}
    )
    stage = samples.document().backfills.model_copy(update={"models": (longer,)})
    told = found(samples.document(backfills=stage))
    assert told == [
        "intervals of shop.orders: 2024-01-01 to 2024-01-31 (31 intervals in 2 batches) when it "
        "was saved, 2024-01-01 to 2024-02-01 (32 intervals in 2 batches) now"
    ]
    assert only_of_time(told)
    assert not only_of_time(found(change="c2"))
    assert not only_of_time([])


def test_facts_of_another_plan_are_no_saved_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, saved(facts=PlanFacts(plan_id="p9")))
    with pytest.raises(SavedPlanError, match="damaged"):
        read_plan(path)


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "kept" / "plan.json", tmp_path / "link.json"
    target.parent.mkdir()
    link.symlink_to(target)
    for text in ("first", "second"):
        write_text(link, text)
        assert link.is_symlink()
        assert target.read_text() == text
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_is_no_regular_file_is_written_to_in_place(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "the plan")
        assert os.read(end, 100) == b"the plan"
    finally:
        os.close(end)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
