"""An apply whose engine died, in sentences."""

from __future__ import annotations

import pytest

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.interrupted_words import headline
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import StageName


@pytest.mark.parametrize(
    ("stage", "where"),
    [
        (None, ""),
        (StageName.BEFORE_ALL, " in its before_all statements"),
        (StageName.CREATION, " in its creation of tables"),
        (StageName.BACKFILL, " in its backfill"),
        (StageName.DEFERRED_BACKFILL, " in its backfill after the promotion"),
        (StageName.PROMOTE, " in its promotion"),
        (StageName.FINALIZE, " in its finalization"),
    ],
)
def test_the_stage_is_named_by_a_noun(stage: str | None, where: str) -> None:
    run = InterruptedRun(
        run_id="r1",
        environment="dev",
        started=1,
        last_heard=1,
        # What a journal has is a plain string.
        stage=None if stage is None else str(stage),
        request=PlanRequest(environment="dev"),
        batches_done=1,
        batches_total=3,
    )
    assert headline(run) == f"The apply to dev was interrupted{where}: 1 of 3 batches are done."
