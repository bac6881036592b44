"""Recorded timelines, and ports that know them."""

from __future__ import annotations

from pathlib import Path

from plan_tui.contract.timeline import Timeline
from plan_tui.ui.formatting import DAY

from . import review_samples as made
from .fake_port import FakePort

RECORDINGS = Path(__file__).parent / "recordings"
JAN_1 = 1_704_067_200_000
"""2024-01-01."""


def recorded(name: str = "timeline") -> Timeline:
    """What the real engine said."""
    return Timeline.model_validate_json((RECORDINGS / f"{name}.json").read_text())


def fqn(name: str) -> str:
    return f'"warehouse"."shop"."{name}"'


def many(count: int) -> Timeline:
    """As many models as that, each with a year of days in twelve batches."""
    lagged = next(model for model in recorded().models if model.name == fqn("lagged"))
    return recorded().model_copy(
        update={
            "models": tuple(
                lagged.model_copy(
                    update={
                        "name": f"m{n}",
                        "view_name": f"shop.model_{n:05}",
                        "there": ((JAN_1 - (n % 300) * DAY, JAN_1),),
                    }
                )
                for n in range(count)
            )
        }
    )


def port_with(timeline: Timeline, environment: str = "prod") -> FakePort:
    port = made.port_on(made.reviewing(plan=made.plan(environment=environment)))
    port.looks[("timeline", "")] = timeline
    return port
