"""An environment whose last apply died before it was finalized: said so, and resumed."""

from __future__ import annotations

from plan_tui.contract.state import RunOutcome
from plan_tui.ui.screens.confirm_words import facts_of
from plan_tui.ui.screens.review_panel import panel_lines

from .hosting import HostedEngine
from .projects import Project


def test_it_is_told_where_there_is_nothing_else_to_do(engine: HostedEngine, shop: Project) -> None:
    assert engine.plan("prod").plan.warnings == ()
    with shop.context() as context:
        environment = context.state_reader.get_environment("prod")
        assert environment is not None
        unfinished = environment.copy(update={"finalized_ts": None})
        context.state_sync.state_sync.environment_state.update_environment(unfinished)
    run = engine.plan("prod")
    assert run.state.facts is not None
    assert run.state.facts.half_applied
    assert run.plan.changes.is_empty
    (warning,) = run.plan.warnings
    assert warning.startswith("prod is half applied")
    said = "\n".join(line.plain for line in panel_lines(run.state, 0))
    assert "prod is half applied: applying again resumes." in said
    assert ("Resumes", "its last apply, which ended half-way") in [
        fact[:2] for fact in facts_of(run.state)
    ]
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    again = engine.plan("prod").state.facts
    assert again is not None
    assert not again.half_applied
