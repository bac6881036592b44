"""The unit tests of a model in the detail."""

from __future__ import annotations

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange, UnitTest, UnitTests, UnitTestTable
from plan_tui.ui.widgets.lines import Page
from plan_tui.ui.widgets.tests_section import unit_tests_section

ROWS = tuple(f"id {number}" for number in range(11))
TESTED = UnitTest(
    name="test_orders",
    path="tests/test_orders.yaml",
    outcome="passed",
    tables=(UnitTestTable(name="input raw.orders", rows=ROWS), UnitTestTable(name="expected")),
)


def shown(tests: UnitTests, width: int) -> list[str]:
    page = Page()
    unit_tests_section(page, tests, width)
    assert all(line.width <= width for line in page.lines)
    return [line.text.rstrip() for line in page.lines]


def test_what_was_done_to_a_test_and_what_it_holds() -> None:
    changed = SemanticChange(
        kind=Kind.TEST_CHANGED,
        subject="row 2 of input raw.orders: id",
        before="1",
        after="2",
        place="test_orders",
    )
    added = SemanticChange(kind=Kind.TEST_ADDED, subject="test_new")
    found = shown(UnitTests(tests=(TESTED,), against="main", changes=(changed, added)), 60)
    assert found[0] == "Unit tests 1  2 changes"
    assert "~ row 2 of input raw.orders: id" in found
    assert "    1 → 2" in found
    assert "+ test test_new" in found
    assert "✓ test_orders" in found
    assert "  passed, tests/test_orders.yaml" in found
    assert "    id 7" in found
    assert "    id 8" not in found
    assert "    and 3 more rows" in found
    assert found[-2:] == ["  expected:", "    no row"]


def test_it_says_where_nothing_of_before_is_known_and_where_nothing_changed() -> None:
    skipped = TESTED.model_copy(update={"outcome": "not_run"})
    unknown = UnitTests(tests=(skipped,), problem="/shop is not in a git repository.")
    words = " ".join(shown(unknown, 40))
    assert "SQLMesh keeps no versions of unit tests" in words
    assert "/shop is not in a git repository." in words
    assert "- test_orders   not run, tests/test_orders.yaml" in words
    same = " ".join(shown(UnitTests(tests=(TESTED,), against="main"), 40))
    assert "as they are on main." in same
