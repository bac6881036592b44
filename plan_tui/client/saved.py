"""Files of saved plans: written whole or not at all, and never trusted when they are read."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import JsonValue, ValidationError

from plan_tui.client.errors import ClientError
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.saved import FORMAT, VERSION, SavedPlan

LARGEST_FILE = 256 * 1024 * 1024
_LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999: no moment and no count is larger."""
_FRESH = "Save the plan again: plan-tui plan ENVIRONMENT --out FILE."


class SavedPlanError(ClientError):
    """A saved plan can't be read or written."""

    def __init__(self, title: str, message: str, hint: str = _FRESH) -> None:
        super().__init__(
            Problem(code=ProblemCode.BAD_REQUEST, title=title, message=message, hint=hint)
        )


def write_plan(path: Path, saved: SavedPlan) -> None:
    """Writes a saved plan.

    Raises:
        SavedPlanError: It can't be written.
    """
    write_text(path, saved.model_dump_json(indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes a file that only its owner may read: a plan tells what is in a warehouse.

    Links are followed; what is no regular file, such as ``/dev/stdout``, is written to in place.

    Raises:
        SavedPlanError: It can't be written.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a directory")
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        else:
            _replace(Path(os.path.realpath(path)), text)
    except OSError as error:
        why = error.strerror or str(error)
        raise SavedPlanError(
            f"{path} can't be written.", why, "Name a file in a directory that you may write to."
        ) from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def read_plan(path: Path) -> SavedPlan:
    """Reads a saved plan.

    Raises:
        SavedPlanError: It is none, is damaged, or of a newer plan_tui.
    """
    content = _content(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise SavedPlanError(f"{path} is not a saved plan.", "It has another content.")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SavedPlanError(f"{path} is damaged.", "It does not say its version.")
    if version > VERSION:
        raise SavedPlanError(
            f"{path} was saved by a newer plan_tui.",
            f"Its version is {version}; this one reads up to {VERSION}.",
            "Update plan_tui, or save the plan again with this one.",
        )
    try:
        saved = SavedPlan.model_validate_json(json.dumps(content))
    except (ValidationError, RecursionError) as error:
        where = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        place = ".".join(str(part) for part in where)[:200]
        raise SavedPlanError(
            f"{path} is damaged.", f"{place or 'It'} is not as expected."
        ) from error
    if saved.facts.plan_id != saved.plan.plan_id or saved.labels.plan_id != saved.plan.plan_id:
        raise SavedPlanError(f"{path} is damaged.", "Its parts are of different plans.")
    return saved


def _content(path: Path) -> JsonValue:
    try:
        if not path.is_file():
            raise SavedPlanError(f"There is no file {path}.", "It was moved, or never saved.")
        if path.stat().st_size > LARGEST_FILE:
            raise SavedPlanError(
                f"{path} is too large.", f"At most {LARGEST_FILE:,} bytes are read."
            )
        content: JsonValue = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SavedPlanError(f"{path} can't be read.", error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise SavedPlanError(
            f"{path} is not a saved plan.", "It is not JSON, or cut off."
        ) from error
    if not _is_sane(content):
        raise SavedPlanError(f"{path} is damaged.", "A number in it can't be a time or a count.")
    return content


def _is_sane(content: JsonValue) -> bool:
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int | float) and not -_EARLIEST <= value <= _LATEST:
            return False
    return True


_EARLIEST = 62_135_596_800_000
"""From the year 1 to 1970, in milliseconds."""
