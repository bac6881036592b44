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
from plan_tui.engine.names import NameFinder, UnknownModelError, is_pattern, nearest_words

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext

UNREADABLE = (SQLMeshError, SqlglotError, ValueError, RuntimeError)
"""What SQLMesh raises for an expression that does not parse; git's selectors fail likewise."""
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
            UnknownModelError: One of them matches nothing; its problem names the nearest.
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
            UnknownModelError: One of them matches nothing.
        """
        if written is None:
            return None
        return tuple(self._one(each, with_removed) for each in written)

    def _one(self, written: str, with_removed: bool) -> str:
        try:
            if self._selector.expand_model_selections([written]) or _GIT.search(written):
                return written
        except UNREADABLE:
            # The plan says what is wrong with it; a name is looked up all the same.
            return written if is_pattern(written) else self._finder.find(written)
        if not is_pattern(written):
            try:
                found = self._finder.find(written)
            except UnknownModelError:
                if with_removed and self._is_in_environment(written):
                    return written
                raise
            if self._selector.expand_model_selections([found]):
                return found
        if with_removed and self._is_in_environment(written):
            return written
        raise UnknownModelError(self._problem(written))

    def _is_in_environment(self, written: str) -> bool:
        """Whether models match that were removed: SQLMesh takes them from the environment."""
        models = self._selector._load_env_models(
            self._environment,
            self._create_from or PROD,
            self._context.config.plan.use_finalized_state,
        )
        return bool(models and self._selector.expand_model_selections([written], models=models))

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
        UnknownModelError: One of them matches nothing.
        sqlmesh.utils.errors.SQLMeshError: One of them can't be read, as ``UNREADABLE`` has it.
    """
    usable = Selectors(context, finder).named(tuple(written)) or ()
    return set(context._new_selector().expand_model_selections(usable)) if usable else set()
