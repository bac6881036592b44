"""A plan that was built around models that do not parse or render."""

from __future__ import annotations

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.state import EngineState

from . import review_samples as made

BROKEN = Danger(
    rule="broken_model",
    model=made.name_of("stock"),
    severity=Severity.BLOCKS,
    message="shop.stock is broken: models/marts/stock.sql, line 12, column 6: "
    "Expected table name but got '('",
    hint="Correct the file, then build the plan again. Until then this plan has it as dev has it, "
    "so no change of it is shown.",
    view_name="shop.stock",
    details=("SELECT", "  item_id", "FROM (;"),
    path="models/marts/stock.sql",
    line=12,
    column=6,
)
NEW = Danger(
    rule="broken_model",
    severity=Severity.BLOCKS,
    message="shop.returns is broken: models/marts/returns.sql, line 3: "
    "Macro 'nothing' does not exist.",
    hint="Correct the file, then build the plan again. It is new, so this plan leaves it out.",
    view_name="shop.returns",
    path="models/marts/returns.sql",
    line=3,
)
WITHHELD = Danger(
    rule="not_planned",
    model=made.name_of("return_rates"),
    severity=Severity.WARNS,
    message="shop.return_rates is not planned: it depends on shop.returns, which is broken.",
    hint="Correct what is broken, then build the plan again: until then it is left out.",
    view_name="shop.return_rates",
)
REFUSAL = Problem(
    code=ProblemCode.BROKEN_MODEL,
    title="shop.stock is broken, and 1 more: a plan without it is not applied.",
    message=f"{BROKEN.message}\n{NEW.message}",
    hint="Correct the files, then build the plan again.",
    path=BROKEN.path,
    line=BROKEN.line,
    column=BROKEN.column,
)


def around_broken(**given: object) -> EngineState:
    """A plan with a broken model, a new broken one, and one that depends on that."""
    plan = made.plan(dangers=(BROKEN, NEW, WITHHELD))
    facts = made.facts(uncategorized=(), refusal=REFUSAL)
    return made.reviewing(**{"plan": plan, "facts": facts, **given})
