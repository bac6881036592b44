"""What the form says of dates that nobody sets."""

from __future__ import annotations

import pytest

from plan_tui.contract.lookup import EnvironmentInfo
from plan_tui.ui.default_dates import default_words
from plan_tui.ui.draft import Draft, Value
from plan_tui.ui.formatting import DAY, HOUR

PROD = EnvironmentInfo(
    name="prod", plan_id="p", start=0, end=9 * DAY, planned=None, expires=None, finalized=True,
    models=3, data_end=10 * DAY,
)  # fmt: skip


def words(environment: str = "dev", **values: Value) -> dict[str, str]:
    return default_words(Draft(environment, values), (PROD,))


def test_dates_are_as_far_as_prod_is_filled() -> None:
    assert words() == {
        "start": "each model's (prod's: 1970-01-01)",
        "end": "1970-01-10 at most: prod's data",
        "execution_time": "now",
    }


def test_a_plan_of_every_model_ends_with_the_last_data_of_prod() -> None:
    last = "1970-01-10, prod's last data"
    assert words("prod")["end"] == words(include_unmodified=True)["end"] == last
    assert words(restate_models=("a.b",))["end"] == last
    assert "at most" in words("prod", select_models=("a.b",))["end"]
    whole = default_words(Draft("dev"), (PROD,), include_unmodified=True)
    assert whole["end"] == last
    hourly = PROD.model_copy(update={"data_end": 9 * DAY + 2 * HOUR})
    assert default_words(Draft("prod"), (hourly,))["end"] == "1970-01-10 02:00, prod's last data"


def test_what_is_set_has_no_default() -> None:
    assert words(start="yesterday", end="today", execution_time="now") == {}


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"run": True}, "end", "now"),
        ({"execution_time": "2024-01-01"}, "end", "the execution time"),
        ({"forward_only": True}, "start", "prod's last interval"),
    ],
)
def test_other_options_change_it(values: dict[str, Value], field: str, said: str) -> None:
    assert words(**values)[field] == said


def test_without_prod_a_plan_begins_with_each_model_and_ends_now() -> None:
    assert default_words(Draft("dev"), ()) == {
        "start": "each model's own start", "end": "now", "execution_time": "now",
    }  # fmt: skip
    assert default_words(Draft("dev"), (), forward_only=True)["start"] == "yesterday"
    assert words("prod", forward_only=True)["start"] == "each model's (prod's: 1970-01-01)"
