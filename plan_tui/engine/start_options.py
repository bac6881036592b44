"""Whether the gateway and the configuration that an engine was started with exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.names import nearest_words
from plan_tui.engine.refused import Refused


def check_gateway(name: str | None, configs: Iterable[Any]) -> None:
    """Looks a gateway up in the configurations of the project's directories.

    Raises:
        Refused: None of them has it.
    """
    if name is None:
        return
    known: list[str] = []
    for config in configs:
        if isinstance(config.gateways, dict):
            known += [each for each in config.gateways if each and each not in known]
    if name.lower() in known:
        return
    nearest = nearest_words(name.lower(), known)
    raise Refused(
        Problem(
            code=ProblemCode.UNKNOWN_CONFIG,
            title=f"There is no gateway called {name}.",
            message=f"The project has {', '.join(sorted(known))}."
            if known
            else "The project gives its only gateway no name.",
            hint="Give one of them with --gateway, or leave it out for the default one."
            if known
            else "Leave out --gateway.",
            nearest=nearest,
        ),
        424,
    )


def unknown_config(name: str | None, error: Exception) -> Refused | None:
    """What SQLMesh's error says of a configuration that was asked for by name, or None."""
    if name is None:
        return None
    if "YAML configs do not support multiple configs" in str(error):
        message = "The project's config.yaml is one configuration, without a name."
        hint = "Leave out --config; only a config.py has several to choose from."
    elif f"Config '{name}' was not found" in str(error):
        message = "The project's config.py has no object of this name."
        hint = "Give the name of one with --config, or leave it out for `config`."
    else:
        return None
    return Refused(
        Problem(
            code=ProblemCode.UNKNOWN_CONFIG,
            title=f"There is no configuration called {name}.",
            message=message,
            hint=hint,
        ),
        424,
    )
