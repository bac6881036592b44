"""A plan whose every name tries to be more than a name, for documents and files."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from plan_tui.client.markdown import PlanReport
from plan_tui.contract.changes import (
    AddedChange,
    DirectChange,
    IndirectChange,
    MetadataChange,
    ModelBackfill,
    ModifiedChanges,
    RemovedChange,
)
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.impact import (
    CategoryReason,
    ChoiceCost,
    ModelImpact,
    Reached,
    SemanticChange,
)
from plan_tui.contract.plan import Category, PlanOptions
from plan_tui.contract.review import Step
from plan_tui.contract.stages import (
    BackfillsStage,
    ChangesStage,
    LintViolation,
    Meta,
    ModelTestFailure,
    ModelTests,
    PlanOverviewStageTracker,
    ValidationStage,
)
from plan_tui.contract.state import PlanFacts

DAY = 86_400_000
START = 1_704_067_200_000
META = Meta(start=START, end=START + 5, done=True)
CHOICES = (Category.BREAKING, Category.NON_BREAKING)


def plan(text: str, diff: str, count: int, words: str) -> PlanOverviewStageTracker:
    """A plan of so many changes of each kind, all called by one text."""

    def node(number: int, what: str) -> dict[str, Any]:
        return {"name": f"{what}{number}{text}", "view_name": text}

    direct = [node(number, "d") for number in range(count)]
    values: dict[str, Any] = {
        "plan_id": "p1234567890",
        "environment": text,
        "start": START,
        "end": START + 31 * DAY,
        "execution_time": START + 31 * DAY,
        "is_new_environment": True,
        "plan_options": PlanOptions(),
        "meta": META,
        "validation": ValidationStage(
            meta=META,
            tests=ModelTests(
                run=1, failed=1, failures=(ModelTestFailure(name=text, path=text, message=words),)
            ),
            lint=(LintViolation(rule=text, model=text, severity=words, message=words),),
        ),
        "changes": ChangesStage(
            meta=META,
            added=tuple(
                AddedChange(**node(n, "a"), kind="FULL", change_category=text) for n in range(count)
            ),
            removed=tuple(RemovedChange(**node(n, "r")) for n in range(count)),
            modified=ModifiedChanges(
                direct=tuple(
                    DirectChange(**each, kind="FULL", diff=diff, choices=CHOICES) for each in direct
                ),
                indirect=tuple(
                    IndirectChange(**node(n, "i"), kind="VIEW", parents=(direct[0]["name"],))
                    for n in range(count)
                ),
                metadata=tuple(
                    MetadataChange(**node(n, "m"), kind="FULL", diff=diff) for n in range(count)
                ),
            ),
            requirements=diff,
            environment_statements=diff,
        ),
        "backfills": BackfillsStage(
            meta=META,
            models=tuple(
                ModelBackfill(**each, kind="FULL", intervals=((START, START + DAY),),
                              interval_count=1, batches=1, label=text)
                for each in direct
            ),
        ),
        "restatements": {direct[0]["name"]: (START, START + DAY)},
        "warnings": (words,),
        "dangers": (
            Danger(rule=text, model=direct[0]["name"], severity=Severity.BLOCKS, message=words,
                   hint=words, details=(text, words), allowed=True),
            Danger(rule="gap", severity=Severity.NOTES, message=words),
        ),
        "steps": (
            Step(stage=text, model=direct[0]["name"], text=words),
            Step(stage="promote", text=words),
        ),
    }  # fmt: skip
    return PlanOverviewStageTracker.model_validate(values)


def report(text: str, diff: str = "-a\n+b", count: int = 1, words: str = "It is so.") -> PlanReport:
    """The same with what every change means."""
    made = plan(text, diff, count, words)
    modified, changes = made.changes.modified, made.changes
    names = [each.name for each in (*modified.direct, *changes.added, *modified.metadata)]
    facts = PlanFacts(
        plan_id=made.plan_id,
        create_from=text,
        refusal=Problem(code=ProblemCode.INVALID_PLAN, title=words),
    )
    return PlanReport(made, facts, {name: impact(name, text, words) for name in names})


def impact(name: str, text: str, words: str) -> ModelImpact:
    cost = ChoiceCost(models=1, intervals=2, batches=3)
    return ModelImpact(
        plan_id="p1234567890",
        name=name,
        view_name=text,
        why_changed=words,
        semantic_diff=(
            SemanticChange(kind="column_added", column=text, before=words, after=text),
            SemanticChange(kind=words, subject=text, place=words),
        ),
        reach=(
            Reached(name=text, view_name=text, reads=True),
            Reached(name=text, view_name=text, reads=None),
            Reached(name=text, view_name=text, reads=False),
        ),
        category=CategoryReason(reason=words, suggestion=Category.BREAKING),
        what_if={Category.BREAKING: cost, Category.NON_BREAKING: cost},
        notes=(words,),
    )


NASTY = (
    "`", "``", "`` ` ``", "|", "\\|", "</details>", "<script>alert(1)</script>", "@somebody",
    "@org/team", "#1", "a/b#2", "GH-3", "https://example.com", "www.example.com", "a@b.io",
    "![x](y)", "[x](javascript:y)", "**", "__a__", "_a_", "~~a~~", "&lt;", "&#64;x", "\n", "\n\n",
    "\n# x", "\n- x", "\n```", "\n~~~", "```\n", "~~~\n", "    x", "\t", "\r\n", "\u2028", "\u202e",
    "\x1b[2J", "\ud800", ":smile:", "---", "===", "1.", "+", "- [ ] x", "<!-- x -->", "<details>",
    "$x$", "deadbeef", "[^1]", "x", "shop.orders", " ", "é", "\\", "\\`", "<a\nhref", "> x",
)  # fmt: skip
nasty = st.lists(st.sampled_from(NASTY) | st.text(max_size=4), max_size=8).map("".join)
