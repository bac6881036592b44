"""Tests and lint that were left out, or found something."""

from __future__ import annotations

from collections.abc import Iterator

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.dangers.subject import Subject
from plan_tui.engine.names import plain


def tests(subject: Subject) -> Iterator[Danger]:
    """Unit tests that did not run, or did not pass."""
    options = subject.built.request.options
    ran = subject.validation.tests
    if ran.failed:
        yield Danger(
            rule="tests_failed",
            severity=Severity.WARNS,
            message=f"{ran.failed:,} of {ran.run:,} unit tests fail.",
            hint="Correct the models or the tests.",
            details=tuple(f"{each.name} ({each.path})" for each in ran.failures),
        )
    if options.skip_tests:
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
    """Rules that were not checked, or that models break."""
    if subject.built.request.options.skip_linter:
        enabled = any(linter.enabled for linter in subject.context._linters.values())
        if enabled:
            yield Danger(
                rule="lint_skipped",
                severity=Severity.WARNS,
                message="The linter did not run: what it would have found is not known.",
                hint="Plan without --skip-linter.",
            )
    for violation in subject.validation.lint:
        yield Danger(
            rule="lint_warning",
            severity=Severity.NOTES,
            message=f"{plain(violation.model)} breaks {violation.rule}: {violation.message}",
            hint="Correct it, or leave the rule out for this model.",
            view_name=plain(violation.model),
        )
