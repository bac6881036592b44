"""What comes while an apply is checked: another plan than the checked one never begins."""

from __future__ import annotations

from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.plan import CancelMode, Category
from plan_tui.contract.state import SessionState
from plan_tui.engine.refused import Refused

from .hosting import HostedEngine
from .projects import Project


def test_a_plan_that_a_queued_choice_changes_is_not_applied(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    choice = {"shop.stores": Category.NON_BREAKING}
    with engine.busy_worker():
        choosing = engine.send(lambda session: session.choose(choice))
        applying = engine.send(lambda session: session.apply(plan_id))
    assert choosing.exception(30) is None
    refusal = applying.exception(30)
    assert isinstance(refusal, Refused)
    assert (refusal.status, refusal.problem.code) == (409, ProblemCode.STALE_PLAN)
    assert engine.state.state is SessionState.REVIEW
    assert shop.plan_id("dev") is None


def test_a_cancel_while_an_apply_is_checked_keeps_it_from_beginning(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    with engine.busy_worker():
        applying = engine.send(lambda session: session.apply(plan_id))
        engine.send(lambda session: session.cancel(CancelMode.GRACEFUL)).result(30)
    refusal = applying.exception(30)
    assert isinstance(refusal, Refused)
    assert refusal.status == 409
    assert "cancelled" in refusal.problem.title
    assert engine.state.state is SessionState.REVIEW
    assert engine.apply(plan_id).problem is None


def test_an_engine_that_is_told_to_leave_begins_no_apply(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    with engine.busy_worker():
        applying = engine.send(lambda session: session.apply(plan_id))
        engine.send(lambda session: session.leave()).result(30)
    assert isinstance(applying.exception(30), Refused)
    assert engine.state.apply is None
