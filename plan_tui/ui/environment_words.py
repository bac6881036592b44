"""What the picker says of an environment."""

from __future__ import annotations

from plan_tui.contract.environment_names import name_problem
from plan_tui.contract.lookup import EnvironmentInfo
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import DAY, about, ago, count, date, instant_utc
from plan_tui.ui.glyphs import WARNING

HALF_APPLIED = f"{WARNING} half applied: apply again resumes"


def data_words(environment: EnvironmentInfo) -> str:
    """The last day that it has data of: ``data to 11-24``."""
    if environment.data_end is None:
        return "no data"
    return f"data to {date(environment.data_end - 1)[5:]}"


def behind_words(environment: EnvironmentInfo, now: int) -> str:
    """By how many whole days its data lags; nothing where no whole day is missing."""
    if environment.data_end is None:
        return ""
    days = (now - environment.data_end) // DAY
    return f"{count(days, 'day')} behind" if days > 0 else ""


def expiry_words(environment: EnvironmentInfo, now: int) -> str:
    """When it expires; nothing for one that never does."""
    if environment.expires is None:
        return ""
    if environment.expires <= now:
        return "expired"
    return f"expires in {about(environment.expires - now)}"


def planned_words(environment: EnvironmentInfo, now: int) -> str:
    """When it was planned."""
    return "" if environment.planned is None else f"planned {ago(environment.planned, now)}"


def facts(environment: EnvironmentInfo, now: int) -> list[str]:
    """What is to be said of an environment, the most important first."""
    badge = "" if environment.finalized else HALF_APPLIED
    said = [
        badge,
        behind_words(environment, now),
        planned_words(environment, now),
        expiry_words(environment, now),
    ]
    return [words for words in said if words]


def in_full(environment: EnvironmentInfo, now: int) -> list[str]:
    """Everything that is known, a line each."""
    lines = []
    if not environment.finalized:
        lines.append(HALF_APPLIED)
    if environment.planned is not None:
        lines.append(f"planned {instant_utc(environment.planned)}")
    if environment.start is not None and environment.end is not None:
        lines.append(f"dates   {date(environment.start)} .. {date(environment.end - 1)}")
    if environment.data_end is not None:
        behind = behind_words(environment, now) or "not behind"
        lines.append(f"data to {date(environment.data_end - 1)}, {behind}")
    if environment.expires is not None:
        lines.append(f"expires {instant_utc(environment.expires)}")
    return lines


def new_name_words(name: str, taken: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a typed name can be taken, and what is to be said of it."""
    problem = name_problem(name)
    if problem is not None:
        return False, problem
    if name in taken:
        return True, f"{clean(name)} exists: enter selects it."
    return True, "A new environment: enter selects it."
