"""Warehouses that let nobody in, are out of reach, or went away: told apart by their own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.placing import causes
from plan_tui.engine.sentences import sentence_of

_NO_DRIVERS = {
    *("builtins", "plan_tui", "pydantic", "pydantic_core", "ruamel", "sqlglot", "sqlmesh")
}
"""Modules of exceptions that no warehouse's driver raised."""

KEPT_ENVIRONMENT = (
    "The engine keeps the environment that it was started in: after a change of a variable, "
    "plan-tui engine stop ends it, and the next command starts another."
)

UNSET_TITLE = "A setting of the warehouse's connection is not set."


@dataclass(frozen=True)
class _Sign:
    """Words of a warehouse, and what helps."""

    pattern: re.Pattern[str]
    hint: str


def _sign(pattern: str, hint: str) -> _Sign:
    return _Sign(re.compile(pattern, re.IGNORECASE | re.DOTALL), hint)


_EXPIRED = (
    _sign(
        # Snowflake: 390114 and its kin; 390195 is an ID token, 390111 a session.
        r"\b3901(11|14|95) ?\(|authentication token has expired|session no longer exists",
        "Sign in to Snowflake again (with externalbrowser a browser opens), then plan again.",
    ),
    _sign(
        r"invalid_grant|reauthentication is needed|default credentials were not found",
        "Run `gcloud auth application-default login`, or give the gateway a key file that is "
        "valid; then plan again.",
    ),
    _sign(
        r"expiredtoken|security token included in the request is expired|"
        r"sso session.*(expired|invalid)|token has expired and refresh failed",
        f"Run `aws sso login`, or renew the access key; then plan again. {KEPT_ENVIRONMENT}",
    ),
    _sign(
        r"aadsts(700082|50173|70043|700084)|login failed.*\(1848[78]\)|"
        r"password of the account (has expired|must)",
        "Sign in again (`az login`), or change the password of the login; then plan again.",
    ),
    _sign(
        r"your password has expired|\b1862\b.*password|password has expired",
        "Set a new password for the user in the warehouse and in the gateway. " + KEPT_ENVIRONMENT,
    ),
    _sign(
        r"(access |auth|oauth |bearer |personal access |jwt |id |refresh )?token\W+"
        r"(is |has |was )?(been )?expired|expired (access |oauth )?token|credentials? (has|have) "
        r"expired|expired credentials?",
        f"Make a new token, put it where the gateway takes it from, and plan again. "
        f"{KEPT_ENVIRONMENT}",
    ),
)
_LOST = re.compile(
    # PostgreSQL and Redshift.
    r"terminating connection|server closed the connection|connection (already|is|was) closed|"
    r"connection (not open|has been closed)|no connection to the server|cursor already closed|"
    r"could not (receive|send) (data|to|from)|ssl syscall error|"
    r"the database system is (shutting down|starting up|in recovery)|"
    # MySQL, SQL Server, the rest.
    r"server has gone away|lost connection to|communication link failure|\b08s01\b|\b08006\b|"
    r"broken pipe|connection reset|connection aborted|remote end closed connection|"
    r"remotedisconnected|invalid sessionhandle|unexpected eof|connection was killed",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"could not connect|connection refused|could not translate host|timed? ?out|unreachable|"
    r"name or service not known|failed to connect|no route to host|"
    r"connection to server .* failed: (no such file|connection)",
    re.IGNORECASE,
)
_UNSET = re.compile(r"(host( name)?|user|role|database|account) [\"']None[\"']", re.IGNORECASE)
"""``env_var`` gives None for a variable that is not set, and the config has it as a word."""
_STATEMENT_TIMEOUT = re.compile(r"statement timeout|lock timeout|query.*tim(ed|e).?out", re.I)
"""A limit on a statement, which no network is to blame for."""
_CREDENTIALS = re.compile(
    r"password|credential|authenticat|access denied|permission denied|unauthorized|"
    r"not permitted to log in|login failed|"
    r"missing.*(user|token|key)|not set|environment variable",
    re.IGNORECASE,
)
_NO_ENTRY = re.compile(
    r"authentication failed|login failed|incorrect username or password|not permitted to log in|"
    r"no password supplied|access denied for user|(http|status|code)\W*401|unauthorized",
    re.IGNORECASE,
)
"""What is only said to those who try to come in: a batch may be denied a table as well."""
_POSTGRES_ROLE = re.compile(r"authentication failed for user", re.IGNORECASE)


def connection_problem(error: BaseException, at_work: bool = False) -> Problem | None:
    """The problem of a warehouse that is out of reach, went away or lets nobody in, or None.

    Args:
        error: What was raised.
        at_work: Whether statements ran: of a table that one may not read, a model is to blame.
    """
    for cause in causes(error):
        text = sentence_of(cause)
        from_driver = type(cause).__module__.split(".")[0] not in _NO_DRIVERS
        of_a_network = from_driver or isinstance(cause, OSError)
        found = _expired(text) if from_driver else None
        if found is None and from_driver and _UNSET.search(text):
            found = _unset(text)
        if found is None and of_a_network:
            found = _gone(text)
        # PostgreSQL's driver says that a connection failed, whatever it failed of.
        if found is None and from_driver and _NO_ENTRY.search(text):
            found = _no_entry(text)
        if found is None and of_a_network and _UNREACHABLE.search(text):
            found = None if _STATEMENT_TIMEOUT.search(text) else _unreachable(text)
        asks_the_environment = from_driver or "env_var" in text.lower()
        if found is None and not at_work and asks_the_environment and _CREDENTIALS.search(text):
            found = _no_entry(text)
        if found is not None:
            return found
    return None


def is_lost(problem: Problem | None) -> bool:
    """Whether a connection that was there broke, or none could be made."""
    return problem is not None and problem.code in (
        ProblemCode.LOST_CONNECTION,
        ProblemCode.UNREACHABLE_WAREHOUSE,
    )


def from_driver(error: BaseException) -> bool:
    """Whether a warehouse's driver raised it, or what it was raised from."""
    return any(
        type(cause).__module__.split(".")[0] not in _NO_DRIVERS and isinstance(cause, Exception)
        for cause in causes(error)
    )


def _expired(text: str) -> Problem | None:
    for sign in _EXPIRED:
        if sign.pattern.search(text):
            return Problem(
                code=ProblemCode.EXPIRED_CREDENTIALS,
                title="The credentials for the warehouse have expired.",
                message=text,
                hint=sign.hint,
            )
    return None


def _gone(text: str) -> Problem | None:
    if not _LOST.search(text):
        return None
    return Problem(
        code=ProblemCode.LOST_CONNECTION,
        title="The connection to the warehouse was lost.",
        message=text,
        hint="See that the warehouse is up and the network holds, then plan again: the engine "
        "connects anew.",
    )


def _unreachable(text: str) -> Problem:
    return Problem(
        code=ProblemCode.UNREACHABLE_WAREHOUSE,
        title="The warehouse can't be reached.",
        message=text,
        hint="Check the host, port and network of the gateway, then try again.",
    )


def _unset(text: str) -> Problem:
    return Problem(
        code=ProblemCode.MISSING_CREDENTIALS,
        title=UNSET_TITLE,
        message=text,
        hint='The config reads it from a variable that is not set, so it became "None": set the '
        f"variable, or name a file that has it with --dotenv. {KEPT_ENVIRONMENT}",
    )


def _no_entry(text: str) -> Problem:
    also = ""
    if _POSTGRES_ROLE.search(text):
        also = " PostgreSQL says the same of a role that has expired (VALID UNTIL)."
    return Problem(
        code=ProblemCode.MISSING_CREDENTIALS,
        title="The warehouse does not let us in.",
        message=text,
        hint=f"Check user, password and the environment variables of the gateway.{also}",
    )
