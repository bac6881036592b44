"""Names of the engine's routes, topics and the protocol's version."""

from __future__ import annotations

PROTOCOL_VERSION = 1
"""Raised with every change that an older client or engine would misread."""

META = "/api/meta"
PROJECT = "/api/project"
ENVIRONMENTS = "/api/environments"
PLAN = "/api/plan"
CATEGORIES = "/api/plan/categories"
ALLOW = "/api/plan/allow"
MODEL = "/api/plan/models/{name}"
APPLY = "/api/commands/apply"
CANCEL = "/api/plan/cancel"
STATE = "/api/state"
EVENTS = "/api/events"
DATE = "/api/dates"
SELECTION = "/api/selection"
STOP = "/api/stop"
