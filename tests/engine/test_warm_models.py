"""A warm reload must leave exactly what a cold load of the same files makes."""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmesh.core.context import Context

from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import StageName
from plan_tui.engine import project_modules
from plan_tui.engine.load_run import LoadRun
from plan_tui.engine.project import Project

CONFIG = """
gateways: {local: {connection: {type: duckdb, database: %s}}}
model_defaults: {dialect: duckdb, start: '2024-01-01'}
disable_anonymized_analytics: true
"""
FILES = {
    "models/a.sql": "MODEL (name s.a, kind FULL); SELECT 1 AS id, 'x' AS name, @twice(2) AS n",
    "models/b.sql": "MODEL (name s.b, kind FULL, audits (filled)); SELECT * FROM s.a",
    "models/c.sql": "MODEL (name s.c, kind VIEW); SELECT id, COUNT(*) AS n FROM s.b GROUP BY id",
    "models/d.sql": "MODEL (name s.d, kind FULL); SELECT x.*, c.n AS cn FROM s.x x, s.c c",
    "models/p.py": (
        "from sqlmesh import model\n"
        "@model('s.p', columns={'id': 'int'}, kind='FULL')\n"
        "def execute(context, **kwargs):\n"
        "    import pandas as pd\n"
        "    return pd.DataFrame({'id': [1]})\n"
    ),
    "models/q.sql": "MODEL (name s.q, kind FULL); SELECT * FROM s.p",
    "models/seed.sql": "MODEL (name s.seed, kind SEED (path '../seeds/seed.csv'))",
    "models/r.sql": "MODEL (name s.r, kind FULL); SELECT * FROM s.seed",
    "seeds/seed.csv": "k,v\n1,2\n",
    "macros/m.py": (
        "from sqlmesh import macro\n@macro()\ndef twice(evaluator, n):\n    return f'{n} * 2'\n"
    ),
    "audits/f.sql": "AUDIT (name filled); SELECT * FROM @this_model WHERE id IS NULL",
    "external_models.yaml": "- name: s.x\n  columns: {k: int}\n",
}


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _replace(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text()
    assert old in text
    _write(root, name, text.replace(old, new))


EDITS: list[tuple[str, Callable[[Path], None]]] = [
    ("column renamed at the root", lambda r: _replace(r, "models/a.sql", "AS name", "AS label")),
    ("column type changed", lambda r: _replace(r, "models/a.sql", "1 AS id", "1.5 AS id")),
    ("middle filtered", lambda r: _replace(r, "models/b.sql", "s.a", "s.a WHERE id > 0")),
    ("leaf edited", lambda r: _replace(r, "models/c.sql", "AS n", "AS total")),
    ("macro changed", lambda r: _replace(r, "macros/m.py", "* 2", "* 3")),
    ("audit changed", lambda r: _replace(r, "audits/f.sql", "IS NULL", "IS NULL AND id > 1")),
    ("external column", lambda r: _replace(r, "external_models.yaml", "k: int", "k: text")),
    ("python columns", lambda r: _replace(r, "models/p.py", "'id': 'int'", "'id': 'text'")),
    ("python body", lambda r: _replace(r, "models/p.py", "[1]", "[2]")),
    ("seed column", lambda r: _write(r, "seeds/seed.csv", "k,w\n1,2\n")),
    ("model added", lambda r: _write(r, "models/z.sql", "MODEL (name s.z); SELECT * FROM s.c")),
    ("model removed", lambda r: (r / "models/seed.sql").unlink()),
    ("root removed", lambda r: (r / "models/a.sql").unlink()),
    ("owner", lambda r: _replace(r, "models/b.sql", "kind FULL", "kind FULL, owner me")),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        _write(tmp_path, name, text)
    _write(tmp_path, "config.yaml", CONFIG % (tmp_path / "db.duckdb"))
    return tmp_path


def _quiet() -> LoadRun:
    return LoadRun(lambda stage: None, lambda level, text: None, StageName.LOADING)


def _facts(context: Context) -> dict[str, object]:
    return {
        name: (
            snapshot.fingerprint,
            {c: t.sql() for c, t in (snapshot.model.columns_to_types or {}).items()},
            snapshot.model.mapping_schema,
        )
        for name, snapshot in context.snapshots.items()
    }


def _touch_later(root: Path, step: int) -> None:
    """SQLMesh's caches tell files apart by their time of change: make each edit a later one."""
    for path in root.rglob("*"):
        if path.is_file() and path.suffix in (".sql", ".py", ".yaml", ".csv"):
            stamp = path.stat().st_mtime
            if stamp >= 2_000_000_000:
                continue
            os.utime(path, (2_000_000_000 + step, 2_000_000_000 + step))


@pytest.mark.parametrize("seed", range(3))
def test_a_warm_reload_equals_a_cold_load(root: Path, seed: int) -> None:
    project = Project(ProjectKey.of((str(root),)))
    project.refresh(_quiet())
    removals = [edit for edit in EDITS if edit[0].endswith("removed")]
    edits = [edit for edit in EDITS if edit not in removals]
    random.Random(seed).shuffle(edits)
    edits += removals
    for step, (what, edit) in enumerate(edits):
        edit(root)
        _touch_later(root, step)
        assert project.refresh(_quiet()), what
        warm = _facts(project.context)
        project.release()
        cold = Context(paths=[root])
        assert warm == _facts(cold), what
        cold.close()


def test_an_edit_at_a_leaf_keeps_the_other_models(root: Path) -> None:
    _touch_later(root, 0)
    project = Project(ProjectKey.of((str(root),)))
    project.refresh(_quiet())
    before = dict(project.context.models)
    _replace(root, "models/c.sql", "AS n", "AS total")
    _touch_later(root, 1)
    project.refresh(_quiet())
    after = project.context.models
    kept = {name for name in after if after[name] is before.get(name)}
    assert {'"db"."s"."a"', '"db"."s"."b"', '"db"."s"."r"'} <= kept
    assert not {'"db"."s"."c"', '"db"."s"."d"'} & kept


HELPED = """
import pandas as pd
from lib.rates import rate
from sqlmesh import model

@model('s.helped', columns={'id': 'int'}, kind='FULL')
def execute(context, **kwargs):
    return pd.DataFrame({'id': [rate()]})
"""

RATES = """
from lib.numbers import RATE

def rate():
    return RATE

def other():
    return 6
"""


@pytest.mark.parametrize("package", [True, False])
def test_what_a_python_model_imports_is_read_anew(root: Path, package: bool) -> None:
    if package:
        _write(root, "lib/__init__.py", "")
    _write(root, "lib/numbers.py", "RATE = 1\n")
    _write(root, "lib/rates.py", RATES)
    _write(root, "models/helped.py", HELPED)
    project = Project(ProjectKey.of((str(root),)))
    project.refresh(_quiet())
    _write(root, "lib/numbers.py", "RATE = 1000\n")
    _replace(root, "lib/rates.py", "def rate", "# A rate.\n\n\ndef rate")
    project.refresh(_quiet())
    model = project.context.models['"db"."s"."helped"']
    told = {name: executable.payload for name, executable in model.python_env.items()}
    project.release()
    project_modules.forget((str(root),))
    assert told["RATE"] == "1000"
    assert told["rate"] == "def rate():\n    return RATE"


def test_folders_without_init_files_are_forgotten_with_what_lies_in_them(root: Path) -> None:
    _write(root, "outer/inner/deep.py", "RATE = 1\n")
    sys.path.insert(0, str(root))
    try:
        importlib.import_module("outer.inner.deep")
        project_modules.forget((str(root / "outer" / "inner"),))
        assert "outer.inner" not in sys.modules
        importlib.import_module("outer.inner.deep")
        del sys.modules["outer"]  # A child that cannot ask its parent where it lies.
        project_modules.forget((str(root),))
        assert not [name for name in sys.modules if name.startswith("outer")]
    finally:
        sys.path.remove(str(root))
