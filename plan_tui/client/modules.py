"""Commands that run a module of plan_tui in a process of its own, whatever directory it is in."""

from __future__ import annotations

import sys
from pathlib import Path

import plan_tui

_RUN = (
    "import sys; root = sys.argv.pop(1); del sys.path[0]; "
    "root in sys.path or sys.path.append(root); import runpy; "
    "runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
)
"""``python -m MODULE``, but without the directory it runs in on the module path.

It runs in a project, and a project's ``types.py`` must not stand for the standard library's.
"""

PACKAGE_ROOT = str(Path(plan_tui.__file__).resolve().parent.parent)


def module_command(module: str) -> tuple[str, ...]:
    """What runs a module; its arguments may follow."""
    return (sys.executable, "-c", _RUN.format(module=module), PACKAGE_ROOT)
