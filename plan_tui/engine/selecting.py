"""Selectors as people write them: each must match, and SQLMesh itself says what matches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlglot.errors import SqlglotError
from sqlmesh.core.constants import PROD
from sqlmesh.utils.errors import SQLMeshError

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import Names, PlanOptions
from plan_tui.engine.names import (
    NameFinder,
    UnknownModelError,
    UnreadableSelectorError,
    is_pattern,
    nearest_words,
)
from plan_tui.engine.selector_words import unopened, unreadable_selector

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext

UNREADABLE = (SQLMeshError, SqlglotError, ValueError, RuntimeError, FileNotFoundError)
"""What SQLMesh raises for an expression that does not parse, or that git can't answer."""
_GIT = re.compile(r"\bgit:")
_TAG = re.compile(r"^[+(^]*tag:(.*?)[+)]*$")
_OPERATORS = "+*()^ "


class Selectors:
    """Reads the selectors of one request."""

    def __init__(
        self,
        context: EngineContext,
        finder: NameFinder,
        environment: str = "",
        create_from: str | None = None,
    ) -> None:
        self._context = context
        self._finder = finder
        self._environment = environment
        self._create_from = create_from
        self._selector: Any = context._new_selector()

    def options(self, options: PlanOptions) -> PlanOptions:
        """The same options with selectors as SQLMesh takes them.

        Raises:
            BadNameError: One of them matches nothing, or can't be read.
        """
        return options.model_copy(
            update={
                "restate_models": self.named(options.restate_models),
                "backfill_models": self.named(options.backfill_models),
                "select_models": self.named(options.select_models, with_removed=True),
                "allow_destructive_models": self.named(options.allow_destructive_models),
                "allow_additive_models": self.named(options.allow_additive_models),
            }
        )

    def named(self, written: Names | None, with_removed: bool = False) -> Names | None:
        """Selectors that each match a model.

        Args:
            written: The selectors.
            with_removed: Whether models that only the environment has count, too.

        Raises:
            BadNameError: One of them matches nothing, or can't be read.
        """
        if written is None:
            return None
        return tuple(self._one(each, with_removed) for each in written)

    def _one(self, written: str, with_removed: bool) -> str:
        try:
            if self._expanded(written) or _GIT.search(written):
                return written
        except UnreadableSelectorError:
            # A name may be quoted, or written as the environment shows it.
            if is_pattern(written):
                raise
        if not is_pattern(written):
            try:
                found = self._finder.find(written)
            except UnknownModelError:
                if with_removed and self._is_in_environment(written):
                    return written
                raise
            if self._expanded(found):
                return found
        if with_removed and self._is_in_environment(written):
            return written
        raise UnknownModelError(self._problem(written))

    def _expanded(self, written: str, models: dict[str, Any] | None = None) -> set[str]:
        """The models that a selector matches, of the project where no others are given.

        Raises:
            UnreadableSelectorError: SQLMesh can't read it, or would ignore a part of it.
        """
        try:
            names: set[str] = self._selector.expand_model_selections([written], models=models)
        except UNREADABLE as error:
            raise UnreadableSelectorError(unreadable_selector(written, error)) from error
        if problem := unopened(written):
            raise UnreadableSelectorError(problem)
        return names

    def _is_in_environment(self, written: str) -> bool:
        """Whether models match that were removed: SQLMesh takes them from the environment."""
        models = self._selector._load_env_models(
            self._environment,
            self._create_from or PROD,
            self._context.config.plan.use_finalized_state,
        )
        try:
            return bool(models and self._expanded(written, models))
        except UnreadableSelectorError:
            return False

    def _problem(self, written: str) -> Problem:
        tag = _TAG.match(written.strip())
        if tag is not None:
            tags = {each for model in self._context.models.values() for each in model.tags}
            nearest = tuple(f"tag:{each}" for each in nearest_words(tag.group(1), sorted(tags)))
        else:
            nearest = self._finder.nearest(written.strip(_OPERATORS))
        return Problem(
            code=ProblemCode.UNKNOWN_MODEL,
            title=f"No model matches {written}.",
            message=f"The nearest: {', '.join(nearest)}."
            if nearest
            else f"The project has no {'tags' if tag is not None else 'models'}.",
            hint="Write schema.model, a pattern (shop.*), tag:NAME, or +model+ for its relations.",
            model=written,
            nearest=nearest,
        )


def read_selectors(context: EngineContext, finder: NameFinder, written: Iterable[str]) -> set[str]:
    """The names of the models that selectors match.

    Raises:
        BadNameError: One of them matches nothing, or can't be read.
        sqlmesh.utils.errors.SQLMeshError: One of them can't be read, as ``UNREADABLE`` has it.
    """
    usable = Selectors(context, finder).named(tuple(written)) or ()
    return set(context._new_selector().expand_model_selections(usable)) if usable else set()
