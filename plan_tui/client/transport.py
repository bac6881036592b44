"""HTTP over an engine's Unix socket: the one place where httpx's errors become ours.

httpx takes a noticeable part of the time to the first paint, so it is imported with the first
request and never with this module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from plan_tui.client.errors import EngineLost, EngineRefused
from plan_tui.contract.base import Ask
from plan_tui.contract.errors import Problem, ProblemAnswer, ProblemCode

if TYPE_CHECKING:
    import httpx

Params = Mapping[str, str | tuple[str, ...]]

BASE_URL = "http://localhost"
"""Never resolved: the transport connects to the socket."""

CONNECT_TIMEOUT = 5.0
QUICK = 30.0
"""For answers that need no warehouse; a busy engine shares its interpreter lock with SQLMesh."""
PATIENT = 180.0
"""For commands that look at the warehouse's state before they answer."""
UNBOUNDED: float | None = None
"""For answers that wait until the project is loaded, however long that takes."""


class Transport:
    """Requests to one engine; keeps no connection open between them.

    A connection that is kept may be closed by the engine just as a command is sent over it, and
    whether the command arrived can't be known then. A new one costs some 50 microseconds.
    """

    def __init__(self, socket: Path, log: Path | None = None) -> None:
        self.socket = socket
        self.log = log
        self._client: httpx.AsyncClient | None = None

    async def get(
        self, path: str, *, params: Params | None = None, timeout: float | None = QUICK
    ) -> bytes:
        """The body of the answer to a GET."""
        return await self._send("GET", path, params=params, body=None, timeout=timeout)

    async def post(
        self, path: str, body: Ask | None = None, *, timeout: float | None = QUICK
    ) -> None:
        """Sends a command; what comes of it is told by events."""
        content = None if body is None else body.model_dump_json(exclude_none=True).encode()
        await self._send("POST", path, params=None, body=content, timeout=timeout)

    @asynccontextmanager
    async def stream(self, path: str, params: Params) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of an answer without end, as they come."""
        import httpx

        timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT)
        with self._mapped_errors():
            async with self._open().stream(
                "GET", path, params=dict(params), timeout=timeout
            ) as response:
                if response.status_code >= 400:
                    _refuse(response.status_code, await response.aread())
                yield response.aiter_bytes()

    async def close(self) -> None:
        """Lets go of all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None,
        body: bytes | None,
        timeout: float | None,
    ) -> bytes:
        import httpx

        headers = {"content-type": "application/json"} if body is not None else None
        with self._mapped_errors():
            response = await self._open().request(
                method,
                path,
                params=dict(params) if params else None,
                content=body,
                headers=headers,
                timeout=httpx.Timeout(timeout, connect=CONNECT_TIMEOUT),
            )
        if response.status_code >= 400:
            _refuse(response.status_code, response.content)
        return response.content

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            # The socket needs no TLS, of which the set-up alone takes longer than a request; and
            # a proxy of the environment must not be handed what is said to a local process.
            self._client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(
                    uds=str(self.socket),
                    verify=False,
                    trust_env=False,
                    limits=httpx.Limits(max_keepalive_connections=0),
                ),
                base_url=BASE_URL,
                trust_env=False,
            )
        return self._client

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.TimeoutException as error:
            raise EngineLost(self._lost("It did not answer in time.")) from error
        except httpx.ConnectError as error:
            raise EngineLost(self._lost("Nothing listens on its socket any more.")) from error
        except httpx.TransportError as error:
            raise EngineLost(self._lost("It closed the connection in mid-answer.")) from error

    def _lost(self, why: str) -> Problem:
        return engine_lost(why, self.log)


def engine_lost(why: str, log: Path | None) -> Problem:
    """What a user is told when the engine went away."""
    where = f" Its log is {log}." if log is not None else ""
    return Problem(
        code=ProblemCode.ENGINE_LOST,
        title="The engine is gone.",
        message=why,
        hint=f"Start again: a new engine takes up what is left.{where}",
    )


def _refuse(status: int, body: bytes) -> None:
    try:
        problem = ProblemAnswer.model_validate_json(body).problem
    except ValidationError:
        text = body[:500].decode("utf-8", "replace").strip()
        problem = Problem(
            code=ProblemCode.INTERNAL,
            title=f"The engine answered with status {status} and no explanation.",
            message=text,
            hint="Its log says more: plan-tui engine log.",
        )
    raise EngineRefused(problem, status)
