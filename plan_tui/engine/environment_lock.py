"""One apply to an environment at a time, where the state has a lock for it.

SQLMesh finds out only when it promotes that somebody else has applied to the same environment:
after both have filled the same tables, and not even then where both promote in the same moment.
PostgreSQL keeps an advisory lock for as long as a transaction lasts, MySQL and SQL Server keep one
for as long as a session does: it is gone with its engine, however that ends. A DuckDB file lets one
process in anyway; elsewhere the environment's plan id is all there is to look at.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plan_tui.contract.errors import Problem, ProblemCode

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext

logger = logging.getLogger(__name__)


class EnvironmentTaken(Exception):
    """Another engine applies to the same environment right now."""

    def __init__(self, environment: str) -> None:
        self.problem = Problem(
            code=ProblemCode.CONFLICT,
            title=taken(environment),
            message="An environment takes one apply at a time; of this one no batch was started.",
            hint="Build the plan again once that one is through: your choices are kept.",
        )
        super().__init__(self.problem.title)


def taken(environment: str) -> str:
    """What is said of an environment that somebody else applies to."""
    return f"Another engine is applying to {environment} right now."


@dataclass(frozen=True)
class LockWay:
    """How one kind of database locks a name for others of our kind."""

    take: Callable[[Any, bytes], bool]
    """From a cursor and the name, whether the lock is ours now; it waits for nobody."""
    verified: bool = False
    """Whether the suite races for it on a real server; else it is by the documentation."""


def _postgres(cursor: Any, name: bytes) -> bool:
    # It is held for as long as the apply takes, which is idle to the server.
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    key = int.from_bytes(name[:8], "big", signed=True)
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (key,))
    return bool(cursor.fetchone()[0])


def _mysql(cursor: Any, name: bytes) -> bool:
    cursor.execute(f"SELECT GET_LOCK('plan_tui {name.hex()[:40]}', 0)")
    return bool(cursor.fetchone()[0])


def _mssql(cursor: Any, name: bytes) -> bool:
    cursor.execute(
        "SET NOCOUNT ON; DECLARE @got INT; "
        f"EXEC @got = sp_getapplock @Resource = 'plan_tui {name.hex()[:40]}', "
        "@LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0; SELECT @got"
    )
    return int(cursor.fetchone()[0]) >= 0


_MSSQL = LockWay(_mssql)
WAYS: dict[str, LockWay] = {
    "postgres": LockWay(_postgres, verified=True),
    "gcp_postgres": LockWay(_postgres, verified=True),
    "mysql": LockWay(_mysql),
    "mssql": _MSSQL,
    "azuresql": _MSSQL,
}
"""By SQLMesh's name of the state's connection: the databases that SQLMesh recommends for it."""


class EnvironmentLock:
    """The lock on an environment in the state's database, with a connection of its own."""

    def __init__(self, way: LockWay, connection_config: Any, schema: str, environment: str) -> None:
        self._way = way
        self._config = connection_config
        self._environment = environment
        self._name = hashlib.sha256(f"plan_tui\0{schema}\0{environment}".encode()).digest()
        self._adapter: Any = None

    def take(self) -> bool:
        """Takes the lock; False where somebody else has it."""
        self.release()
        self._adapter = self._config.create_engine_adapter(concurrent_tasks=1)
        got = self._take_with(self._adapter.connection.cursor())
        if not got:
            self.release()
        return got

    def _take_with(self, cursor: Any) -> bool:
        try:
            return self._way.take(cursor, self._name)
        except Exception:
            if self._way.verified:
                raise
            # A proxy or a kin of that database may know no such lock: the plan id is left.
            logger.warning("The state's database has no lock for an environment.", exc_info=True)
            return True

    def lost(self) -> str | None:
        """That the lock was lost with its connection and is somebody else's now, in words."""
        try:
            cursor = self._adapter.connection.cursor()
            cursor.execute("SELECT 1")
            cursor.fetchall()
        except Exception:
            logger.warning("The connection of the environment's lock broke.", exc_info=True)
            with suppress(Exception):
                return None if self.take() else taken(self._environment)
        return None

    def release(self) -> None:
        """Gives the lock back, where it is held."""
        adapter, self._adapter = self._adapter, None
        if adapter is not None:
            with suppress(Exception):
                adapter.connection.rollback()
            with suppress(Exception):
                adapter.close()


@contextmanager
def sole_apply(context: EngineContext, environment: str) -> Iterator[EnvironmentLock | None]:
    """Holds the lock on an environment while the block runs; None where the state has none.

    Raises:
        EnvironmentTaken: Somebody else has it.
    """
    lock = _lock_of(context, environment)
    try:
        if lock is not None and not lock.take():
            raise EnvironmentTaken(environment)
        yield lock
    finally:
        if lock is not None:
            lock.release()


def _lock_of(context: EngineContext, environment: str) -> EnvironmentLock | None:
    config, gateway = context.config, context.gateway
    connection = config.get_state_connection(gateway) or context.connection_config
    way = WAYS.get(connection.type_)
    if way is None:
        return None
    schema = config.get_state_schema(gateway) or "sqlmesh"
    return EnvironmentLock(way, connection, schema, environment)
