"""What a person has set for a plan, and which options that rules out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from plan_tui.contract.exclusions import exclusions
from plan_tui.contract.options import OPTION_BY_FIELD, OPTIONS, Option, request_of, value_of
from plan_tui.contract.plan import PlanOptions, PlanRequest
from plan_tui.ui.form_words import in_the_form

Value = str | bool | int | tuple[str, ...]

TRISTATE = frozenset({"forward_only", "include_unmodified", "enable_preview"})
"""Flags that the project's configuration may set."""


@dataclass(frozen=True)
class Draft:
    """An environment with the options that were set for it; the rest is left to SQLMesh."""

    environment: str
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def request(self) -> PlanRequest:
        """The request that says the same."""
        return request_of(self.environment, dict(self.values))

    def with_value(self, name: str, value: Value | None) -> Draft:
        """The draft with an option set, or left to SQLMesh again."""
        values = {key: kept for key, kept in self.values.items() if key != name}
        if value is not None and value != () and value != "":
            values[name] = value
        return replace(self, values=values)


def draft_of(request: PlanRequest, environment: str) -> Draft:
    """The draft that says the same as a request."""
    draft = Draft(environment)
    for option in OPTIONS:
        value = value_of(request, option)
        if value in (None, ()) or (value is False and option.field not in TRISTATE):
            continue
        assert isinstance(value, str | bool | int | tuple)
        draft = draft.with_value(option.field, value)
    return draft


def stored(draft: Draft) -> dict[str, object]:
    """The values as JSON can hold them."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in draft.values.items()
    }


def restored(environment: str, values: Mapping[str, object]) -> Draft:
    """A draft from stored values; what is unknown, malformed or clashes by now is left out."""
    draft = Draft(environment)
    for name, value in values.items():
        if name not in OPTION_BY_FIELD or value is None:
            continue
        try:
            parsed = value_of(request_of(environment, {name: value}), OPTION_BY_FIELD[name])
        except ValidationError:
            continue
        if isinstance(parsed, str | bool | int | tuple):
            draft = draft.with_value(name, parsed)
    for clash in exclusions(draft.request):
        draft = draft.with_value(clash.field, None)
    return draft


def sample(option: Option) -> Value:
    """Any value, to ask whether an option may be set at all."""
    match option.kind:
        case "flag":
            return True
        case "names":
            return ("model",)
        case "count":
            return 1
        case _:
            return "1"


def why_blocked(draft: Draft, option: Option) -> str | None:
    """Why an option can't be set beside what is set, naming both, or None when it can."""
    if option.field in draft.values:
        return None
    known = {clash.sentence for clash in exclusions(draft.request)}
    tried = draft.with_value(option.field, sample(option))
    clashes = (each for each in exclusions(tried.request) if each.sentence not in known)
    return next((in_the_form(each.sentence) for each in clashes), None)


def change(draft: Draft, option: Option, value: Value | None) -> tuple[Draft, str | None]:
    """Sets an option; what only had a meaning with its old value is left out again.

    Returns:
        The new draft, and a sentence for the options that went with it.
    """
    changed = draft.with_value(option.field, value)
    gone: list[str] = []
    for clash in exclusions(changed.request):
        if clash.field in changed.values and clash.field != option.field:
            changed = changed.with_value(clash.field, None)
            why = in_the_form(clash.sentence)
            gone.append(f"{OPTION_BY_FIELD[clash.field].label} is cleared: {why}")
    return changed, " ".join(gone) or None


def toggled(draft: Draft, option: Option, defaults: PlanOptions | None) -> Value | None:
    """The value after the one a flag has: a configured flag has three, the others two."""
    value = draft.values.get(option.field)
    if option.field not in TRISTATE:
        return None if value else True
    inherited = inherited_flag(option, defaults)
    if value is None:
        return not inherited
    return None


def inherited_flag(option: Option, defaults: PlanOptions | None) -> bool:
    """What a flag is where it is left alone."""
    if defaults is None or option.field not in TRISTATE:
        return False
    return bool(getattr(defaults, option.field))


def unspeakable(draft: Draft) -> list[Option]:
    """Flags set to off, for which SQLMesh's command line has no words."""
    return [
        option
        for option in OPTIONS
        if option.field in TRISTATE and draft.values.get(option.field) is False
    ]
