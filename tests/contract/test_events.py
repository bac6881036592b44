from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelRequest, CategoriesRequest, PlanRequest
from plan_tui.contract.state import StageName, StageProgress

from .made_events import events

EVENT_TYPES: tuple[Any, ...] = get_args(get_args(ev.Event)[0])


@given(event=events)
@settings(max_examples=200, deadline=None)
def test_an_event_comes_over_the_socket_as_it_was(event: ev.Event) -> None:
    read = ev.EventAdapter.validate_json(event.model_dump_json())
    assert read == event
    assert type(read) is type(event)


@given(event=events)
@settings(max_examples=100, deadline=None)
def test_every_event_travels_under_a_topic(event: ev.Event) -> None:
    assert ev.topic_of(event) in ev.Topic


@pytest.mark.parametrize(
    ("run", "topic"), [("plan", ev.Topic.PLAN_OVERVIEW), ("apply", ev.Topic.PLAN_APPLY)]
)
def test_a_stage_travels_with_its_run(run: str, topic: ev.Topic) -> None:
    stage = StageProgress(name=StageName.VALIDATION)
    assert ev.topic_of(ev.StageReported.model_validate({"run": run, "stage": stage})) is topic


def test_each_kind_of_event_has_a_name_of_its_own() -> None:
    kinds = [event_type.model_fields["kind"].default for event_type in EVENT_TYPES]
    assert len(set(kinds)) == len(EVENT_TYPES)


def test_an_event_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError):
        ev.EventAdapter.validate_json('{"kind": "from_the_future", "seq": 1}')


def test_a_client_ignores_what_a_newer_engine_adds() -> None:
    read = ev.EventAdapter.validate_json('{"kind": "warned", "message": "m", "new": true}')
    assert read == ev.Warned(message="m")


@pytest.mark.parametrize("request_type", [PlanRequest, CategoriesRequest, CancelRequest])
def test_the_engine_refuses_a_field_it_does_not_know(request_type: type[PlanRequest]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        request_type.model_validate({"categories": {}, "environmnt": "dev"})


def test_a_told_fact_can_not_be_changed() -> None:
    event = ev.Warned(message="m")
    with pytest.raises(ValidationError, match="frozen"):
        event.message = "other"  # type: ignore[misc]
