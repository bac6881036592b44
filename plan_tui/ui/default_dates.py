"""What a plan's dates are understood as where nobody sets them; pure.

The rules are those of SQLMesh's ``Context.plan_builder``; the moments are the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable

from plan_tui.contract.exclusions import PROD
from plan_tui.contract.lookup import EnvironmentInfo
from plan_tui.ui.draft import Draft
from plan_tui.ui.formatting import DAY, date, instant


def default_words(
    draft: Draft,
    environments: Iterable[EnvironmentInfo],
    *,
    forward_only: bool = False,
    include_unmodified: bool = False,
) -> dict[str, str]:
    """What the unset dates of a draft are, by field.

    Args:
        draft: What was set.
        environments: The environments that the state knows.
        forward_only: Whether the project's configuration makes every plan forward-only.
        include_unmodified: Whether it has every plan take in all models.
    """
    prod = next((each for each in environments if each.name == PROD), None)
    words = {
        "start": _start(draft, prod, forward_only),
        "end": _end(draft, prod, include_unmodified),
        "execution_time": "now",
    }
    return {field: said for field, said in words.items() if field not in draft.values}


def _start(draft: Draft, prod: EnvironmentInfo | None, forward_only: bool) -> str:
    """Each model has a start of its own; only a preview begins with the last interval."""
    if draft.environment != PROD and draft.values.get("forward_only", forward_only):
        return "prod's last interval" if prod is not None else "yesterday"
    if prod is None or prod.start is None:
        return "each model's own start"
    return f"each model's (prod's: {date(prod.start)})"


def _end(draft: Draft, prod: EnvironmentInfo | None, include_unmodified: bool) -> str:
    """As far as prod is filled, unless what has come due is asked for, too.

    Of a plan that does not take in every model only the data of those counts that it takes in, and
    of what is upstream of them: which these are shows once it is built.
    """
    if "execution_time" in draft.values:
        return "the execution time"
    if draft.values.get("run") or prod is None or prod.data_end is None:
        return "now"
    last = date(prod.data_end - 1) if prod.data_end % DAY == 0 else instant(prod.data_end)
    if _takes_in_all(draft, include_unmodified):
        return f"{last}, prod's last data"
    return f"{last} at most: prod's data"


def _takes_in_all(draft: Draft, include_unmodified: bool) -> bool:
    values = draft.values
    if values.get("select_models") or values.get("backfill_models"):
        return False
    is_whole = bool(values.get("include_unmodified", include_unmodified))
    return draft.environment == PROD or is_whole or bool(values.get("restate_models"))
