"""Edits of a project, to be combined into the pending changes of a scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .scenario import Edit
from .spec import Kind, Model, Project


def all_of(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def edited(project: Project) -> Project:
        for edit in edits:
            project = edit(project)
        return project

    return edited


def model(name: str, change: Callable[[Model], Model]) -> Edit:
    """A change of one model."""
    return lambda project: project.with_model(change(project.models[name]))


def column(name: str, added: str, expression: str) -> Edit:
    """A column is added, or its expression changes."""
    return model(name, lambda m: m.with_column(added, expression))


def drop_column(name: str, dropped: str) -> Edit:
    return model(name, lambda m: m.without_column(dropped))


def prop(name: str, key: str, value: str) -> Edit:
    """A property of a model changes."""
    return model(name, lambda m: m.with_property(key, value))


def kind_prop(name: str, key: str, value: str) -> Edit:
    """A property of a model's kind changes."""
    return model(name, lambda m: m.with_kind_property(key, value))


def kind(name: str, new: Kind, **properties: str) -> Edit:
    """A model is materialized in another way."""
    return model(name, lambda m: m.with_kind(new, **properties))


def filters(name: str, text: str) -> Edit:
    return model(name, lambda m: replace(m, filters=text))


def source(name: str, text: str) -> Edit:
    return model(name, lambda m: replace(m, source=text))


def rows(name: str, *added: str) -> Edit:
    """A seed's file grows."""
    return model(name, lambda m: replace(m, rows=(*m.rows, *added)))


def add(new: Model) -> Edit:
    return lambda project: project.with_model(new)


def remove(*names: str) -> Edit:
    return all_of(*(lambda project, name=name: project.without_model(name) for name in names))


def audit(name: str, text: str) -> Edit:
    return lambda project: project.with_audit(name, text)


def remove_audit(name: str) -> Edit:
    return lambda project: project.without_audit(name)


def config(**settings: object) -> Edit:
    return lambda project: project.with_config(**settings)


def macros(text: str) -> Edit:
    return lambda project: replace(project, macros=text)


def signals(text: str) -> Edit:
    return lambda project: replace(project, signals=text)


def unit_tests(text: str) -> Edit:
    return lambda project: replace(project, unit_tests=text)


def requirements(text: str) -> Edit:
    return lambda project: replace(project, requirements=text)
