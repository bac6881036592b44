"""What this branch changed: asks git, never waits long for it, and says why it can't tell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE = 10.0
"""Seconds that one question to git may take."""

MAIN = ("origin/HEAD", "origin/main", "main", "origin/master", "master")
"""Where the main branch is looked for, in this order."""

_CAREFUL = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    "--literal-pathspecs",
)
"""A repository's configuration may name programs; reading it must not run them."""
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git sets for programs that it starts: it would lead to another repository."""


class NoBranchError(Exception):
    """Git can't say what this branch changed; the text says why."""


@dataclass(frozen=True)
class Branch:
    """The files that a branch changed since it left another one, and those not committed."""

    top: str
    """The repository's directory."""
    base: str
    """The commit where it left."""
    against: str
    """The other branch, in words."""
    changed: frozenset[str]
    """Absolute paths, those of files that are gone too."""
    gone: frozenset[str]

    def shown(self, path: str) -> str:
        """A path relative to the repository."""
        return os.path.relpath(path, self.top)

    def had(self, text: str, paths: Sequence[str]) -> bool:
        """Whether one of these files held a text, in any case, where the branch left."""
        if not paths:
            return False
        names = [self.shown(path) for path in paths]
        asked = ("grep", "-l", "-I", "-i", "-F", "-e", text, self.base, "--", *names)
        return _git(self.top, *asked).returncode == 0


@dataclass(frozen=True)
class Left:
    """Where a branch left another one."""

    top: str
    """The repository's directory."""
    base: str
    """The commit."""
    against: str
    """The other branch, in words."""

    def files(self, directory: str) -> frozenset[str]:
        """Absolute paths of the files that a directory had there."""
        asked = ("ls-tree", "-r", "-z", "--name-only", self.base, "--", self._named(directory))
        return _paths(self.top, *asked)

    def changed(self, directory: str) -> frozenset[str]:
        """Those of them that are other ones now, touched or gone; and those that git knows since.

        By size and time: to compare their text git would run the filters that a repository names.
        """
        rest = ("--name-only", "--no-renames", "-z", self.base, "--")
        return _paths(self.top, "diff-index", *rest, self._named(directory))

    def text(self, path: str) -> str:
        """What a file held there.

        Raises:
            NoBranchError: It was not there, or is no text.
        """
        # Without a filter of the repository's: one would be a program that it names.
        done = _git(self.top, "cat-file", "blob", f"{self.base}:{self._named(path)}")
        try:
            if not done.returncode:
                return done.stdout.decode()
        except UnicodeDecodeError:
            pass
        raise NoBranchError(f"Git has no text of {self._named(path)} at {self.against}.")

    def _named(self, path: str) -> str:
        return os.path.relpath(os.path.realpath(path), self.top)


def left_at(directory: str, reference: str = "") -> Left:
    """Where the branch of a directory left another one.

    Args:
        directory: Somewhere in the repository's working tree.
        reference: A branch, tag or commit; the main branch without one.

    Raises:
        NoBranchError: There is no git, no repository, or no commit to compare with.
    """
    found = _git(directory, "rev-parse", "--show-toplevel")
    if found.returncode:
        raise NoBranchError(f"{directory} is not in a git repository.")
    top = os.path.realpath(found.stdout.decode(errors="surrogateescape").rstrip("\n"))
    against = _reference(top, reference)
    left = _git(top, "merge-base", "HEAD", f"{against}^{{commit}}")
    if left.returncode:
        raise NoBranchError(_no_base(top, against))
    return Left(top, left.stdout.decode().strip(), against)


def branch_of(directory: str, reference: str = "") -> Branch:
    """What the branch of a directory changed.

    Args:
        directory: Somewhere in the repository's working tree.
        reference: A branch, tag or commit; the main branch without one.

    Raises:
        NoBranchError: There is no git, no repository, or no commit to compare with.
    """
    left = left_at(directory, reference)
    top, base = left.top, left.base
    rest = ("--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--")
    changed = _paths(top, "diff", *rest)
    gone = _paths(top, "diff", "--diff-filter=D", *rest)
    new = _paths(top, "ls-files", "--others", "--exclude-standard", "-z")
    return Branch(top, base, left.against, changed | new, gone)


def _reference(top: str, wanted: str) -> str:
    for each in (wanted,) if wanted else MAIN:
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{each}^{{commit}}")
        if not _git(top, *asked).returncode:
            return each
    if wanted:
        raise NoBranchError(f"Git knows no commit called {wanted}.")
    raise NoBranchError(f"There is no main branch: none of {', '.join(MAIN)} exists.")


def _no_base(top: str, against: str) -> str:
    shallow = _git(top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    if shallow:
        return (
            f"This clone is shallow, and where the branch left {against} is not in it: "
            "fetch it whole (git fetch --unshallow)."
        )
    return f"This branch and {against} have no commit in common."


def _paths(top: str, *arguments: str) -> frozenset[str]:
    done = _git(top, *arguments)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoBranchError(f"Git can't list what changed: {words[0] if words else 'no reason'}")
    names = done.stdout.decode(errors="surrogateescape").split("\0")
    return frozenset(os.path.join(top, name) for name in names if name)


def _git(directory: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", *_CAREFUL, "-C", directory, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            env=environment,
            check=False,
        )
    except FileNotFoundError as error:
        raise NoBranchError("Git is not installed where the engine runs.") from error
    except subprocess.TimeoutExpired as error:
        raise NoBranchError(f"Git did not answer within {PATIENCE:.0f} seconds.") from error
    except (OSError, ValueError) as error:
        raise NoBranchError(f"Git can't be asked: {error}") from error
