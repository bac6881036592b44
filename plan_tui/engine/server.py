"""The engine's routes over its Unix socket."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import Body, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException

from plan_tui import __version__
from plan_tui.contract import routes
from plan_tui.contract.errors import Problem, ProblemAnswer, ProblemCode
from plan_tui.contract.events import topic_of
from plan_tui.contract.lookup import (
    DateReading,
    Environments,
    ModelDetail,
    ProjectInfo,
    SelectionReading,
)
from plan_tui.contract.meta import EngineMeta, meta_of
from plan_tui.contract.plan import (
    AllowRequest,
    ApplyRequest,
    CancelRequest,
    CategoriesRequest,
    PlanRequest,
)
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import SessionState
from plan_tui.engine.look_routes import add_looks
from plan_tui.engine.problems import internal
from plan_tui.engine.reading import Reader
from plan_tui.engine.refused import Refused
from plan_tui.engine.session import Session

logger = logging.getLogger(__name__)
KEEP_ALIVE = 5.0
"""Seconds of silence after which a client is told that the engine is there."""
LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request that are read."""


def make_app(session: Session, on_stop: Callable[[], None]) -> FastAPI:
    """The engine's HTTP application.

    Args:
        session: The state machine that takes the commands.
        on_stop: Called when a client tells the engine to leave.
    """
    app = FastAPI(title="plan_tui engine", version=__version__)
    _add_problems(app)
    _add_limit(app, session)
    _add_reads(app, session, Reader(session))
    add_looks(app, session)
    _add_commands(app, session, on_stop)
    _add_events(app, session)
    return app


def _answer(problem: Problem, status: int) -> JSONResponse:
    return JSONResponse(ProblemAnswer(problem=problem).model_dump(mode="json"), status)


def _bad_body(what: str, hint: str) -> Problem:
    return Problem(
        code=ProblemCode.BAD_REQUEST,
        title=f"The request {what}.",
        message=f"At most {LARGEST_BODY:,} bytes are read.",
        hint=hint,
    )


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return _answer(error.problem, error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        details = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'][1:]) or 'body'}: {each['msg']}"
            for each in error.errors()[:5]
        )
        problem = Problem(
            code=ProblemCode.BAD_REQUEST,
            title="The request is not understood.",
            message=details,
            hint="Correct the fields that it names.",
        )
        return _answer(problem, 422)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> JSONResponse:
        asked = f"{request.method} {request.url.path}"
        strange = error.status_code in (404, 405)
        problem = Problem(
            code=ProblemCode.BAD_REQUEST,
            title=f"The engine {'does not know' if strange else 'can not read'} {asked}.",
            message=error.detail,
            hint="An engine of another version may: plan-tui engine stop ends this one.",
        )
        return _answer(problem, error.status_code)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        logger.exception("%s failed.", request.url.path)
        return _answer(internal(error), 500)


def _add_limit(app: FastAPI, session: Session) -> None:
    @app.middleware("http")
    async def limit(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        session.last_used = time.monotonic()
        size = request.headers.get("content-length", "0")
        if "transfer-encoding" in request.headers:
            return _answer(_bad_body("does not say how long it is", "Send a Content-Length."), 411)
        if not size.isdecimal() or int(size) > LARGEST_BODY:
            hint = "Use selectors in place of long lists of models."
            return _answer(_bad_body("is too large", hint), 413)
        with session.warming.given_way():
            return await call_next(request)


def _add_reads(app: FastAPI, session: Session, reader: Reader) -> None:
    @app.get(routes.META)
    async def meta() -> EngineMeta:
        return meta_of(session.info, session.log.state)

    @app.get(routes.STATE)
    async def state() -> Response:
        return Response(session.log.state.model_dump_json(), media_type="application/json")

    @app.get(routes.ENVIRONMENTS)
    async def environments() -> Environments:
        return await reader.environments()

    @app.get(routes.PROJECT)
    async def project() -> ProjectInfo:
        return await reader.project()

    @app.get(routes.DATE)
    async def date(text: str, execution_time: str | None = None) -> DateReading:
        return await reader.date(text, execution_time)

    @app.get(routes.SELECTION)
    async def selection(
        expression: Annotated[list[str], Query(default_factory=list)],
    ) -> SelectionReading:
        return await reader.selection(expression)

    @app.get(routes.PLAN, responses={404: {"model": ProblemAnswer}})
    async def overview() -> PlanOverviewStageTracker:
        return await reader.overview()

    @app.get("/api/plan/models/{name:path}", responses={404: {"model": ProblemAnswer}})
    async def model(name: str) -> ModelDetail:
        return await reader.model(name)


def _add_commands(app: FastAPI, session: Session, on_stop: Callable[[], None]) -> None:
    refusals = {409: {"model": ProblemAnswer}, 422: {"model": ProblemAnswer}}

    @app.post(routes.PLAN, status_code=204, responses=refusals)  # type: ignore[arg-type]
    async def plan(request: Annotated[PlanRequest | None, Body()] = None) -> None:
        await session.plan(request or PlanRequest())

    @app.post(routes.CATEGORIES, status_code=204, responses=refusals)  # type: ignore[arg-type]
    async def categories(request: CategoriesRequest) -> None:
        await session.choose(request.categories)

    @app.post(routes.ALLOW, status_code=204, responses=refusals)  # type: ignore[arg-type]
    async def allow(request: AllowRequest) -> None:
        from plan_tui.engine.choosing import allow_changes

        await session.revise(lambda backend: allow_changes(backend, request))

    @app.post(routes.APPLY, status_code=204, responses=refusals)  # type: ignore[arg-type]
    async def apply(request: ApplyRequest) -> None:
        await session.apply(request.plan_id)

    @app.post(routes.CANCEL, status_code=204)
    async def cancel(request: Annotated[CancelRequest | None, Body()] = None) -> None:
        await session.cancel((request or CancelRequest()).mode)

    @app.post(routes.STOP, status_code=204)
    async def stop() -> None:
        await session.leave()
        on_stop()


def _add_events(app: FastAPI, session: Session) -> None:
    @app.get(routes.EVENTS)
    async def events(request: Request, after: int | None = None) -> EventSourceResponse:
        last = request.headers.get("last-event-id", "")
        start = after if after is not None else int(last) if last.isdecimal() else None
        if start is None:
            start = session.log.state.seq
        return EventSourceResponse(
            _stream(session, start),
            ping=int(KEEP_ALIVE),
            ping_message_factory=lambda: ServerSentEvent(comment="here"),
        )


async def _stream(session: Session, after: int) -> AsyncIterator[ServerSentEvent]:
    with session.log.subscribe(after) as subscription:
        if subscription is None:
            yield ServerSentEvent(event="resync", data="{}")
            return
        last = False
        while not last:
            last = _gone(session)
            for event in await subscription.take(0.0 if last else 1.0):
                yield ServerSentEvent(
                    data=event.model_dump_json(), event=str(topic_of(event)), id=str(event.seq)
                )
            if subscription.overflowed:
                yield ServerSentEvent(event="resync", data="{}")
                return


def _gone(session: Session) -> bool:
    log = session.log
    applying = log.state.state is SessionState.APPLYING
    return session.leaving and not applying and not log.is_telling
