"""What a filter may ask of a change beside its name."""

from __future__ import annotations

import pytest

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.origins import Label, Origin
from plan_tui.ui.widgets.change_facets import (
    Facets,
    Side,
    completion,
    parsed,
    why_unanswered,
)
from plan_tui.ui.widgets.change_filter import matching
from plan_tui.ui.widgets.change_rows import ChangeRows

from . import review_samples as made

DANGER = Danger(
    rule="destructive_change", model=made.name_of("payments"), severity=Severity.WARNS, message="m"
)
ROWS = ChangeRows.of(made.plan(dangers=(DANGER,)), locked=False).rows


def facets(**given: object) -> Facets:
    def known(model: str, **label: object) -> tuple[str, Label]:
        return made.name_of(model), Label.model_validate({"change": model, **label})

    origins = {
        made.name_of("orders"): Origin(mine=True, files=("models/orders.sql",)),
        made.name_of("customers"): Origin(mine=False),
        made.name_of("payments"): Origin(mine=None, reason="Who knows."),
    }
    values: dict[str, object] = {
        "labels": dict(
            (
                known("orders", tags=("Finance", "core"), owner="Ana"),
                known("customers", tags=("crm",), owner="bob"),
                known("payments", tags=("finance-eu",)),
                known("refunds"),
            )
        ),
        "origins": origins,
        "seen": frozenset({"customers"}),
        **given,
    }
    return Facets(**values)  # type: ignore[arg-type]


def found(query: str, side: Side = Side.ALL, known: Facets | None = None) -> set[str]:
    keys = matching(ROWS, query, known or facets(), side)
    return {ROWS[key].name.removeprefix("shop__dev.") for key in keys or ()}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tag:finance", {"orders", "payments"}),
        ("TAG:Finance owner:ana", {"orders"}),
        ("tag:finance pay", {"payments"}),
        ("kind:incremental cat:breaking", {"orders"}),
        ("cat:breaking kind:full", {"refunds"}),
        ("cat:non", {"customers"}),
        ("cat:open", {"payments"}),
        ("cat:indirectly-breaking", {"daily_revenue"}),
        ("cat:indirect", {"daily_revenue", "finance_summary"}),
        ("cat:forward", {"inventory"}),
        ("kind:by-time kind:scd", {"customers"}),
        ("danger:yes", {"payments"}),
        ("mine:yes", {"orders"}),
        ("mine:no", {"customers"}),
        ("drift:y", {"customers"}),
        ("seen:yes", {"customers"}),
        ("seen:no tag:", {"orders", "payments", "refunds", "Environment statements"}),
        ("tag:none", set()),
        ("color:red", set()),
        ("mine:maybe", set()),
    ],
)
def test_facets_leave_what_was_asked_for(query: str, names: set[str]) -> None:
    assert found(query) == names


def test_a_facet_without_a_value_asks_nothing_yet() -> None:
    assert matching(ROWS, "tag:", facets()) is None
    assert matching(ROWS, "  ", facets()) is None


def test_what_can_not_be_asked_is_said() -> None:
    assert parsed("color:red tag:x").problem == (
        "There is no color: to ask for; tag, owner, kind, cat, danger, mine, drift, seen are."
    )
    assert parsed("seen:maybe").problem == "seen: is yes or no."
    assert parsed("a\x1b[2J:x").problem.startswith("There is no a<U+001B>[2j: to ask for")
    unknown = Facets()
    assert "not known yet" in why_unanswered(parsed("tag:x"), unknown)
    assert "Whose" in why_unanswered(parsed("mine:yes"), unknown)
    assert why_unanswered(parsed("tag:x mine:yes"), facets()) == ""


def test_sides_hold_what_is_known_and_nothing_else() -> None:
    assert found("", Side.MINE) == {"orders"}
    assert found("", Side.DRIFT) == {"customers"}
    assert found("seen:yes", Side.MINE) == set()
    assert found("", Side.MINE, facets(origins=None)) == set()
    assert [Side.ALL.after(), Side.MINE.after(), Side.DRIFT.after()] == [
        Side.MINE, Side.DRIFT, Side.ALL,
    ]  # fmt: skip


def test_a_seen_change_is_unseen_once_it_is_another() -> None:
    orders = ROWS[made.name_of("orders")]
    before = facets(seen=frozenset({"orders"}))
    assert before.is_seen(orders)
    after = facets(
        seen=frozenset({"orders"}), labels={made.name_of("orders"): Label(change="orders-2")}
    )
    assert not after.is_seen(orders)
    assert facets(labels=None).unseen(ROWS) is None
    statements = ROWS["!environment_statements"]
    change = before.change_id(statements)
    assert change is not None
    assert facets(seen=frozenset({change})).is_seen(statements)
    warning = next(row for row in ROWS.values() if row.key.startswith("!warning"))
    assert before.change_id(warning) is None


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("t", "tag:"), ("x ow", "x owner:"), ("tag:fin", "tag:Finance"),
        ("owner:B", "owner:bob"), ("cat:non", "cat:non-breaking"), ("mine:", "mine:yes"),
        ("seen:n", "seen:no"), ("kind:sc", "kind:scd_type_2_by_time"), ("seen:no", None),
        ("", None), ("x ", None), ("tag:zzz", None), ("zzz", None), ("zzz:", None),
    ],
)  # fmt: skip
def test_words_are_completed(text: str, completed: str | None) -> None:
    assert completion(text, facets(), ROWS) == completed
