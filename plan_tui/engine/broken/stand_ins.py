"""Puts what the state knows in the place of models that can't be read, and leaves out the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmesh.core.dialect import normalize_model_name
from sqlmesh.core.model import Model
from sqlmesh.utils.dag import DAG

from plan_tui.engine.broken.failing import Failure, hearing
from plan_tui.engine.broken.known import Key, KnownModels
from plan_tui.engine.broken.naming import WrittenName, written_names

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext

logger = logging.getLogger(__name__)


@dataclass
class Broken:
    """A file that can't be read, or a model of it that can't be rendered."""

    failure: Failure
    kept: list[str] = field(default_factory=list)
    """Snapshot names of models that stay as the state has them."""
    new: list[WrittenName] = field(default_factory=list)
    """Names of models that no environment has: they are left out."""
    guarded: list[str] = field(default_factory=list)
    """Snapshot names of models that stay, as nobody knows whether they are of this file."""
    nameless: bool = False
    """Whether nothing tells what models it holds."""
    tests: int = 0
    """Unit tests of its models, which do not run."""


@dataclass(frozen=True)
class Withheld:
    """A model that could be read, and depends on one that is left out."""

    name: str
    because: str
    """The model that it depends on."""
    known: bool
    """Whether it stays as the state has it; it is left out where the state does not know it."""


class StandIns:
    """Which models of a context's last load are not those of the project's files."""

    def __init__(self) -> None:
        self.environments: tuple[str, ...] = ()
        """Where to look for what stands in; the project's default target where a name is empty."""
        self.broken: list[Broken] = []
        self.withheld: dict[str, Withheld] = {}
        self.sources: dict[str, str] = {}
        """Where each stand-in is from, by snapshot name."""
        self.pending: list[Failure] = []
        """What failed and has no stand-in yet."""
        self._files: dict[str, Path] = {}
        self._kept: dict[Key, Model] = {}
        self._left_out: list[WrittenName] = []

    def __bool__(self) -> bool:
        return bool(self.broken)

    @property
    def replaced(self) -> frozenset[str]:
        """Snapshot names of all models that are not the files' own, or are left out."""
        return frozenset({*self.sources, *self.withheld})

    @contextmanager
    def loading(self, models: Mapping[str, Model]) -> Iterator[None]:
        """While it is entered, models that fail are heard of.

        Args:
            models: Those of the load before, which tell what a file has held.
        """
        self._files = {name: model._path for name, model in models.items() if model._path}
        self.broken, self.withheld, self.sources, self._left_out = [], {}, {}, []
        with hearing() as self.pending:
            yield

    def put(self, context: EngineContext) -> None:
        """Puts stand-ins in the place of models that failed, and withholds what hangs below.

        Args:
            context: The context, whose models and graph are changed.

        Raises:
            Exception: What was raised for a model that is a stand-in already.
        """
        failures = _topmost(self.pending, context.dag)
        self.pending.clear()
        if not failures:
            return
        models: dict[str, Model] = context._models
        for failure in failures:
            if failure.model in self.sources:
                raise failure.error
            logger.warning("%s can't be read.", failure.path, exc_info=failure.error)
            models.pop(failure.model or "", None)
        default = str(context.config.default_target_environment)
        environments = [name or default for name in self.environments]
        known = KnownModels(context.state_reader, environments, self._kept)
        self.broken += [self._broken(context, known, failure) for failure in failures]
        self._guard(known, models)
        for broken in self.broken:
            # A guarded model may be of another file: the next load must not take it for this one's.
            for names, path in ((broken.kept, broken.failure.path), (broken.guarded, None)):
                for name in set(names) - set(self.sources):
                    self._stand_in(context, known, name, path)
        self._withhold(context, known)
        self._leave_out_tests(context)
        context.dag = DAG()
        for model in models.values():
            context.dag.add(model.fqn, model.depends_on)

    def _broken(self, context: EngineContext, known: KnownModels, failure: Failure) -> Broken:
        broken, loaded = Broken(failure), context._models
        written: tuple[WrittenName, ...] = ()
        if failure.model is not None:
            names = {failure.model}
        else:
            written = self._written(context, failure)
            names = {name for name, path in self._files.items() if path == failure.path}
            names |= {name for name in known for each in written if each.names(name)}
        names = {name for name in names if name not in loaded}
        every = {*names, *loaded}
        broken.kept = sorted(name for name in names if name in known)
        broken.new = [WrittenName.of(name) for name in sorted(names) if name not in known]
        broken.new += [each for each in written if not any(each.names(name) for name in every)]
        broken.nameless = not names and not written
        self._left_out += broken.new
        return broken

    def _written(self, context: EngineContext, failure: Failure) -> tuple[WrittenName, ...]:
        if failure.path is None:
            return ()
        infer = bool(context.config_for_path(failure.path)[0].model_naming.infer_names)
        return written_names(failure.path, infer=infer).names

    def _guard(self, known: KnownModels, models: Mapping[str, Model]) -> None:
        """Keeps what would look removed, where a file may hold it and does not tell its name."""
        nameless = [each for each in self.broken if each.nameless]
        if nameless:
            explained = {name for each in self.broken for name in each.kept}
            nameless[0].guarded = sorted(known.compared - set(models) - explained)

    def _stand_in(
        self, context: EngineContext, known: KnownModels, name: str, path: Path | None
    ) -> bool:
        model = known.model(name, context.warm.is_settled) if name in known else None
        if model is None:
            return False
        model._path = path
        context._models.update({name: model})
        self.sources[name] = known.source(name)
        return True

    def _withhold(self, context: EngineContext, known: KnownModels) -> None:
        """Withholds models that depend on what is left out, and those below them in turn."""
        models, found = context._models, True
        while found:
            found = False
            for name, model in list(models.items()):
                missing = self._missing(model, models) if name not in self.sources else None
                if missing is not None:
                    models.pop(name)
                    stands = self._stand_in(context, known, name, model._path)
                    self.withheld[name] = Withheld(name, missing, stands)
                    if not stands:
                        self._left_out.append(WrittenName.of(name))
                    found = True

    def _missing(self, model: Model, models: Mapping[str, Model]) -> str | None:
        for parent in sorted(model.depends_on):
            if parent not in models:
                for left_out in self._left_out:
                    if left_out.names(parent):
                        return parent
        return None

    def _leave_out_tests(self, context: EngineContext) -> None:
        """Takes away unit tests of models whose text is not the one that they are written for."""
        left = []
        for test in context._model_test_metadata:
            written = str(test.model_name)
            name = normalize_model_name(
                written, default_catalog=context.default_catalog, dialect=context.default_dialect
            )
            owner = self._owner(name)
            if owner is not None:
                owner.tests += 1
            elif name not in self.withheld:
                left.append(test)
        context._model_test_metadata[:] = left

    def _owner(self, name: str) -> Broken | None:
        for broken in self.broken:
            if name in broken.kept or any(each.names(name) for each in broken.new):
                return broken
        return None


def _topmost(failures: list[Failure], dag: DAG[str]) -> list[Failure]:
    """Failures without those of models below others that fail: they may follow from these."""
    failed = {each.model for each in failures if each.model}
    return [
        each
        for each in failures
        if each.model is None or not failed & (set(dag.upstream(each.model)) - {each.model})
    ]
