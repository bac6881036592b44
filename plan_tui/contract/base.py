"""The two bases of every wire type: what is told, and what is asked."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Millis = Annotated[
    int, Field(description="Epoch milliseconds, UTC, or a duration in milliseconds.")
]
"""A moment or a duration in milliseconds."""

Interval = tuple[int, int]
"""``[start, end)`` in epoch milliseconds, as SQLMesh stores its intervals."""


class Wire(BaseModel):
    """A fact told by the engine; unknown fields are ignored so that it can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Ask(BaseModel):
    """A request to the engine; an unknown field is refused rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _can_be_written_down(cls, asked: object) -> object:
        """Refuses half a character: JSON can spell it, and nothing that holds it can be sent."""
        try:
            json.dumps(asked, default=str, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half a character (a lone surrogate)") from None
        return asked


class Name(str, Enum):
    """A closed set of names that prints as its value (``StrEnum`` of Python 3.11)."""

    def __str__(self) -> str:
        return str(self.value)
