"""A project's own Python modules, which are read anew when its Python changes."""

from __future__ import annotations

import importlib
import linecache
import os
import sys
from types import ModuleType

from plan_tui.engine import files

_OURS = frozenset({"__main__", "plan_tui", "sqlmesh"})


def forget(paths: tuple[str, ...]) -> None:
    """Has Python import the modules in some directories anew.

    SQLMesh does so with macros and Python models; what these import would stay as it was, and a
    function would be read from lines where it does not stand any more.
    """
    # A copy: another thread may import something meanwhile.
    known = sys.modules.copy().items()
    theirs = [item for item in known if item[0].split(".")[0] not in _OURS]
    # All are looked at before one is dropped: a package without an __init__.py asks its parent.
    for name in [name for name, module in theirs if _lies_in(module, paths)]:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    linecache.checkcache()


def _lies_in(module: ModuleType, paths: tuple[str, ...]) -> bool:
    file = getattr(module, "__file__", None)
    if file is None:  # A package without an __init__.py: it remembers its modules.
        try:
            folders = [str(folder) for folder in getattr(module, "__path__", ())]
        except KeyError:  # Its parent is gone: nothing can be imported through it any more.
            return True
        places = [os.path.join(folder, "__init__.py") for folder in folders]
    else:
        places = [str(file)]
    return any("site-packages" not in place and files.belongs(place, paths) for place in places)
