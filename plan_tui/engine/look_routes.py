"""The routes of look-ups: each is answered by a thread, and dropped when its client has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

from fastapi import FastAPI, Request, Response

from plan_tui.contract import looks
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import ProblemAnswer
from plan_tui.engine.looking import LookDropped, answer
from plan_tui.engine.session import Session
from plan_tui.engine.warming import Polite

CLIENT_GONE = 499
"""What web servers log for a request whose client has gone; nobody reads it."""


def add_looks(app: FastAPI, session: Session) -> None:
    """Adds a route for each look-up."""
    for look in looks.ALL:
        app.add_api_route(
            looks.ROUTE.format(path=look.path),
            _route(look, session),
            response_model=look.answer,
            responses={404: {"model": ProblemAnswer}, 409: {"model": ProblemAnswer}},
            name=look.path,
        )


def _route(look: looks.Look[Wire], session: Session) -> Callable[[Request], Awaitable[Response]]:
    async def look_up(request: Request) -> Response:
        polite = look.slow and not look.warehouse
        dropped = Polite(session.warming) if polite else threading.Event()
        params = dict(request.query_params)
        if look.warehouse:
            session.refuse_while_applying("The warehouse can't be asked")
            session.warehouse_looks.add(dropped)
        on_thread = _thread_of(look, session)

        def compute() -> Wire:
            try:
                found = answer(session.loading, look, params, dropped)
                return session.loading.secrets.hide_in_texts(found)
            finally:
                if look.warehouse and session.loading.backend is not None:
                    session.loading.backend.project.release()

        at = params.get("name", "")
        waited_for = session.warming.looking_at(at) if look is looks.IMPACT else nullcontext()
        computed = asyncio.ensure_future(on_thread(compute))
        gone = asyncio.ensure_future(_client_gone(request))
        try:
            with waited_for:
                await asyncio.wait({computed, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not computed.done():
                return Response(status_code=CLIENT_GONE)
            found = await computed
            return Response(found.model_dump_json(), media_type="application/json")
        except LookDropped:
            return Response(status_code=CLIENT_GONE)
        finally:
            session.warehouse_looks.discard(dropped)
            dropped.set()
            gone.cancel()
            computed.cancel()

    return look_up


def _thread_of(
    look: looks.Look[Wire], session: Session
) -> Callable[[Callable[[], Wire]], Awaitable[Wire]]:
    """Who answers: what asks the warehouse is for the thread that owns the connections."""
    if look.warehouse:
        return session.on_worker
    return session.on_slow_reader if look.slow else session.on_reader


async def _client_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
