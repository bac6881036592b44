"""The demo shop's files: copied, and then changed, so that there is a plan to review.

A demo is prepared in four steps: `copy_demo`, then an engine applies the copy to ``prod``, then
`apply_pending` and `mark_prepared`. A marker file tells from the first step on that the directory
is ours and how far it is; a preparation that was interrupted is started anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

MARKER = ".plan-tui-demo"
"""The file in a demo's directory that says how far its preparation is."""

_PREPARING = "preparing\n"
_PREPARED = "prepared\n"

_PENDING = "pending"
_REMOVED = "REMOVED"
_README = "README.md"

# What SQLMesh and Python leave in a checkout's demo project when somebody works in it directly.
_LEFTOVERS = (".cache", "logs", "__pycache__", "*.pyc", "*.duckdb", "*.duckdb.wal")


class DemoError(Exception):
    """The demo can not be prepared where it was asked for."""

    def __init__(self, title: str, message: str, hint: str) -> None:
        super().__init__(f"{title} {message} {hint}")
        self.title = title
        """What happened, in one sentence."""
        self.message = message
        """Why it happened."""
        self.hint = hint
        """What to do next."""


def demo_source() -> Path:
    """Finds the demo project, which a wheel carries inside the package and a checkout beside it.

    Returns:
        The directory with the project as it is deployed first, and ``pending`` in it.

    Raises:
        DemoError: If neither place has it.
    """
    package = Path(__file__).resolve().parent
    for source in (package / "_demo_project", package.parent / "demo_project"):
        if (source / _PENDING).is_dir():
            return source
    raise DemoError(
        "The demo project is missing.",
        f"It is neither in {package} nor beside it, so this installation is not whole.",
        "Install plan-tui again.",
    )


def copy_demo(target: Path) -> None:
    """Copies the demo project, as it is before the pending changes, into a directory.

    A demo whose preparation was interrupted is emptied first.

    Args:
        target: The directory, which is made when it does not exist.

    Raises:
        DemoError: If the directory holds anything but an unfinished demo, or can't be written.
    """
    source = demo_source()
    try:
        _claim(target, source)
        for directory, names in _project_files(source, skip=(_PENDING,)):
            _copy_files(source / directory, names, target / directory)
    except OSError as error:
        raise _unwritable(target, error) from error


def apply_pending(target: Path) -> None:
    """Lays the pending changes over a copied demo and deletes what they remove.

    Doing it twice is the same as doing it once.

    Args:
        target: The directory that `copy_demo` filled.

    Raises:
        DemoError: If the directory is not a demo, or can't be written.
    """
    _require_demo(target)
    pending = demo_source() / _PENDING
    try:
        for directory, names in _project_files(pending, skip=(_REMOVED, _README)):
            _copy_files(pending / directory, names, target / directory)
        for path in (pending / _REMOVED).read_text(encoding="utf-8").splitlines():
            (target / path).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(target, error) from error


def is_prepared(target: Path) -> bool:
    """Tells whether a directory holds a demo that is ready to be opened.

    Args:
        target: The directory, which need not exist.

    Returns:
        True if all steps of its preparation were done.
    """
    return _read_marker(target) == _PREPARED


def mark_prepared(target: Path) -> None:
    """Records that a demo is ready, so that the next time it is only opened.

    Args:
        target: The directory of the demo.

    Raises:
        DemoError: If the directory is not a demo, or can't be written.
    """
    _require_demo(target)
    try:
        _write_marker(target, _PREPARED)
    except OSError as error:
        raise _unwritable(target, error) from error


def _claim(target: Path, source: Path) -> None:
    """Makes the target an empty directory that is marked as ours."""
    if target.resolve().is_relative_to(source):
        raise DemoError(
            f"The demo can't be copied to {target}.",
            "That is inside the demo project itself.",
            "Name a directory elsewhere.",
        )
    if target.exists() and not target.is_dir():
        raise DemoError(
            f"The demo can't be copied to {target}.",
            "That is not a directory.",
            "Name a directory that is empty or does not exist yet.",
        )
    marker = _read_marker(target)
    if marker == _PREPARED:
        raise DemoError(
            f"There is a demo in {target} already.",
            "It is ready, and may hold your own changes.",
            "Open it, or delete the directory to start anew.",
        )
    if marker is None and target.is_dir() and any(target.iterdir()):
        raise DemoError(
            f"The demo can't be copied to {target}.",
            "The directory is not empty, and what is in it is not a demo.",
            "Name a directory that is empty or does not exist yet.",
        )
    target.mkdir(parents=True, exist_ok=True)
    _write_marker(target, _PREPARING)
    _empty_but_marker(target)


def _require_demo(target: Path) -> None:
    if _read_marker(target) is None:
        raise DemoError(
            f"There is no demo in {target}.",
            f"The file {MARKER} that marks one is missing.",
            "Name the directory the demo was copied to.",
        )


def _project_files(root: Path, skip: tuple[str, ...] = ()) -> Iterator[tuple[Path, list[str]]]:
    """Walks a project without what was left behind by working in it."""
    ignored_names = shutil.ignore_patterns(*_LEFTOVERS)
    for directory, subdirectories, names in os.walk(root):
        ignored = ignored_names(directory, [*subdirectories, *names])
        if Path(directory) == root:
            ignored |= set(skip)
        subdirectories[:] = sorted(set(subdirectories) - ignored)
        yield Path(directory).relative_to(root), sorted(set(names) - ignored)


def _copy_files(source: Path, names: list[str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        # Not the times of the original: SQLMesh takes a newer time for a change.
        shutil.copyfile(source / name, target / name)


def _empty_but_marker(target: Path) -> None:
    for path in target.iterdir():
        if path.name == MARKER:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _read_marker(target: Path) -> str | None:
    try:
        return (target / MARKER).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DemoError(
            f"The demo in {target} can't be read.",
            f"{error.strerror or error}.",
            "Name another directory.",
        ) from error


def _write_marker(target: Path, progress: str) -> None:
    """Replaces the marker in one step, so that it never says half a thing."""
    draft = target / f"{MARKER}.new"
    draft.write_text(progress, encoding="utf-8")
    draft.replace(target / MARKER)


def _unwritable(target: Path, error: OSError) -> DemoError:
    place = f" ({error.filename})" if error.filename else ""
    return DemoError(
        f"The demo can't be written to {target}.",
        f"{error.strerror or error}{place}.",
        "Name a directory you may write to, with some space left.",
    )
