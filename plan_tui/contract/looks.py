"""Look-ups: what the engine computes of the reviewed plan only when somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from plan_tui.contract.base import Wire
from plan_tui.contract.dangers import Dangers
from plan_tui.contract.data_diff import DataDiff, DataDiffOffer
from plan_tui.contract.impact import ModelImpact, PlanEstimate, ReachCounts, SeedRows
from plan_tui.contract.origins import Labels, Origins
from plan_tui.contract.steps import PlannedSteps, StepSql
from plan_tui.contract.timeline import Timeline

W_co = TypeVar("W_co", bound=Wire, covariant=True)

ROUTE = "/api/looks/{path}"
"""``GET``; the query names the model (``name``) and what else the look-up takes."""


@dataclass(frozen=True)
class Look(Generic[W_co]):
    """A question about the reviewed plan, and the type of its answer."""

    path: str
    answer: type[W_co]
    slow: bool = False
    """Whether it may take seconds: it is computed beside the quick ones, not before them."""
    needs_plan: bool = True
    """Whether there is nothing to answer without a plan."""
    saved: Literal["plan", "model", "step"] | None = None
    """Whether a saved plan takes its answer along: one, or one of each of its models or steps."""
    warehouse: bool = False
    """Whether it asks the warehouse: it waits for its turn, and an apply has the right of way."""


IMPACT = Look("impact", ModelImpact, saved="model")
"""Of one model (``name``)."""
REACH_COUNTS = Look("reach-counts", ReachCounts, slow=True, saved="plan")
ESTIMATE = Look("estimate", PlanEstimate, slow=True, saved="plan")
TIMELINE = Look("timeline", Timeline, slow=True, saved="plan")
LABELS = Look("labels", Labels, saved="plan")
ORIGINS = Look("origins", Origins, slow=True, saved="plan")
"""Beside the main branch, or a git reference (``ref``)."""
STEPS = Look("steps", PlannedSteps, slow=True, saved="plan")
STEP_SQL = Look("step-sql", StepSql, slow=True, warehouse=True, saved="step")
"""Of the step whose id is the parameter ``step``."""
DANGERS = Look("dangers", Dangers, slow=True, saved="plan")
"""All of them, those included that the plan came with."""
DATA_DIFF_OFFER = Look("data-diff-offer", DataDiffOffer, slow=True)
"""What comparing the data of one model (``name``) would read; reads none of it."""
DATA_DIFF = Look("data-diff", DataDiff, slow=True, warehouse=True)
"""The data of one model (``name``) on both sides; ``on``, ``where``, ``limit``, ``seconds``."""
SEED_ROWS = Look("seed-rows", SeedRows, slow=True, warehouse=True)
"""The rows of a changed seed (``name``) beside those of before; ``free`` where it may not cost."""

ALL: tuple[Look[Wire], ...] = (
    *(IMPACT, REACH_COUNTS, ESTIMATE, TIMELINE, LABELS, ORIGINS),
    *(STEPS, STEP_SQL, DANGERS, DATA_DIFF_OFFER, DATA_DIFF, SEED_ROWS),
)
