"""States that a project comes to by more than one plan, and projects set up in other ways."""

from __future__ import annotations

from .. import edits as e
from ..projects import chain
from ..scenario import NOW, PROD, Ask, Deployment, Outcome, Scenario
from ..spec import Kind, Model

LATER = {"execution_time": "2024-01-18"}
CHANGED = e.column("shop.lagged", "amount", "(amount * 2)::INT")
CHANGED_BACK = e.column("shop.lagged", "amount", "amount")
BREAKING = e.column("shop.summary", "amount", "(t.amount + 1)::BIGINT")
WIDER_LEDGER = e.column("shop.ledger", "source", "'shop'::TEXT")
TO_PROD = Ask(environment="prod")

SAFE = Ask(categories={"shop.summary": "NON_BREAKING"})
DEV = Deployment(CHANGED)
STAGING = Deployment(CHANGED, Ask(environment="staging"))


def fragile(day: str) -> Model:
    """A model of which one day fails as long as the fault is in."""
    late = f"ds = '{day}' AND (SELECT MAX(amount) FROM ext.payments) > 5"
    return Model(
        "shop.fragile",
        Kind.TIME_RANGE,
        {
            "id": "id",
            "ds": "ds",
            "amount": f"CASE WHEN {late} THEN error('late') ELSE amount END::INT",
        },
        source="shop.events",
        filters="WHERE ds BETWEEN @start_ds AND @end_ds",
        kind_properties={"time_column": "ds", "batch_size": "2"},
    )


READER = Model("shop.reader", Kind.FULL, {"id": "id", "amount": "amount"}, source="shop.fragile")
BROKEN_DEV = Deployment(e.all_of(e.add(fragile("2024-01-09")), e.add(READER)), fails=True)
BROKEN_PROD = Deployment(BROKEN_DEV.edit, TO_PROD, fails=True)
UNFINALIZED = Deployment(
    e.model("shop.fragile", lambda _: fragile("2024-01-16")),
    Ask("prod", LATER, {"forward_only": True}),
    fails=True,
)

ENVIRONMENTS = (
    Scenario("new environment from another", e.column("shop.parts", "amount", "1::INT"),
             Ask(options={"create_from": "staging"}), history=(PROD, STAGING)),
    Scenario("new environment equal to another", ask=Ask(options={"create_from": "staging"}),
             history=(PROD, STAGING), outcome=Outcome.NO_CHANGES),
    Scenario("new environment from one that does not exist", CHANGED,
             Ask(options={"create_from": "nowhere"}), history=(PROD,)),
    Scenario("environment changes again", e.column("shop.lagged", "amount", "(amount * 3)::INT"),
             history=(PROD, DEV)),
    Scenario("environment goes back", CHANGED_BACK, history=(PROD, DEV)),
    Scenario("environment goes back with unmodified", CHANGED_BACK,
             Ask(options={"include_unmodified": True}), history=(PROD, DEV)),
    Scenario("environment is planned again", history=(PROD, DEV)),
    Scenario("environment is planned again, later", ask=Ask(dates=LATER), history=(PROD, DEV)),
    Scenario("dev goes to prod", ask=TO_PROD, history=(PROD, DEV)),
    Scenario("dev goes to prod with more", BREAKING, TO_PROD, history=(PROD, DEV)),
    Scenario("dev goes to prod with a new owner", e.prop("shop.summary", "owner", "team"), TO_PROD,
             history=(PROD, Deployment(BREAKING))),
    Scenario("part of dev goes to prod", e.column("shop.lagged", "amount", "amount"), TO_PROD,
             history=(PROD, Deployment(e.all_of(CHANGED, BREAKING)))),
    Scenario("dev with dates goes to prod", ask=TO_PROD,
             history=(PROD, Deployment(CHANGED, Ask(dates={**NOW, "start": "2024-01-10"})))),
    Scenario("dev with dates goes to prod without gaps",
             ask=Ask("prod", options={"no_gaps": True}),
             history=(PROD, Deployment(CHANGED, Ask(dates={**NOW, "start": "2024-01-10"})))),
    Scenario("forward-only dev goes to prod", ask=TO_PROD,
             history=(PROD, Deployment(WIDER_LEDGER))),
    Scenario("forward-only dev goes to prod, later", ask=Ask("prod", LATER),
             history=(PROD, Deployment(WIDER_LEDGER))),
    Scenario("two environments are merged",
             history=(
                 PROD,
                 Deployment(CHANGED, Ask(environment="one")),
                 Deployment(e.all_of(CHANGED_BACK, BREAKING), Ask(environment="two")),
             ),
             edit=CHANGED, ask=TO_PROD),
    Scenario("chosen category is fixed once applied", ask=TO_PROD,
             history=(PROD, Deployment(BREAKING, SAFE))),
    Scenario("locked category is chosen again",
             ask=Ask("prod", categories={"shop.lagged": "NON_BREAKING"}),
             history=(PROD, DEV)),
    Scenario("restate in dev", ask=Ask(dates={**NOW, "start": "2024-01-10"},
                                       options={"restate_models": ["shop.lagged"]}),
             history=(PROD, DEV)),
    Scenario("restate in dev what prod uses",
             ask=Ask(options={"restate_models": ["shop.events"]}), history=(PROD, DEV)),
    Scenario("restate in prod below dev",
             ask=Ask("prod", {**NOW, "start": "2024-01-12"}, {"restate_models": ["shop.events"]}),
             history=(PROD, DEV)),
    Scenario("name is made safe", CHANGED, Ask(environment="Feature/One")),
)  # fmt: skip

FAILURES = (
    Scenario("rest of a failed plan", history=(PROD, BROKEN_DEV)),
    Scenario("rest of a failed plan in prod", ask=TO_PROD, history=(PROD, BROKEN_PROD)),
    Scenario("rest of an unfinalized prod", ask=Ask("prod", LATER),
             history=(PROD, Deployment(e.add(fragile("2024-02-01")), TO_PROD), UNFINALIZED)),
)  # fmt: skip

SET_UP = (
    Scenario("first plan of all", ask=TO_PROD, history=()),
    Scenario("first plan of all in dev", history=(), base=chain),
    Scenario("first plan of all with dates", ask=Ask(dates={**NOW, "start": "2024-01-08"}),
             history=(), base=chain),
    Scenario("suffix on the table", all_changes := e.all_of(CHANGED, BREAKING),
             history=(Deployment(e.config(environment_suffix_target="table"), TO_PROD),)),
    Scenario("virtual environments for dev only", all_changes,
             history=(Deployment(e.config(virtual_environment_mode="dev_only"), TO_PROD),)),
    Scenario("finalized state only", all_changes,
             history=(Deployment(e.config(plan={"use_finalized_state": True}), TO_PROD), DEV)),
    Scenario("environment is always made anew", BREAKING,
             history=(Deployment(e.config(plan={"always_recreate_environment": True}), TO_PROD),
                      DEV)),
    Scenario("categories are asked for", all_changes,
             history=(Deployment(e.config(plan={"auto_categorize_changes": {"sql": "semi"}}),
                                 TO_PROD),)),
    Scenario("restatement is disabled",
             ask=Ask("prod", {**NOW, "start": "2024-01-12"}, {"restate_models": ["shop.events"]}),
             history=(Deployment(e.kind_prop("shop.lagged", "disable_restatement", "true"),
                                 TO_PROD),)),
)  # fmt: skip

SCENARIOS = (*ENVIRONMENTS, *FAILURES, *SET_UP)
