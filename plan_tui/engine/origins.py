"""Whose a change is: of a file of this branch, or of what the environment lags behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from plan_tui.contract.changes import IndirectChange, ModifiedChanges
from plan_tui.contract.origins import Origin, Origins
from plan_tui.engine import mapping
from plan_tui.engine.branch import Branch, NoBranchError, branch_of
from plan_tui.engine.files import is_config
from plan_tui.engine.looking import Asked
from plan_tui.engine.names import plain

NOT_MINE = Origin(mine=False)


def origins_of(asked: Asked) -> Origins:
    """Whose the changes of a plan are."""
    plan_id = asked.built.plan.plan_id
    paths = asked.backend.project.key.paths
    try:
        branches = [branch_of(path, asked.params.get("ref", "")) for path in paths]
    except NoBranchError as error:
        return Origins(plan_id=plan_id, against=None, problem=str(error))
    asked.check()
    origins = _Origins(asked, branches, paths)
    against = dict.fromkeys(branch.against for branch in branches)
    return Origins(plan_id=plan_id, against=", ".join(against), models=dict(sorted(origins.all())))


class _Origins:
    """Finds the origin of each change, the indirect ones from the changes above them."""

    def __init__(self, asked: Asked, branches: list[Branch], paths: tuple[str, ...]) -> None:
        self._asked = asked
        self._branches = branches
        self._roots = paths
        changed: set[str] = set()
        for branch in branches:
            changed |= branch.changed
        self._changed = {os.path.realpath(path) for path in changed}
        real = tuple(os.path.realpath(path) for path in paths)
        self._configs = sorted(path for path in self._changed if is_config(path, real))

    def all(self) -> Iterator[tuple[str, Origin]]:
        """Each change with its origin."""
        built = self._asked.built
        diff = built.plan.context_diff
        above: dict[str, Origin] = {}
        indirect = {change.name: change.parents for change in self._indirect()}
        for name, (new, old) in diff.modified_snapshots.items():
            if name not in indirect:
                self._asked.check()
                above[name] = self._of(new, old)
        for snapshot_id in diff.added:
            above[snapshot_id.name] = self._of(diff.snapshots[snapshot_id], None)
        for snapshot_id in diff.removed_snapshots:
            above[snapshot_id.name] = self._of_removed(snapshot_id.name)
        for name, parents in self._by_a_star.items():
            # Its own text is as it was: a star or a type brings the change from above.
            known = [above[each] for each in parents if each in above]
            if (
                known
                and above.get(name) == NOT_MINE
                and _is_untouched(*diff.modified_snapshots[name])
            ):
                above[name] = _from_above(known)
        yield from above.items()
        for name, parents in indirect.items():
            yield name, _from_above([above[each] for each in parents if each in above])

    @cached_property
    def _modified(self) -> ModifiedChanges:
        return mapping.modified_changes(self._asked.built.view, False)

    @property
    def _by_a_star(self) -> dict[str, tuple[str, ...]]:
        """The changes above each directly modified model; those upstream come first."""
        parents = {change.name: change.parents for change in self._modified.direct}
        return dict(sorted(parents.items(), key=lambda each: len(each[1])))

    def _indirect(self) -> tuple[IndirectChange, ...]:
        return self._modified.indirect

    def _of(self, new: Any, old: Any) -> Origin:
        files = {os.path.realpath(path) for path in self._files(new)}
        if old is not None and hasattr(old, "node"):
            # A function or audit that the model used until now may be what this branch changed.
            files |= {os.path.realpath(path) for path in self._files(old)}
        mine = sorted(files & self._changed)
        if mine:
            return Origin(mine=True, files=tuple(self._shown(path) for path in mine))
        if self._configs:
            return Origin(mine=None, reason=f"{self._shown(self._configs[0])} changed, too.")
        if not files:
            return Origin(mine=None, reason="SQLMesh does not tell its file.")
        macros = sorted(path for path in self._changed if f"{os.sep}macros{os.sep}" in path)
        if macros and _uses_jinja(new.node):
            return Origin(mine=None, reason=f"It may use {self._shown(macros[0])}.")
        return NOT_MINE

    def _files(self, snapshot: Any) -> Iterator[str]:
        """The files that a model is made of, as far as SQLMesh tells them."""
        node = snapshot.node
        if node._path:
            yield str(node._path)
        for executable in (getattr(node, "python_env", None) or {}).values():
            if executable.path:
                yield from (os.path.join(root, executable.path) for root in self._roots)
        for audit in (getattr(node, "audit_definitions", None) or {}).values():
            if audit._path:
                yield str(audit._path)
        if getattr(node, "is_seed", False):
            yield from self._seed(node)

    def _seed(self, node: Any) -> Iterator[str]:
        path = str(node.kind.path)
        if os.path.isabs(path):
            yield path
            return
        if node._path:
            yield os.path.join(os.path.dirname(str(node._path)), path)
        yield from (os.path.join(root, path) for root in self._roots)

    def _of_removed(self, name: str) -> Origin:
        """A removed model's file is known no more: it is looked for among what the branch had."""
        short = ".".join(plain(name).split(".")[-2:])
        for branch in self._branches:
            touched = sorted(
                path for path in branch.changed if path.endswith((".sql", ".py", ".yaml", ".yml"))
            )
            stem = short.rpartition(".")[2]
            named = [
                path
                for path in branch.gone
                if os.path.splitext(os.path.basename(path))[0].lower() == stem
            ]
            try:
                if named or branch.had(short, touched):
                    shown = tuple(branch.shown(path) for path in sorted(named))
                    return Origin(mine=True, files=shown)
            except NoBranchError as error:
                return Origin(mine=None, reason=str(error))
        return NOT_MINE

    def _shown(self, path: str) -> str:
        for branch in self._branches:
            if path.startswith(branch.top + os.sep):
                return branch.shown(path)
        return path


def _is_untouched(new: Any, old: Any) -> bool:
    """Whether a query is written as the environment has it; SQLMesh's diff expands its stars."""
    before, after = (
        getattr(getattr(old, "node", None), "query", None),
        getattr(new.node, "query", None),
    )
    return before is not None and after is not None and before.sql() == after.sql()


def _uses_jinja(node: Any) -> bool:
    """Whether a model has macros of Jinja, of which SQLMesh does not tell the file."""
    macros = getattr(node, "jinja_macros", None)
    return macros is not None and bool(macros.root_macros or macros.packages)


def _from_above(origins: list[Origin]) -> Origin:
    """The origin of an indirect change: mine where any change above it is."""
    mine = [origin for origin in origins if origin.mine]
    if mine:
        files = dict.fromkeys(path for origin in mine for path in origin.files)
        return Origin(mine=True, files=tuple(files))
    unknown = [origin for origin in origins if origin.mine is None]
    if unknown:
        return unknown[0]
    if not origins:
        return Origin(mine=None, reason="No changed model above it is known.")
    return NOT_MINE
