"""The borders between the layers, and the size of what is inside them."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import plan_tui

PACKAGE = Path(plan_tui.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 40

HEAVY = ("duckdb", "fastapi", "sqlglot", "sqlmesh", "sse_starlette", "uvicorn", "watchfiles")
"""The engine's packages: seconds to import, or the other side of the socket."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_by(statement: str, *packages: str) -> set[str]:
    """Which of these packages a fresh Python has loaded after a statement."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    return loaded & set(packages)


# Imports


def test_import_contracts() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    if not command.exists():
        pytest.skip("import-linter is not installed beside this Python")
    done = subprocess.run(
        [str(command), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "import plan_tui.ui.app",
        "import plan_tui.cli",
        "import plan_tui.commands.app",
        "import plan_tui.commands.planning, plan_tui.commands.watching, plan_tui.commands.engine",
        "import plan_tui.client.api, plan_tui.client.launcher",
        "import plan_tui.contract.events, plan_tui.contract.fold",
    ],
)
def test_the_terminal_side_never_loads_the_engine(statement: str) -> None:
    assert imported_by(statement, *HEAVY) == set()


def test_every_module_of_the_terminal_side_is_free_of_the_engine() -> None:
    names = [
        name_of(path).removesuffix(".py").replace("/", ".")
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] != "engine" and path.name != "__main__.py"
    ]
    assert len(names) > 80
    statement = "import importlib\n" + "\n".join(
        f"importlib.import_module({name.removesuffix('.__init__')!r})" for name in names
    )
    assert imported_by(statement, *HEAVY) == set()


def test_the_engine_never_loads_the_terminal() -> None:
    statement = "import plan_tui.engine.serving, plan_tui.engine.backend"
    assert imported_by(statement, "textual", "httpx", "click", "sqlmesh", "fastapi") <= {
        "sqlmesh",
        "fastapi",
        # SQLMesh's own imports.
        "click",
        "httpx",
    }


def test_the_engine_listens_before_it_imports_sqlmesh() -> None:
    assert imported_by("import plan_tui.engine.serving", "sqlmesh", "sqlglot", "textual") == set()


def test_the_command_line_starts_with_click_alone() -> None:
    packages = ("textual", "httpx", "pydantic", "pendulum", "anyio", "asyncio", "rich", *HEAVY)
    assert imported_by("import plan_tui.cli", *packages) == set()


def test_the_demo_needs_the_standard_library_only() -> None:
    packages = ("click", "textual", "httpx", "pydantic", "platformdirs", *HEAVY)
    assert imported_by("import plan_tui.demo", *packages) == set()


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Names of imported modules with their lines, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("sqlmesh", {"engine"}),
        ("sqlglot", {"engine"}),
        ("duckdb", {"engine"}),
        ("fastapi", {"engine"}),
        ("textual", {"ui", "commands"}),
        ("httpx", {"client"}),
        ("click", {"cli.py", "commands"}),
    ],
)
def test_a_package_is_imported_at_its_home_only(package: str, home: set[str]) -> None:
    strays = [
        f"{name_of(path)}:{line}"
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] not in home
        for name, line in imports_of(path)
        if name.partition(".")[0] == package
    ]
    assert strays == []


def test_the_ui_reaches_the_client_by_its_port_only() -> None:
    allowed = {
        *("plan_tui.client", "plan_tui.client.errors", "plan_tui.client.port"),
        *("plan_tui.client.reducer", "plan_tui.client.stream"),
        # What is taken out of a review: gathered by the port, written by the same code as the
        # command line's.
        *("plan_tui.client.markdown", "plan_tui.client.saved", "plan_tui.client.taking"),
        # Who is called when an apply ends: the same for a command without a screen.
        "plan_tui.client.announcing",
    }
    strays = {
        f"{name_of(path)}: {name}"
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] == "ui" and path.name != "lazy_port.py"
        for name, _ in imports_of(path)
        if name.startswith("plan_tui.client") and name not in allowed
    }
    assert strays == set()


# Sizes and habits


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small_enough_to_read(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= MOST_LINES_OF_A_MODULE


def long_functions() -> Iterator[str]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MOST_LINES_OF_A_FUNCTION:
                    yield f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"


def test_a_function_is_small_enough_to_read() -> None:
    assert list(long_functions()) == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_contract_and_client_are_typed_without_any() -> None:
    strays = [
        f"{name_of(path)}:{node.lineno}"
        for layer in ("contract", "client")
        for path in sorted((PACKAGE / layer).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "Any"
    ]
    # A validator is given what came, whatever it is.
    assert [stray for stray in strays if "contract/plan.py" not in stray] == []


def test_the_tests_of_the_engine_wait_for_events_and_never_sleep() -> None:
    strays = [
        f"{name_of(path)}:{node.lineno}"
        for layer in ("engine", "integration")
        for path in sorted((ROOT / "tests" / layer).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and isinstance(node.value, ast.Name)
        and node.value.id == "time"
    ]
    assert strays == []
