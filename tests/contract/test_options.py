from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from plan_tui.contract.options import (
    OPTION_BY_FIELD,
    OPTIONS,
    Option,
    request_of,
    sqlmesh_arguments,
    value_of,
)
from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest

EXAMPLES: dict[str, Any] = {
    "date": "1 week ago", "flag": True, "names": ("shop.orders", "+tag:x"), "name": "prod",
    "count": 3,
}  # fmt: skip

NOT_ABOUT_A_PLAN = {"auto_apply", "no_prompts", "no_diff", "explain", "verbose", "environment"}
"""Parameters of ``sqlmesh plan`` that say how to ask or print, and the argument itself."""


@pytest.fixture(scope="module")
def plan_command() -> Any:
    from sqlmesh.cli.main import plan

    return plan


def test_the_table_has_every_option_of_the_contract_once() -> None:
    fields = [option.field for option in OPTIONS]
    assert len(set(fields)) == len(fields)
    assert set(fields) == {*PlanDates.model_fields, *PlanOptions.model_fields}


def test_flags_are_unique_and_each_has_a_one_line_help() -> None:
    assert len({option.flag for option in OPTIONS}) == len(OPTIONS)
    for option in OPTIONS:
        assert option.help.endswith(".")
        assert "\n" not in option.help
        assert len(option.help) <= 90


def test_the_table_has_every_option_of_sqlmesh(plan_command: Any) -> None:
    theirs = {flag for parameter in plan_command.params for flag in parameter.opts}
    shorts = {option.short for option in OPTIONS if option.short}
    assert {option.flag for option in OPTIONS} <= theirs
    assert shorts <= theirs
    ours = {option.flag for option in OPTIONS}
    missing = {
        parameter.name for parameter in plan_command.params if not ours & set(parameter.opts)
    }
    assert missing <= NOT_ABOUT_A_PLAN


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.field)
def test_sqlmesh_reads_our_command_as_what_was_asked(option: Option, plan_command: Any) -> None:
    value = EXAMPLES[option.kind]
    request = request_of("dev", {option.field: value})
    command, *arguments = sqlmesh_arguments(request)
    assert command == "plan"
    read = plan_command.make_context("plan", arguments, resilient_parsing=False).params
    names = {flag: p.name for p in plan_command.params for flag in p.opts}
    assert read["environment"] == "dev"
    assert read[names[option.flag]] == value
    assert value_of(request, option) == value


def test_what_is_not_asked_is_not_in_the_command() -> None:
    assert sqlmesh_arguments(PlanRequest()) == ["plan"]
    assert sqlmesh_arguments(request_of("dev", {"skip_tests": False, "start": None})) == [
        "plan",
        "dev",
    ]


def test_names_are_taken_as_a_list_or_with_commas() -> None:
    options = PlanOptions.model_validate({"restate_models": "a, b,,c "})
    assert options.restate_models == ("a", "b", "c")
    assert PlanOptions.model_validate({"restate_models": ["a"]}).restate_models == ("a",)


def test_epoch_milliseconds_are_taken_as_a_date() -> None:
    assert PlanDates.model_validate({"start": 1_700_000_000_000}).start == "1700000000000"


def test_a_value_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ValidationError):
        request_of("dev", {"min_intervals": -1})
    with pytest.raises(ValidationError):
        request_of("dev", {"start": True})


def test_labels_are_short_enough_for_a_form() -> None:
    assert all(len(option.label) <= 18 for option in OPTION_BY_FIELD.values())
