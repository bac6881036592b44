"""The options of a plan: dates, scope, categories, forward-only, backfill."""

from __future__ import annotations

from .. import edits as e
from ..projects import chain
from ..scenario import NOW, Ask, Options, Outcome, Scenario
from ..spec import Kind, Model

LATER = "2024-01-18"

CHANGED = e.column("shop.lagged", "amount", "(amount * 2)::INT")
BREAKING = e.column("shop.summary", "amount", "(t.amount + 1)::BIGINT")
WIDER_LEDGER = e.column("shop.ledger", "source", "'shop'::TEXT")
NARROWER_LEDGER = e.drop_column("shop.ledger", "note")
TWO = e.all_of(CHANGED, e.column("shop.customers", "amount", "MAX(amount)::BIGINT"))
NEW_VIEW = Model("shop.fresh", Kind.VIEW, {"id": "id", "amount": "amount"}, source="shop.events")


def dev(**options: object) -> Ask:
    return Ask(options=options)


def prod(**options: object) -> Ask:
    return Ask(environment="prod", options=options)


def dated(environment: str = "dev", options: Options | None = None, **dates: str) -> Ask:
    return Ask(environment, {**NOW, **dates}, options or {})


def chosen(options: Options | None = None, **categories: str) -> Ask:
    """Choices by the model's name in the schema ``shop``."""
    named = {f"shop.{name}": category for name, category in categories.items()}
    return Ask(options=options or {}, categories=named)


DATES = (
    Scenario("start", CHANGED, dated(start="2024-01-05")),
    Scenario("start and end", CHANGED, dated(start="2024-01-03", end="2024-01-08")),
    Scenario("hours", e.column("shop.clicks", "clicks", "8::INT"),
             dated(start="2024-01-13 06:00:00", end="2024-01-14 09:00:00")),
    Scenario("relative dates", CHANGED, dated(start="1 week ago", end="yesterday")),
    Scenario("start of a model with a past", e.column("shop.customers", "amount", "1::BIGINT"),
             dated(start="2024-01-05")),
    Scenario("start of an embedded model's reader", BREAKING, dated(start="2024-01-10")),
    Scenario("start in prod", CHANGED, dated("prod", start="2024-01-05"),
             outcome=Outcome.REFUSED),
    Scenario("end in the future", CHANGED, dated(end="2024-02-01"), outcome=Outcome.REFUSED),
    Scenario("end before start", CHANGED, dated(start="2024-01-10", end="2024-01-05"),
             outcome=Outcome.REFUSED),
    Scenario("no dates at all", CHANGED, Ask(dates={})),
    Scenario("no dates at all in prod", CHANGED, Ask("prod", dates={})),
    Scenario("earlier execution time", CHANGED, dated(execution_time="2024-01-10")),
    Scenario("later execution time", CHANGED, dated(execution_time=LATER)),
    Scenario("later execution time in prod", ask=dated("prod", execution_time=LATER)),
    Scenario("run", ask=dated("prod", {"run": True}, execution_time=LATER)),
    Scenario("run with a change", BREAKING, dated("prod", {"run": True}, execution_time=LATER)),
    Scenario("run that ignores cron",
             ask=dated("prod", {"run": True, "ignore_cron": True}, execution_time=LATER)),
    Scenario("min intervals",
             e.all_of(CHANGED, e.column("shop.weekly", "amount", "(amount * 3)::INT")),
             dated(options={"min_intervals": 2}, start="2024-01-14")),
)  # fmt: skip

SCOPE = (
    Scenario("select one of two", TWO, dev(select_models=["shop.lagged"])),
    Scenario("select with parents", TWO, dev(select_models=["+shop.weekly"])),
    Scenario("select with children", TWO, dev(select_models=["shop.lagged+"])),
    Scenario("select by tag", TWO, dev(select_models=["tag:nightly"])),
    Scenario("select by pattern in prod", TWO, prod(select_models=["shop.cust*"])),
    Scenario("select nothing", TWO, dev(select_models=["shop.nothing"]),
             outcome=Outcome.REFUSED),
    Scenario("select a removed model", e.all_of(TWO, e.remove("shop.scores")),
             prod(select_models=["shop.scores"])),
    Scenario("backfill one of two", TWO, dev(backfill_models=["shop.lagged"])),
    Scenario("backfill a child", TWO, dev(backfill_models=["shop.weekly"])),
    Scenario("select two, backfill one", TWO,
             dev(select_models=["shop.lagged", "shop.customers"],
                 backfill_models=["shop.customers"])),
    Scenario("include unmodified", ask=dev(include_unmodified=True)),
    Scenario("include unmodified with a change", CHANGED, dev(include_unmodified=True)),
    Scenario("skip backfill", CHANGED, dev(skip_backfill=True)),
    Scenario("empty backfill", CHANGED, dev(empty_backfill=True)),
    Scenario("no gaps in prod", CHANGED, prod(no_gaps=True)),
    Scenario("skip tests", CHANGED, dev(skip_tests=True)),
    Scenario("skip the linter",
             e.all_of(e.config(linter={"enabled": True, "rules": ["nomissingaudits"]}), CHANGED),
             dev(skip_linter=True)),
    Scenario("test what changes only", e.filters("shop.paid", "WHERE id > 0"),
             dev(test_changed_only=True)),
    Scenario("test what changes only, untested", CHANGED, dev(test_changed_only=True)),
    Scenario("rendered diff", BREAKING, dev(diff_rendered=True), base=chain),
)  # fmt: skip

RESTATEMENTS = (
    Scenario("restate in prod", ask=dated("prod", {"restate_models": ["shop.events"]},
                                          start="2024-01-04", end="2024-01-06")),
    Scenario("restate all of a model", ask=prod(restate_models=["shop.lagged"])),
    Scenario("restate by tag", ask=dated("prod", {"restate_models": ["tag:slow"]},
                                         start="2024-01-08")),
    Scenario("restate with parents",
             ask=dated("prod", {"restate_models": ["+shop.ledger"]}, start="2024-01-12")),
    Scenario("restate hours", ask=dated("prod", {"restate_models": ["shop.clicks"]},
                                        start="2024-01-13 03:00:00", end="2024-01-13 20:00:00")),
    Scenario("restate what depends on its past",
             ask=dated("prod", {"restate_models": ["shop.customers"]}, start="2024-01-10")),
    Scenario("restate a history", ask=prod(restate_models=["shop.store_history"])),
    Scenario("restate a seed", ask=prod(restate_models=["raw.stores"])),
    Scenario("restate ignores changes", CHANGED, prod(restate_models=["shop.parts"])),
    Scenario("restate a model that does not exist", ask=prod(restate_models=["shop.nothing"]),
             outcome=Outcome.REFUSED),
    Scenario("restate in an environment that does not exist",
             ask=dev(restate_models=["shop.events"]), outcome=Outcome.REFUSED),
)  # fmt: skip

FORWARD_ONLY = (
    Scenario("forward-only plan", CHANGED, dev(forward_only=True)),
    Scenario("forward-only plan from a date", CHANGED,
             dated(options={"forward_only": True}, start="2024-01-10")),
    Scenario("forward-only plan in prod", CHANGED, prod(forward_only=True)),
    Scenario("forward-only plan in prod, later", TWO,
             dated("prod", {"forward_only": True}, execution_time=LATER)),
    Scenario("forward-only plan with an effective date", CHANGED,
             dev(forward_only=True, effective_from="2024-01-08")),
    Scenario("effective date without forward-only", CHANGED, dev(effective_from="2024-01-08"),
             outcome=Outcome.REFUSED),
    Scenario("forward-only plan of all kinds",
             e.all_of(TWO, BREAKING, e.kind_prop("shop.scores", "score", "2"),
                      e.rows("raw.stores", "3,west,2024-01-03 00:00:00"), e.add(NEW_VIEW)),
             dev(forward_only=True)),
    Scenario("forward-only model without preview", WIDER_LEDGER, dev(enable_preview=False)),
    Scenario("forward-only model in prod", WIDER_LEDGER, prod()),
    Scenario("destructive change", NARROWER_LEDGER, outcome=Outcome.REFUSED),
    Scenario("destructive change that is allowed", NARROWER_LEDGER,
             dev(allow_destructive_models=["shop.ledger"])),
    Scenario("destructive change with a warning",
             e.all_of(NARROWER_LEDGER,
                      e.kind_prop("shop.ledger", "on_destructive_change", "warn"))),
    Scenario("additive change that is an error",
             e.all_of(WIDER_LEDGER, e.kind_prop("shop.ledger", "on_additive_change", "error")),
             outcome=Outcome.REFUSED),
    Scenario("additive change that is allowed",
             e.all_of(WIDER_LEDGER, e.kind_prop("shop.ledger", "on_additive_change", "error")),
             dev(allow_additive_models=["shop.ledger"])),
)  # fmt: skip

CATEGORIES = (
    Scenario("breaking change chosen as non-breaking", BREAKING, chosen(summary="NON_BREAKING")),
    Scenario("column chosen as breaking", e.column("shop.events", "two", "2::INT"),
             chosen(events="BREAKING")),
    Scenario("two choices", TWO, chosen(lagged="NON_BREAKING", customers="BREAKING")),
    Scenario("choice for an added model", e.all_of(BREAKING, e.add(NEW_VIEW)),
             chosen(fresh="NON_BREAKING")),
    Scenario("choice for a forward-only model", WIDER_LEDGER, chosen(ledger="BREAKING")),
    Scenario("choice in a forward-only plan", CHANGED,
             chosen({"forward_only": True}, lagged="NON_BREAKING")),
    Scenario("choice for an indirect change", CHANGED, chosen(weekly="BREAKING")),
    Scenario("no automatic categories", TWO, dev(no_auto_categorization=True)),
    Scenario("no automatic categories, one chosen", TWO,
             chosen({"no_auto_categorization": True}, lagged="BREAKING")),
    Scenario("no automatic categories, all chosen", TWO,
             chosen({"no_auto_categorization": True}, lagged="BREAKING",
                    customers="NON_BREAKING")),
)  # fmt: skip

SCENARIOS = (*DATES, *SCOPE, *RESTATEMENTS, *FORWARD_ONLY, *CATEGORIES)
