"""Connections that break and credentials that expire on a real PostgreSQL have words of their own.

One lost connection costs the batch at work and nothing else.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import ModelStatus, RunOutcome
from tests.engine.hosting import HostedEngine, hosted
from tests.engine.projects import DAY, JAN_1, Project
from tests.engine.talking import Run
from tests.faults.postgres import PostgresServer
from tests.soaking import long, trials

DAYS = """\
MODEL (
  name shop.days,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 1, batch_concurrency 1),
  start '2024-01-01',
  end '2024-01-04'
);
SELECT d::DATE AS ds, 1::INT AS n
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL '1 day') AS days(d)
WHERE @start_ds < '2024-01-03' OR PG_SLEEP((SELECT seconds FROM public.nap))::TEXT = ''
"""
"""Four batches of a day; the third and the fourth take the nap that a table tells."""
FULL = "MODEL (name shop.{name}, kind FULL);\nSELECT n + 1 AS n FROM {source}\n"
ZONE = "MODEL (name shop.zone_0, kind FULL);\nSELECT 1::INT AS n\n"
SHOP = {
    "models/days.sql": DAYS,
    "models/sums.sql": FULL.format(name="sums", source="shop.days"),
    "models/tops.sql": FULL.format(name="tops", source="shop.sums"),
    "models/zone_0.sql": ZONE,
}
for number in range(1, 8):
    SHOP[f"models/zone_{number}.sql"] = FULL.format(
        name=f"zone_{number}", source=f"shop.zone_{number - 1}"
    )
"""days -> sums -> tops, and zones of their own: a worker comes to the last after the days."""
REST = {"shop__dev.days", "shop__dev.sums", "shop__dev.tops"}
NAP = (
    "CREATE TABLE IF NOT EXISTS public.nap AS SELECT 0 AS seconds; UPDATE public.nap SET seconds = "
)
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE wait_event = 'PgSleep'
"""


def until_asleep(postgres: PostgresServer) -> None:
    """Waits until the warehouse runs the batch that naps."""
    deadline = time.monotonic() + 60
    while not postgres.asleep():
        assert time.monotonic() < deadline, "the query never ran"


def assert_only_the_batch_failed(run: Run) -> None:
    """The third of the days failed of the connection; what needs it was left out."""
    assert run.outcome is RunOutcome.FAILED
    models = {model.view_name: model for model in run.apply.models.values()}
    zones = {name: model.status for name, model in models.items() if "zone" in name}
    assert set(zones.values()) == {ModelStatus.DONE}, zones
    days = models["shop__dev.days"]
    assert (days.status, days.done, days.total) == (ModelStatus.FAILED, 2, 4)
    failure = days.failure
    assert failure is not None
    assert failure.code is ProblemCode.LOST_CONNECTION
    assert failure.interval == (JAN_1 + 2 * DAY, JAN_1 + 3 * DAY)
    assert failure.title == (
        "A batch of shop__dev.days failed: the connection to the warehouse was lost."
    )
    assert failure.message
    assert "plan again, and only the rest is left" in failure.hint
    assert failure.sql is not None
    assert "PG_SLEEP" in failure.sql
    assert models["shop__dev.sums"].skipped_because == "shop__dev.days"
    assert models["shop__dev.tops"].skipped_because == "shop__dev.days"


def assert_the_rest_is_done(engine: HostedEngine, postgres: PostgresServer) -> None:
    """The next plan shows the rest only, and its apply does it, with connections of its own."""
    postgres.execute(f"{NAP} 0")
    rest = engine.plan()
    backfills = {model.view_name: model for model in rest.plan.backfills.models}
    assert set(backfills) == REST
    assert backfills["shop__dev.days"].batches == 2
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert postgres.rows("SELECT COUNT(*), COUNT(DISTINCT ds) FROM shop__dev.days") == [(4, 4)]
    assert postgres.rows("SELECT COUNT(*) FROM shop__dev.tops") == [(4,)]


@pytest.mark.parametrize("restarts", [False, True], ids=["connection killed", "server restarted"])
def test_a_connection_that_is_lost_in_a_batch(
    restarts: bool, postgres: PostgresServer, root: Path, runtime: Path
) -> None:
    postgres.execute(f"{NAP} 600")
    shop = postgres.project(root, SHOP, tasks=1)
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            until_asleep(postgres)
            if restarts:
                postgres.restart()
            else:
                postgres.execute(TERMINATE)
            run = engine.ended(ear)
        assert_only_the_batch_failed(run)
        assert len(run.of(ev.ErrorReported)) == 1
        assert_the_rest_is_done(engine, postgres)
        # While nobody applies it is not even noticed.
        postgres.restart()
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        assert engine.get(routes.ENVIRONMENTS).status_code == 200


MADE = """\
MODEL (name shop.made, kind FULL);
@IF(@runtime_stage = 'creating', SELECT PG_SLEEP(seconds) FROM public.nap WHERE what = 'table');
SELECT 1::INT AS n;
ON_VIRTUAL_UPDATE_BEGIN;
SELECT PG_SLEEP(seconds) FROM public.nap WHERE what = 'view';
ON_VIRTUAL_UPDATE_END;
"""
NAPS = """
CREATE TABLE public.nap (what TEXT, seconds INT);
INSERT INTO public.nap VALUES ('table', 600), ('record', 600), ('view', 600), ('end', 600)
"""
STATE_NAPS = """
CREATE FUNCTION public.take_a_nap() RETURNS TRIGGER LANGUAGE plpgsql AS
$$ BEGIN PERFORM PG_SLEEP(seconds) FROM public.nap WHERE what = TG_ARGV[0]; RETURN NEW; END $$;
CREATE TRIGGER record BEFORE INSERT ON sqlmesh._environments
FOR EACH ROW EXECUTE FUNCTION public.take_a_nap('record');
CREATE TRIGGER finalize BEFORE UPDATE ON sqlmesh._environments
FOR EACH ROW EXECUTE FUNCTION public.take_a_nap('end');
"""


@pytest.mark.parametrize("tasks", trials(few=[2], many=[1, 2]))
def test_tables_records_and_views_are_tried_again(
    postgres: PostgresServer, root: Path, runtime: Path, tasks: int
) -> None:
    postgres.execute(NAPS)
    shop = postgres.project(root, {"models/made.sql": MADE}, tasks=tasks)
    with hosted(shop, runtime) as engine:
        planned = engine.plan(skip_backfill=True)
        postgres.execute(STATE_NAPS)
        with engine.listen() as ear:
            engine.start_apply()
            for what in ("table", "record", "view", "end"):
                until_asleep(postgres)
                postgres.execute(f"UPDATE public.nap SET seconds = 0 WHERE what = '{what}'")
                postgres.execute(TERMINATE)
                ear.until(ev.Logged, lambda event: event.level == "warning", patience=20)
            run = engine.ended(ear)
        assert run.outcome is RunOutcome.SUCCEEDED, run.problem
        assert run.of(ev.ErrorReported) == []
        told = [event.text for event in run.of(ev.Logged) if event.level == "warning"]
        assert told == [
            f"A connection was lost during {what}: it is tried again with a new one."
            for what in (
                "the creation of the table of shop__dev.made",
                "the promotion",
                "the promotion of shop__dev.made",
                "the end of the promotion",
            )
        ]
    assert postgres.rows("SELECT COUNT(n) FROM shop__dev.made") == [(0,)]
    finalized = "SELECT plan_id, finalized_ts IS NOT NULL FROM sqlmesh._environments"
    assert postgres.rows(finalized) == [(planned.plan_id, True)]


@long
def test_a_server_that_stays_away_leaves_what_the_next_apply_resumes(
    postgres: PostgresServer, root: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plan_tui.engine.reconnecting.PAUSES", (0.0, 0.1))
    postgres.execute(NAPS)
    postgres.execute("UPDATE public.nap SET seconds = 0 WHERE what <> 'view'")
    shop = postgres.project(root, {"models/made.sql": MADE})
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            until_asleep(postgres)
            postgres.server.stop()
            run = engine.ended(ear)
        postgres.server.start()
        failure = run.failure
        assert (run.outcome, failure.model) == (RunOutcome.FAILED, "shop__dev.made")
        # Whichever the last of its tries met: a connection that broke, or a server that is away.
        reasons = ("the connection to the warehouse was lost", "the warehouse can't be reached")
        where = "Applying to dev failed in the promotion, at shop__dev.made: "
        assert failure.title in [f"{where}{reason}." for reason in reasons]
        assert "plan again, and only the rest is left" in failure.hint
        assert failure.message
        postgres.execute("UPDATE public.nap SET seconds = 0")
        again = engine.plan()
        assert again.state.facts is not None
        assert (again.state.facts.half_applied, again.state.facts.batches) == (True, 0)
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert postgres.rows("SELECT n FROM shop__dev.made") == [(1,)]


def with_role(postgres: PostgresServer, shop: Project) -> None:
    """Has the project connect as a role of its own, whose password the server asks for."""
    # The roles are of the server, which the tests of a session share.
    if not postgres.rows("SELECT 1 FROM pg_roles WHERE rolname = 'ann'"):
        postgres.execute("CREATE ROLE ann LOGIN")
    postgres.execute("ALTER ROLE ann PASSWORD 'right' VALID UNTIL 'infinity'")
    postgres.execute(f"ALTER DATABASE {postgres.database} OWNER TO ann")
    rules = Path(postgres.host) / "pg_hba.conf"
    line = f"local {postgres.database} ann scram-sha-256\n"
    rules.write_text(line + rules.read_text())
    postgres.execute("SELECT pg_reload_conf()")
    shop.edit("config.yaml", "user: postgres", "user: ann")


def test_credentials_that_are_wrong_or_expire(
    postgres: PostgresServer, root: Path, runtime: Path
) -> None:
    shop = postgres.project(root, {"models/zone_0.sql": ZONE})
    with_role(postgres, shop)
    with hosted(shop, runtime) as engine:
        wrong = engine.plan().failure
        assert wrong.code is ProblemCode.MISSING_CREDENTIALS
        assert wrong.title == "The warehouse does not let us in."
        assert 'authentication failed for user "ann"' in wrong.message
        assert "user, password" in wrong.hint

        shop.edit("config.yaml", "a-secret-of-the-tests", "right")
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        postgres.execute("ALTER ROLE ann VALID UNTIL '2000-01-01'")
        facts = engine.state.facts
        assert facts is not None
        refused = engine.refused(routes.APPLY, {"plan_id": facts.plan_id}, 409)
        assert refused.code is ProblemCode.MISSING_CREDENTIALS
        assert "expired (VALID UNTIL)" in refused.hint
        # The plan is still there, for the role that is valid again.
        postgres.execute("ALTER ROLE ann VALID UNTIL 'infinity'")
        assert engine.apply(facts.plan_id).outcome is RunOutcome.SUCCEEDED
