"""A SQLMesh project as data: models that can be edited, and the files they become."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

DATABASE = "warehouse.duckdb"
"""The warehouse and state of a project, in its directory; the stem is the catalog's name."""

REQUIREMENTS = "sqlmesh-requirements.lock"

FOLDERS = ("models", "seeds", "audits", "macros", "signals", "tests")
"""What a project's files are in, apart from those at its root."""


class Kind(str, Enum):
    """The kinds of model that a project is made of."""

    SEED = "SEED"
    FULL = "FULL"
    VIEW = "VIEW"
    EMBEDDED = "EMBEDDED"
    TIME_RANGE = "INCREMENTAL_BY_TIME_RANGE"
    UNIQUE_KEY = "INCREMENTAL_BY_UNIQUE_KEY"
    PARTITION = "INCREMENTAL_BY_PARTITION"
    UNMANAGED = "INCREMENTAL_UNMANAGED"
    SCD_BY_TIME = "SCD_TYPE_2_BY_TIME"
    SCD_BY_COLUMN = "SCD_TYPE_2_BY_COLUMN"
    PYTHON = "PYTHON"
    EXTERNAL = "EXTERNAL"


@dataclass(frozen=True)
class Model:
    """One model: what it selects, how it is materialized, and its properties."""

    name: str
    kind: Kind
    columns: Mapping[str, str]
    """Expressions by column name; of a seed, Python and external model: types."""
    source: str = ""
    """The text after ``FROM``; of a Python model, the model that it reads."""
    filters: str = ""
    """The text between the source and the end: ``WHERE`` and ``GROUP BY``."""
    kind_properties: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    """The lines of a seed's file."""

    def with_column(self, name: str, expression: str) -> Model:
        """Adds a column, or changes its expression."""
        return replace(self, columns={**self.columns, name: expression})

    def without_column(self, name: str) -> Model:
        return replace(self, columns={k: v for k, v in self.columns.items() if k != name})

    def with_property(self, name: str, value: str) -> Model:
        return replace(self, properties={**self.properties, name: value})

    def with_kind(self, kind: Kind, **kind_properties: str) -> Model:
        return replace(self, kind=kind, kind_properties=kind_properties)

    def with_kind_property(self, name: str, value: str) -> Model:
        return replace(self, kind_properties={**self.kind_properties, name: value})


@dataclass(frozen=True)
class Project:
    """A whole project."""

    models: Mapping[str, Model]
    audits: Mapping[str, str] = field(default_factory=dict)
    """Audit files by name without extension, standalone ones too."""
    macros: str = ""
    signals: str = ""
    unit_tests: str = ""
    requirements: str = ""
    """The lock file of Python requirements."""
    config: Mapping[str, object] = field(default_factory=dict)
    """What the configuration says beyond the connection and the defaults."""

    def with_model(self, model: Model) -> Project:
        """Adds a model, or replaces the one of its name."""
        return replace(self, models={**self.models, model.name: model})

    def without_model(self, name: str) -> Project:
        return replace(self, models={k: v for k, v in self.models.items() if k != name})

    def with_audit(self, name: str, text: str) -> Project:
        return replace(self, audits={**self.audits, name: text})

    def without_audit(self, name: str) -> Project:
        return replace(self, audits={k: v for k, v in self.audits.items() if k != name})

    def with_config(self, **settings: object) -> Project:
        return replace(self, config={**self.config, **settings})

    def write(self, directory: Path) -> None:
        """Makes the directory's project files say exactly this; the warehouse is left alone."""
        for folder in FOLDERS:
            shutil.rmtree(directory / folder, ignore_errors=True)
        (directory / REQUIREMENTS).unlink(missing_ok=True)
        for path, text in self.files(directory).items():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def files(self, directory: Path) -> dict[str, str]:
        """The text of every file by its path in the project."""
        files = {"config.yaml": json.dumps(self._configuration(directory), indent=2)}
        external = [_external(m) for m in self.models.values() if m.kind is Kind.EXTERNAL]
        files["external_models.yaml"] = json.dumps(external, indent=2)
        for model in self.models.values():
            files.update(_model_files(model))
        files.update({f"audits/{name}.sql": text for name, text in self.audits.items()})
        for path, text in (
            ("macros/macros.py", self.macros),
            ("signals/signals.py", self.signals),
            ("tests/test_models.yaml", self.unit_tests),
            (REQUIREMENTS, self.requirements),
        ):
            if text:
                files[path] = text
        return files

    def _configuration(self, directory: Path) -> dict[str, object]:
        connection = {"type": "duckdb", "database": str(directory / DATABASE)}
        return {
            "gateways": {"local": {"connection": connection}},
            "default_gateway": "local",
            "model_defaults": {"dialect": "duckdb", "start": "2024-01-01"},
            "disable_anonymized_analytics": True,
            **self.config,
        }


def _external(model: Model) -> dict[str, object]:
    return {"name": model.name, "columns": dict(model.columns), **model.properties}


def _model_files(model: Model) -> dict[str, str]:
    stem = model.name.replace(".", "_")
    match model.kind:
        case Kind.EXTERNAL:
            return {}
        case Kind.PYTHON:
            return {f"models/{stem}.py": _python(model)}
        case Kind.SEED:
            return {
                f"models/{stem}.sql": _header(model, f"SEED (path '../seeds/{stem}.csv')"),
                f"seeds/{stem}.csv": "\n".join(model.rows) + "\n",
            }
        case _:
            kind = f"{model.kind.value}{_block(model.kind_properties)}"
            return {f"models/{stem}.sql": f"{_header(model, kind)}\n{_query(model)};\n"}


def _block(properties: Mapping[str, str]) -> str:
    text = ", ".join(f"{name} {value}" for name, value in properties.items())
    return f" ({text})" if text else ""


def _header(model: Model, kind: str) -> str:
    lines = [f"name {model.name}", f"kind {kind}"]
    if model.kind is Kind.SEED:
        lines.append(f"columns{_block(model.columns)}")
    lines += [f"{name} {value}" for name, value in model.properties.items()]
    return "MODEL (\n  " + ",\n  ".join(lines) + "\n);\n"


def _query(model: Model) -> str:
    columns = ",\n".join(f"  {expression} AS {name}" for name, expression in model.columns.items())
    source = f"FROM {model.source}" if model.source else ""
    return "\n".join(filter(None, (f"SELECT\n{columns}", source, model.filters)))


PYTHON_MODEL = """import typing as t

import pandas as pd
from sqlmesh import ExecutionContext, model


@model(
    "{name}",
    kind="FULL",
    columns={columns},
{properties})
def execute(context: ExecutionContext, **kwargs: t.Any) -> t.Iterator[pd.DataFrame]:
    frame = context.fetchdf("SELECT id FROM " + context.resolve_table("{source}"))
{body}
    yield from () if frame.empty else (frame,)
"""


def _python(model: Model) -> str:
    """A Python model: of a column, ``columns`` has the type and ``kind_properties`` the value."""
    body = "\n".join(f'    frame["{k}"] = {v}' for k, v in model.kind_properties.items())
    properties = "".join(f"    {name}={value},\n" for name, value in model.properties.items())
    return PYTHON_MODEL.format(
        name=model.name,
        columns=json.dumps(dict(model.columns)),
        properties=properties,
        source=model.source,
        body=body,
    )
