"""Warehouses that let nobody in, are out of reach or went away, by the words of their drivers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmesh.utils.concurrency import NodeExecutionFailedError
from sqlmesh.utils.connection_pool import SingletonConnectionPool, ThreadLocalConnectionPool

from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import ModelProgress, ModelStatus
from plan_tui.engine.apply_progress import ApplyBook
from plan_tui.engine.connection_words import connection_problem
from plan_tui.engine.failures import AtWork, apply_failure, batch_failure
from plan_tui.engine.reconnecting import Reconnector
from plan_tui.engine.repeating import PROMOTION, Repeater
from plan_tui.engine.time_left import TimeLeft

EXPIRED, LOST = ProblemCode.EXPIRED_CREDENTIALS, ProblemCode.LOST_CONNECTION
NO_ENTRY, UNREACHABLE = ProblemCode.MISSING_CREDENTIALS, ProblemCode.UNREACHABLE_WAREHOUSE


def raised(driver: str, text: str) -> Exception:
    """An exception as a driver raises it."""
    kind = type("DriverError", (Exception,), {"__module__": driver})
    return kind(text)


WORDS: list[tuple[str, str, ProblemCode, str]] = [
    ("psycopg2", 'could not translate host name "None" to address: Name or service not known',
     NO_ENTRY, "variable that is not set"),
    ("psycopg2", 'connection failed: FATAL: role "None" does not exist', NO_ENTRY, "--dotenv"),
    ("snowflake.connector.errors", "390114 (08001): Authentication token has expired.  The user "
     "must authenticate again.", EXPIRED, "Snowflake"),
    ("google.auth.exceptions", "('invalid_grant: Bad Request', {'error': 'invalid_grant'})",
     EXPIRED, "gcloud auth"),
    ("google.auth.exceptions", "Reauthentication is needed. Please run `gcloud auth "
     "application-default login` to reauthenticate.", EXPIRED, "gcloud auth"),
    ("botocore.exceptions", "An error occurred (ExpiredTokenException) when calling the "
     "GetClusterCredentials operation: The security token included in the request is expired",
     EXPIRED, "aws sso login"),
    ("pyodbc", "[28000] Login failed for user 'ann'. Reason: The password of the account has "
     "expired. (18487)", EXPIRED, "az login"),
    ("pymysql.err", "(1862, 'Your password has expired. To log in you must change it')",
     EXPIRED, "new password"),
    ("databricks.sql.exc", "Error during request to server: HTTP 403: Access token expired",
     EXPIRED, "new token"),
    ("psycopg2", "terminating connection due to administrator command\nSSL connection has been "
     "closed unexpectedly", LOST, "warehouse is up"),
    ("psycopg2", "connection already closed", LOST, "warehouse is up"),
    ("psycopg2", 'connection to server on socket "/tmp/.s.PGSQL.5432" failed: FATAL:  the '
     "database system is shutting down", LOST, "warehouse is up"),
    ("pymysql.err", "(2013, 'Lost connection to MySQL server during query')", LOST, "is up"),
    ("pyodbc", "('08S01', '[08S01] Communication link failure')", LOST, "is up"),
    ("trino.exceptions", "('Connection aborted.', RemoteDisconnected('Remote end closed "
     "connection without response'))", LOST, "is up"),
    ("psycopg2", 'connection to server on socket "/tmp/.s.PGSQL.5432" failed: No such file or '
     "directory", UNREACHABLE, "host, port"),
    ("psycopg2", 'connection to server at "db" failed: FATAL:  password authentication failed '
     'for user "ann"', NO_ENTRY, "VALID UNTIL"),
    ("psycopg2", 'connection to server at "db" failed: FATAL:  role "ann" is not permitted to '
     "log in", NO_ENTRY, "user, password"),
]  # fmt: skip


@pytest.mark.parametrize(("driver", "text", "code", "hint"), WORDS)
def test_the_words_of_a_warehouse(driver: str, text: str, code: ProblemCode, hint: str) -> None:
    failure = batch_failure("shop.days", (0, 1), raised(driver, text), "SELECT 1")
    assert failure.code is code
    assert failure.title.startswith("A batch of shop.days failed: the ")
    assert failure.message == text
    assert (failure.model, failure.interval, failure.sql) == ("shop.days", (0, 1), "SELECT 1")
    plain = connection_problem(raised(driver, text))
    assert plain is not None
    assert plain.code is code
    assert hint in plain.hint


@pytest.mark.parametrize(
    "text",
    [
        "permission denied for table users",
        'column "token_expired" does not exist',
        "canceling statement due to statement timeout",
        "value 18487 is out of range, near 390114",
        "division by zero",
    ],
)
def test_a_model_is_to_blame(text: str) -> None:
    failure = batch_failure("shop.days", (0, 1), raised("psycopg2", text), None)
    assert failure.code is ProblemCode.FAILED_BATCH


def test_a_state_that_is_lost_is_told_apart() -> None:
    code = "def write(error):\n    raise error"
    state: dict[str, Any] = {"__name__": "sqlmesh.core.state_sync.db.interval"}
    exec(code, state)
    with pytest.raises(Exception, match="already closed") as caught:
        state["write"](raised("psycopg2", "connection already closed"))
    failure = batch_failure("shop.days", (0, 1), caught.value, None)
    assert failure.code is ProblemCode.FAILED_STATE
    assert "could not be recorded" in failure.title
    assert "does it again" in failure.hint
    whole = apply_failure(caught.value, [], "dev", None, AtWork())
    assert whole.code is ProblemCode.FAILED_STATE
    assert "the connection to the state's database was lost" in whole.title


def test_a_failure_of_a_node_names_the_model_and_not_the_snapshot() -> None:
    error = NodeExecutionFailedError('SnapshotId<"db"."shop"."days": 123>')
    error.__cause__ = raised("duckdb", "no room left")
    failure = apply_failure(error, [], "dev", None, AtWork("shop__dev.days", "CREATE VIEW v"))
    assert failure.title == "Applying to dev failed, at shop__dev.days."
    assert failure.message == "no room left"
    assert (failure.model, failure.sql) == ("shop__dev.days", "CREATE VIEW v")
    assert "SnapshotId" not in failure.model_dump_json()


class Adapter:
    """Of a warehouse that can be shut."""

    def __init__(self, make_pool: Callable[[Callable[[], Any]], Any]) -> None:
        self.opened = 0
        self.shut = 0
        self._connection_pool = make_pool(self._open)

    def _open(self) -> Any:
        self.opened += 1
        if self.shut:
            self.shut -= 1
            raise raised("psycopg2", "connection refused")
        return self

    def cursor(self) -> Any:
        return self

    def close(self) -> None:
        pass


BROKEN = raised("psycopg2", "server closed the connection unexpectedly")


def nothing() -> None:
    pass


def test_each_thread_connects_anew_once_after_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_tui.engine.reconnecting.PAUSES", (0.0,) * 6)
    adapter = Adapter(ThreadLocalConnectionPool)
    pool = adapter._connection_pool
    pool.get_cursor()
    reconnector = Reconnector([adapter, adapter], workers=4)
    reconnector.before_batch(nothing)
    assert adapter.opened == 1
    assert not reconnector.note(ValueError("connection lost? no: the data is bad"))
    assert reconnector.note(BROKEN)
    adapter.shut = 3
    reconnector.before_batch(nothing)
    assert adapter.opened == 1 + 3 + 1
    reconnector.before_batch(nothing)
    assert adapter.opened == 5
    other = threading.Thread(target=lambda: reconnector.before_batch(nothing))
    other.start()
    other.join()
    assert adapter.opened == 6


def test_a_look_that_finds_the_connection_broken_is_made_again() -> None:
    adapter = Adapter(ThreadLocalConnectionPool)
    adapter._connection_pool.get_cursor()
    looks: list[int] = []

    def look() -> None:
        looks.append(adapter.opened)
        if len(looks) == 1:
            raise BROKEN

    Reconnector([adapter], workers=4).before_batch(look)
    assert looks == [1, 2]


def test_a_connection_that_others_use_is_left_alone() -> None:
    adapter = Adapter(SingletonConnectionPool)
    adapter._connection_pool.get_cursor()
    many = Reconnector([adapter], workers=4)
    many.note(BROKEN)
    many.before_batch(nothing)
    assert adapter.opened == 1
    alone = Reconnector([adapter], workers=1)
    alone.note(BROKEN)
    alone.before_batch(nothing)
    assert adapter.opened == 2


class Work:
    """What fails of its connection a few times."""

    def __init__(self, failures: int) -> None:
        self.left = failures
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        self.left -= 1
        if self.left >= 0:
            raise BROKEN
        return "done"


def test_work_that_may_be_repeated_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_tui.engine.reconnecting.PAUSES", (0.0,) * 3)
    adapter = Adapter(SingletonConnectionPool)
    adapter._connection_pool.get_cursor()
    told: list[str] = []
    reconnector = Reconnector([adapter], workers=4, tell=told.append)
    assert reconnector.steadily(Work(2), "the end", alone=True) == "done"
    assert adapter.opened == 3
    assert told == ["A connection was lost during the end: it is tried again with a new one."] * 2
    too_often = Work(3)
    with pytest.raises(type(BROKEN)):
        reconnector.steadily(too_often, "the end", alone=True)
    assert too_often.tries == 3
    # Others are not made to wait for a warehouse that is gone.
    adapter.shut = 99
    for tries in (2, 1):
        gone = Work(9)
        with pytest.raises(type(BROKEN)):
            reconnector.steadily(gone, "the end", alone=True)
        assert gone.tries == tries
    with pytest.raises(ZeroDivisionError):
        reconnector.steadily(lambda: 1 // 0, "the end")
    stopped = Reconnector([adapter], is_stopped=lambda: True)
    with pytest.raises(type(BROKEN)):
        stopped.steadily(Work(1), "the end")


class State:
    """A state with one environment's record, or none."""

    def __init__(self) -> None:
        self.plan_id = "before"

    def get_environment(self, name: str) -> Any:
        return SimpleNamespace(plan_id=self.plan_id)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_promotion_is_not_made_twice(arrived: bool) -> None:
    """SQLMesh refuses a second one as somebody else's, though only its answer was lost."""
    state = State()
    plan: Any = SimpleNamespace(plan_id="mine", environment=SimpleNamespace(name="dev"))
    stage = type(PROMOTION, (), {})()
    made: list[str] = []

    def promote() -> None:
        made.append(state.plan_id)
        state.plan_id = "mine" if arrived or len(made) > 1 else "before"
        if len(made) == 1:
            raise BROKEN

    whole = SimpleNamespace(SUPPORTS_TRANSACTIONS=True)
    Repeater(Reconnector([]), state, [whole]).do(stage, plan, promote)
    assert made == (["before"] if arrived else ["before", "before"])
    made.clear()
    parts = SimpleNamespace(SUPPORTS_TRANSACTIONS=False)
    with pytest.raises(type(BROKEN)):
        Repeater(Reconnector([]), state, [parts]).do(stage, plan, promote)
    assert len(made) == 1


def test_the_nearest_failure_upstream_is_named() -> None:
    names = ("far", "near", "between", "last")
    upstream = {"last": ("between", "near"), "between": ("far",), "near": (), "far": ()}
    book = ApplyBook(
        models={name: ModelProgress(name=name, view_name=name, total=1) for name in names},
        upstream=upstream,
        views={},
        time_left=TimeLeft(upstream, 1),
    )
    for name in ("far", "near"):
        book.models[name] = book.models[name].model_copy(update={"status": ModelStatus.FAILED})
    book.skip({"between", "last"})
    assert book.models["last"].skipped_because == "near"
    assert book.models["between"].skipped_because == "far"
