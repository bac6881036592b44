"""What a change means with the rows of a seed, where reading those of before costs nothing."""

from __future__ import annotations

from plan_tui.client.errors import EngineRefused
from plan_tui.client.port import EnginePort
from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.looks import IMPACT, SEED_ROWS


async def impact_with_rows(port: EnginePort, name: str) -> ModelImpact:
    """What is known of a change; a seed's rows are compared where that is free.

    Args:
        port: The engine that reviews the plan.
        name: The model.

    Raises:
        EngineRefused: There is no plan, or it has no such model.
    """
    impact = await port.look(IMPACT, name)
    if impact.seed is None or impact.seed.compared:
        return impact
    try:
        found = await port.look(SEED_ROWS, impact.name, free="yes")
    except EngineRefused as error:
        return with_problem(impact, error.problem.title)
    if found.problem:
        return with_problem(impact, found.problem)
    return await port.look(IMPACT, name)


def with_problem(impact: ModelImpact, problem: str) -> ModelImpact:
    """The same, with the reason why its rows are not compared."""
    if impact.seed is None:
        return impact
    return impact.model_copy(update={"seed": impact.seed.model_copy(update={"problem": problem})})
