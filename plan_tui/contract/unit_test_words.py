"""What is known of the earlier versions of unit tests, in a sentence."""

from __future__ import annotations

from plan_tui.contract.impact import UnitTests

_NO_VERSIONS = "SQLMesh keeps no versions of unit tests, so only git can tell what they were"


def history_words(tests: UnitTests) -> str:
    """What the changes of tests are compared with, or why nothing is.

    Args:
        tests: The unit tests of a model.
    """
    if tests.problem:
        return f"{_NO_VERSIONS}. {tests.problem}"
    if tests.changes:
        return f"{_NO_VERSIONS}: this is against {tests.against}."
    return f"{_NO_VERSIONS}: they are as they are on {tests.against}."
