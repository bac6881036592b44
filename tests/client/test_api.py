from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from plan_tui.client.api import SocketPort
from plan_tui.client.errors import ClientError, EngineLost, EngineRefused
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.lookup import DateReading
from plan_tui.contract.plan import CancelMode, Category, PlanDates, PlanOptions, PlanRequest
from tests.client.stub_engine import StubEngine, refusal


async def test_a_request_travels_without_what_was_left_alone(
    stub: StubEngine, port: SocketPort
) -> None:
    request = PlanRequest(
        environment="dev",
        plan_dates=PlanDates(start="2024-01-01"),
        plan_options=PlanOptions(restate_models=("a.b", "c.d")),
        categories={"a.b": Category.BREAKING},
    )
    await port.build_plan(request)
    [(path, body)] = stub.commands()
    assert path == routes.PLAN
    assert PlanRequest.model_validate_json(body) == request
    assert json.loads(body)["plan_dates"] == {"start": "2024-01-01"}


async def test_commands_carry_their_bodies(stub: StubEngine, port: SocketPort) -> None:
    await port.apply_plan("p1")
    await port.cancel()
    await port.cancel(CancelMode.INTERRUPT)
    await port.choose({"a.b": Category.NON_BREAKING})
    await port.stop()
    assert [(path, json.loads(body or b"null")) for path, body in stub.commands()] == [
        (routes.APPLY, {"plan_id": "p1"}),
        (routes.CANCEL, {"mode": "graceful"}),
        (routes.CANCEL, {"mode": "interrupt"}),
        (routes.CATEGORIES, {"categories": {"a.b": "NON_BREAKING"}}),
        (routes.STOP, None),
    ]


async def test_snapshot_names_survive_the_path(stub: StubEngine, port: SocketPort) -> None:
    with pytest.raises(EngineRefused):
        await port.model('"db"."sch/ema"."mödel?"')
    path = stub.calls[-1][1]
    assert path.startswith("/api/plan/models/")
    assert path.count("/") == 4
    assert "?" not in path


async def test_a_refusal_carries_the_problem_and_the_status(
    stub: StubEngine, port: SocketPort
) -> None:
    stub.answers[f"POST {routes.PLAN}"] = (409, refusal(title="An apply runs."))
    with pytest.raises(EngineRefused) as refused:
        await port.build_plan(PlanRequest())
    assert (refused.value.status, refused.value.problem.code) == (409, ProblemCode.BUSY)
    assert str(refused.value) == "An apply runs."


async def test_a_refusal_without_a_problem_is_told_too(stub: StubEngine, port: SocketPort) -> None:
    stub.answers[f"GET {routes.STATE}"] = (500, b"Internal \xff Server Error")
    with pytest.raises(EngineRefused) as refused:
        await port.state()
    assert refused.value.problem.code is ProblemCode.INTERNAL
    assert "Server Error" in refused.value.problem.message


async def test_the_stream_can_be_refused(stub: StubEngine, port: SocketPort) -> None:
    stub.answers[f"GET {routes.EVENTS}"] = (400, refusal(ProblemCode.BAD_REQUEST))
    with pytest.raises(EngineRefused):
        await anext(port.events(0))


async def test_an_answer_of_another_shape_is_a_problem_of_the_protocol(
    stub: StubEngine, port: SocketPort
) -> None:
    stub.answers[f"GET {routes.META}"] = (200, b'{"unheard": "of"}')
    with pytest.raises(ClientError) as wrong:
        await port.info()
    assert wrong.value.problem.code is ProblemCode.PROTOCOL


async def test_a_slow_answer_is_waited_for(stub: StubEngine, port: SocketPort) -> None:
    loaded = stub.held[routes.DATE] = asyncio.Event()
    reading = DateReading(text="yesterday", at=1)
    stub.answers[f"GET {routes.DATE}"] = (200, reading.model_dump_json().encode())
    asked = asyncio.create_task(port.read_date("yesterday", "2024-01-02 & more"))
    await stub.called(routes.DATE)
    assert not asked.done()
    loaded.set()
    assert await asked == reading
    assert stub.calls[0][2] == "text=yesterday&execution_time=2024-01-02+&+more"


async def test_selectors_are_repeated(stub: StubEngine, port: SocketPort) -> None:
    stub.answers[f"GET {routes.SELECTION}"] = (200, b'{"names": ["a.b"]}')
    assert (await port.read_selection(["+a.b", "tag:x"])).names == ("a.b",)
    assert stub.calls[-1][2] == "expression=+a.b&expression=tag:x"


async def test_nobody_on_the_socket_is_a_loss_with_the_log(
    key: ProjectKey, runtime: Path, stub: StubEngine, port: SocketPort
) -> None:
    stub.socket.unlink()
    with pytest.raises(EngineLost) as lost:
        await port.state()
    assert port.files is not None
    assert str(port.files.log) in lost.value.problem.hint


async def test_a_port_that_is_not_connected_says_so(key: ProjectKey) -> None:
    with pytest.raises(EngineLost):
        await SocketPort(key).state()


async def test_connecting_without_starting_needs_an_engine(
    key: ProjectKey, stub: StubEngine
) -> None:
    attached = SocketPort(key, start=False)
    assert (await attached.connect()).pid == 4711
    await attached.close()
    stub.socket.unlink()
    with pytest.raises(EngineLost):
        await SocketPort(key, start=False).connect()
