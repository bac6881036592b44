"""A seed's rows in the review: compared by a key, and never by the cursor resting on it."""

from __future__ import annotations

import pytest

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import ModelImpact, SeedFile, SeedRows, SemanticChange
from plan_tui.contract.looks import IMPACT, SEED_ROWS
from plan_tui.ui.screens.data_diff import DataDiffScreen
from plan_tui.ui.widgets.semantic_words import seed_words

from . import review_samples as made
from .driving import screen_text, until
from .fake_port import FakePort
from .test_review import NARROW, ORDERS, WIDE, reviewing, settled

PLAN_ID = "3f2a9c1d77"
VALUES = SemanticChange(kind=Kind.VALUES_CHANGED, column="city")
ROWS = SemanticChange(kind=Kind.ROWS_ADDED, subject="1 row", after="id 4")

pytestmark = pytest.mark.usefixtures("no_rests")


def impact(seed: SeedFile, *changes: SemanticChange) -> ModelImpact:
    return ModelImpact(
        plan_id=PLAN_ID, name=ORDERS, view_name="shop__dev.orders", why_changed="",
        semantic_diff=changes, seed=seed,
    )  # fmt: skip


def port() -> FakePort:
    """The orders are a seed."""
    plan = made.plan()
    modified = plan.changes.modified
    direct = tuple(
        each.model_copy(update={"kind": "SEED"}) if each.name == ORDERS else each
        for each in modified.direct
    )
    modified = modified.model_copy(update={"direct": direct})
    changes = plan.changes.model_copy(update={"modified": modified})
    fake = made.port_on(made.reviewing(plan=plan.model_copy(update={"changes": changes})))
    fake.looks[(IMPACT.path, ORDERS)] = impact(SeedFile(rows=48), VALUES)
    fake.looks[(SEED_ROWS.path, ORDERS)] = SeedRows(plan_id=PLAN_ID, name=ORDERS, changes=(ROWS,))
    return fake


def asked(fake: FakePort) -> list[object]:
    calls = [call for call in fake.called("look") if isinstance(call, tuple)]
    return [call[1] for call in calls if call[0] == SEED_ROWS.path]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_key_compares_the_rows_and_the_detail_shows_them(size: tuple[int, int]) -> None:
    fake = port()
    async with reviewing(fake, size) as (app, screen, pilot):
        screen.body.changes.move_to(ORDERS)
        await settled(pilot)
        if size == WIDE:
            text = screen_text(app)
            assert "48 rows in the file now." in text
            assert "D reads its rows of before" in text
        assert asked(fake) == []
        fake.looks[(IMPACT.path, ORDERS)] = impact(SeedFile(rows=48, compared=True), ROWS)
        await pilot.press("D")
        await until(pilot, lambda: "id 4" in screen_text(app))
        assert asked(fake) == [ORDERS]
        assert app.screen is screen
        await pilot.press("D")
        await settled(pilot)
        assert isinstance(app.screen, DataDiffScreen)
        assert asked(fake) == [ORDERS]


def test_the_words_follow_from_what_is_known() -> None:
    def words(seed: SeedFile | None, *changes: SemanticChange) -> list[str]:
        return [text for text, _ in seed_words(seed, changes)]

    assert words(None, VALUES) == []
    assert words(SeedFile(compared=True), ROWS) == []
    assert words(SeedFile(rows=1, compared=True), VALUES) == [
        "1 row in the file now.",
        "Row by row it holds what it held before.",
    ]
    assert words(SeedFile(problem="It is [b]gone."), VALUES) == [
        "Its rows could not be compared: It is [b]gone. D tries again."
    ]


def test_a_saved_plan_names_no_key_that_is_dead_in_it() -> None:
    def words(seed: SeedFile) -> str:
        return " ".join(text for text, _ in seed_words(seed, (VALUES,), saved=True))

    assert words(SeedFile(rows=48)) == (
        "48 rows in its file when it was saved. "
        "Its rows of before were not compared when the plan was saved."
    )
    assert words(SeedFile(problem="It is gone.")) == ("Its rows could not be compared: It is gone.")
