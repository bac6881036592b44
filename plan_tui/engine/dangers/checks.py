"""Tests and lint that were left out, or found something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.dangers.subject import Subject
from plan_tui.engine.names import plain

if TYPE_CHECKING:
    from plan_tui.contract.stages import LintViolation
    from plan_tui.engine.documents import Validation


def tests(subject: Subject) -> Iterator[Danger]:
    """Unit tests that did not run; SQLMesh builds no plan where one fails."""
    ran = subject.validation.tests
    if subject.built.request.options.skip_tests:
        yield Danger(
            rule="tests_skipped",
            severity=Severity.WARNS,
            message="The unit tests did not run: what they would have found is not known.",
            hint="Plan without --skip-tests.",
        )
    elif ran.skipped:
        yield Danger(
            rule="tests_skipped",
            severity=Severity.NOTES,
            message=f"{ran.skipped:,} unit tests were skipped.",
            hint="Look at why they skip themselves.",
        )


def lint(subject: Subject) -> Iterator[Danger]:
    """Rules that were not checked, or that models break without being refused."""
    if subject.built.request.options.skip_linter:
        enabled = any(linter.enabled for linter in subject.context._linters.values())
        if enabled:
            yield Danger(
                rule="lint_skipped",
                severity=Severity.WARNS,
                message="The linter did not run: what it would have found is not known.",
                hint="Plan without --skip-linter.",
            )
    yield from map(_violation, subject.validation.lint)


def findings(validation: Validation) -> Iterator[Danger]:
    """What validation found where there is no plan, mostly because of that."""
    ran = validation.tests
    if ran.failed:
        tests = f"{ran.failed:,} of {ran.run:,} unit tests fail"
        yield Danger(
            rule="tests_failed",
            severity=Severity.BLOCKS,
            message=f"{tests}, and SQLMesh builds no plan then.",
            hint="Correct the models or the tests, or plan with --skip-tests.",
            details=tuple(f"{each.name} ({each.path})" for each in ran.failures),
        )
    yield from map(_violation, validation.lint)


def _violation(found: LintViolation) -> Danger:
    refused = found.severity == "error"
    return Danger(
        rule="lint_error" if refused else "lint_warning",
        model=found.name,
        severity=Severity.BLOCKS if refused else Severity.NOTES,
        message=f"{plain(found.model)} breaks {found.rule}: {found.message}",
        hint="Correct it, or leave the rule out for this model.",
        view_name=plain(found.model),
    )
