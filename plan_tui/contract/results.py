"""What failed in an apply, and what was left out because of which failure; pure."""

from __future__ import annotations

from collections.abc import Iterable

from plan_tui.contract.errors import Problem
from plan_tui.contract.state import ModelProgress, ModelStatus


def model_failures(models: Iterable[ModelProgress]) -> tuple[Problem, ...]:
    """What failed, a model each."""
    return tuple(model.failure for model in models if model.failure is not None)


def failures_of(models: Iterable[ModelProgress], problem: Problem | None) -> tuple[Problem, ...]:
    """Each failure once: those of models, and the apply's own where it is none of them.

    Args:
        models: The models of the apply.
        problem: Why the apply as a whole did not succeed.
    """
    failures = model_failures(models)
    if problem is None or any(_is_same(problem, failure) for failure in failures):
        return failures
    return (problem, *failures)


def problems_of(models: Iterable[ModelProgress], problem: Problem) -> tuple[Problem, ...]:
    """The apply's own problem, with its title, then each failure that it does not tell."""
    rest = (failure for failure in model_failures(models) if not _is_same(problem, failure))
    return (problem, *rest)


def _is_same(problem: Problem, failure: Problem) -> bool:
    """The apply's own problem is that of its first failure, with a title that counts the others."""
    return problem.model_copy(update={"title": failure.title}) == failure


def skipped_because(models: Iterable[ModelProgress]) -> dict[str, tuple[str, ...]]:
    """The models that were left out, by the nearest model upstream that failed; ``""`` unknown."""
    found: dict[str, list[str]] = {}
    for model in models:
        if model.status is ModelStatus.SKIPPED:
            found.setdefault(model.skipped_because or "", []).append(model.view_name)
    return {because: tuple(sorted(names)) for because, names in sorted(found.items())}
