"""What the OpenAPI document of an engine allows, or does not, is never answered by a 500."""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemAnswer
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.server import make_app
from tests.engine.hosting import HostedEngine
from tests.engine.projects import Project
from tests.soaking import trials

EXAMPLES = len(trials(range(3), range(100)))
"""Of each operation, in each way."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(3_600)
# Schemathesis itself draws by chance where Hypothesis would like to be asked.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
def test_no_request_of_the_document_is_an_internal_error(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    assert engine.plan("dev").outcome is RunOutcome.SUCCEEDED
    document = make_app(engine.session, lambda: None).openapi()
    # Leaving has no parameters, and nothing can be asked of an engine that leaves.
    del document["paths"][routes.STOP]
    asked: dict[str, set[int]] = {}
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            statuses = asked.setdefault(f"{mode.value} {operation.label}", set())

            @seed(7)
            @SETTINGS
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: schemathesis.Case) -> None:
                statuses.add(answered(engine, case))  # noqa: B023 - it runs within this turn

            # What takes no parameters can't be asked in a wrong way.
            with suppress(Unsatisfiable):
                ask()
    assert len(asked) > len(document["paths"])
    assert {status for each in asked.values() for status in each} >= {200, 204, 404, 422}
    assert engine.state.seq


def answered(engine: HostedEngine, case: schemathesis.Case) -> int:
    """Sends a request over the engine's socket; returns the status of the answer."""
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://engine")).prepare()
    try:
        request = engine.http.build_request(
            sent.method or "GET", sent.url or "", content=sent.body, headers=dict(sent.headers)
        )
        with engine.http.stream(request.method, request.url, content=sent.body,
                                headers=request.headers) as answer:  # fmt: skip
            status = answer.status_code
            assert status < 500, (sent.method, sent.url, sent.body, answer.read())
            if status >= 400:
                assert ProblemAnswer.model_validate_json(answer.read()).problem.title
            return status
    except (httpx.InvalidURL, httpx.LocalProtocolError):
        return 0
