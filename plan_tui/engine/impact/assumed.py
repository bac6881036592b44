"""What a plan would run while models have no category: with what is suggested for them.

An assumption and no choice: it is made on copies, is told as one, and is found nowhere but in the
steps that somebody looks at.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plan_tui.contract.plan import Category
from plan_tui.engine.impact.categories import WORDS, category_reason
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.semantic import semantic_diff
from plan_tui.engine.impact.what_if import laid_out, plan_with
from plan_tui.engine.impact.why import listed
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.mapping import PlanView
from plan_tui.engine.problems import sentence_of

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan
    from plan_tui.engine.work import PlanWork

logger = logging.getLogger(__name__)
OTHERWISE = Category.BREAKING
"""What is assumed where nothing is suggested: with it nothing that may run is left out."""


@dataclass(frozen=True)
class Assumed:
    """A plan as it would be, and what was assumed for it."""

    built: BuiltPlan
    words: str
    """``shop.orders breaking (suggested)``."""
    instead_of: PlanWork
    """Held, as its id is part of the key."""


_assumed: Kept[Assumed] = Kept(1)


def assumed_plan(asked: Asked) -> Assumed | str:
    """The plan with categories for the models that have none, or why there is none.

    Args:
        asked: The question; its plan is left as it is.
    """
    built = asked.built
    key = (built.plan.plan_id, frozenset(built.choices.items()), id(built.work))
    try:
        return _assumed.get(key, lambda: _compute(asked))
    except LookDropped:
        raise
    except Exception as error:
        logger.info("The steps of an open plan can't be assumed.", exc_info=error)
        return f"They can't be told with an assumption either: {sentence_of(error)}"


def _compute(asked: Asked) -> Assumed:
    built = asked.built
    choices: dict[str, Category] = {}
    words = []
    for snapshot in sorted(built.plan.uncategorized, key=lambda each: each.name):
        asked.check()
        if not built.view.choices(snapshot):
            continue
        suggestion = _suggested(built, snapshot.name)
        choices[snapshot.name] = suggestion or OTHERWISE
        how = "suggested" if suggestion else "nothing is suggested"
        shown = built.view.view_name(snapshot)
        words.append(f"{shown} {WORDS[choices[snapshot.name].value]} ({how})")
    plan = plan_with(asked, {**built.choices, **choices})
    asked.check()
    view = PlanView(plan, built.view.default_catalog, built.view.dialect)
    would_be = replace(built, plan=plan, view=view, work=laid_out(asked, plan))
    return Assumed(would_be, listed(words), built.work)


def _suggested(built: BuiltPlan, name: str) -> Category | None:
    try:
        return category_reason(built, name, semantic_diff(built, name)).suggestion
    except Exception as error:  # a model that can't be compared has no suggestion
        logger.info("No suggestion for %s.", name, exc_info=error)
        return None
