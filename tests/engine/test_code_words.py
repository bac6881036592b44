"""The code that goes with a model is called what it is: a signal is no macro."""

from __future__ import annotations

from types import SimpleNamespace

from sqlmesh.utils.jinja import JinjaMacroRegistry
from sqlmesh.utils.metaprogramming import Executable

from plan_tui.commands.impact_text import _semantic
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.code_diff import diff_code
from plan_tui.engine.impact.why import _Moved


def node(ready: str, net: str) -> SimpleNamespace:
    """A model with a signal and a macro."""
    return SimpleNamespace(
        python_env={
            "ready": Executable(payload=f"def ready(batch):\n    return {ready}"),
            "net": Executable(payload=f"def net(evaluator):\n    return {net}"),
        },
        signals=[("ready", {}), ("", {})],
        jinja_macros=JinjaMacroRegistry(),
    )


def test_a_signal_is_told_as_a_signal() -> None:
    found = diff_code(node("True", "1"), node("False", "2"), is_python=False, follows=False)
    kinds = {each.subject: each.kind for each in found}
    assert kinds == {"ready": "signal_changed", "net": "macro_changed"}


def test_code_of_a_model_is_named_once() -> None:
    values = {"Python code": ("pass", "models/a.py"), "query": ["SELECT 1"]}
    words = _Moved([], [], values, values).words
    assert words(["Python code", "Python code of made"]) == "its Python code and that of made"
    assert words(["signal ready"]) == "the signal ready"
    assert words(["query", "macro net"]) == "its query and macro net"


def test_changed_code_is_told_by_its_lines() -> None:
    change = SemanticChange(
        kind="function_changed", subject="f", before="def f():\n  a()", after="def f():\n  b()"
    )
    assert _semantic(change) == "function changed f:\n    -   a()\n    +   b()"
