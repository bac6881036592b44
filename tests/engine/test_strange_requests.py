"""Bytes on the engine's socket that no client of its own sends: each is refused, and it goes on."""

from __future__ import annotations

import json
import socket
from typing import Any

from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemAnswer
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.server import LARGEST_BODY, make_app
from tests.engine.hosting import HostedEngine

PATIENCE = 0.3
"""Seconds to wait for an answer: to half a request there is none."""
JSON = {"content-type": "application/json"}
DEEP = b"[" * 200_000
BODIES: dict[str, bytes] = {
    "deep": DEEP,
    "deep-closed": DEEP + b"]" * len(DEEP),
    "deep-objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "long-number": b'{"environment": ' + b"9" * 100_000 + b"}",
    "no-numbers": b'{"environment": NaN, "plan_dates": -Infinity}',
    "huge-exponent": b'{"plan_dates": {"start": 1e999999}}',
    "nul": b"\x00" * 1000,
    "twice": b'{"environment": "a", "environment": 1}',
    "form": b"environment=dev",
    "large": b" " * LARGEST_BODY,
}
TYPES = (
    *(
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "",
        "application/json;",
    ),
    *("multipart/form-data", "application/json; charset=utf-16", "\xff", "a" * 10_000),
)


def paths_of(engine: HostedEngine) -> dict[str, dict[str, Any]]:
    document: dict[str, Any] = make_app(engine.session, lambda: None).openapi()
    return {path.replace("{name}", "x"): methods for path, methods in document["paths"].items()}


def status_of(engine: HostedEngine, sent: bytes, half_closed: bool) -> bytes:
    """Sends bytes as they are; returns the first line that comes back, or nothing."""
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(PATIENCE)
        raw.connect(str(engine.socket))
        try:
            raw.sendall(sent)
            if half_closed:
                raw.shutdown(socket.SHUT_WR)
            return raw.makefile("rb").readline().strip()
        except (ConnectionError, TimeoutError):  # refused before all was sent, or waits for more
            return b""


def test_a_method_that_a_route_has_not_is_refused(engine: HostedEngine) -> None:
    for path, methods in paths_of(engine).items():
        for method in ("get", "post", "delete", "BREW"):
            if method not in methods:
                answer = engine.http.request(method.upper(), path)
                assert answer.status_code in (404, 405), (method, path)


def test_a_body_of_another_kind_is_refused(engine: HostedEngine) -> None:
    for path, methods in paths_of(engine).items():
        if "requestBody" not in methods.get("post", {}):
            continue
        for kind in TYPES:
            headers = {"content-type": kind.encode("latin-1")} if kind else {}
            answer = engine.http.post(path, content=b"\x00\xff", headers=headers)
            assert answer.status_code in (400, 415, 422), (kind, path, answer.text)
            assert ProblemAnswer.model_validate_json(answer.content).problem.message
    for name, body in BODIES.items():
        answer = engine.http.post(routes.PLAN, content=body, headers=JSON)
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert ProblemAnswer.model_validate_json(answer.content).problem.message
    assert engine.plan().outcome is RunOutcome.SUCCEEDED


NO_REQUESTS: tuple[bytes, ...] = (
    b"",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\r\n\r\n\x00\x00",
    b"GET /api/meta HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/meta HTTP/1.1\r\n" + b"A: b\r\n" * 50_000 + b"\r\n",
    b"GET /api/meta HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    *(
        b"POST /api/plan HTTP/1.1\r\nHost: x\r\n" + each
        for each in (
            b"Content-Length: 10\r\n\r\n{",
            b"Content-Length: -1\r\n\r\n",
            b"Content-Length: 99999999999\r\n\r\n",
            b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
            b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        )
    ),
    *(
        b"GET " + each + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        for each in (
            b"/api/plan/models/%ff%fe%00%ed%a0%80/..%2f..%2fetc",
            b"/api/dates?text=%ff%00%ed%a0%80",
            b"/api/events?after=99999999999999999999999",
            b"/api/events?after=x",
            b"//api//meta",
            b"http://[::1",
        )
    ),
)


def test_what_is_no_request_ends_nothing(engine: HostedEngine) -> None:
    for half_closed in (True, False):
        for sent in NO_REQUESTS:
            line = status_of(engine, sent, half_closed)
            assert not line or line.split()[1][:1] in (b"2", b"4"), (sent[:100], line)
    assert json.loads(engine.get(routes.META).content)["protocol"] == routes.PROTOCOL_VERSION
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
