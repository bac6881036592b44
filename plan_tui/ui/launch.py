"""Opens the app on a project's engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plan_tui.contract.command_line import command_words
from plan_tui.contract.locations import is_held
from plan_tui.ui.terminal import terminal_problem

if TYPE_CHECKING:
    from plan_tui.client.port import EnginePort
    from plan_tui.contract.locations import ProjectKey
    from plan_tui.contract.plan import PlanRequest
    from plan_tui.ui.announcing import Calling

NO_TERMINAL = 3


def run_app(
    key: ProjectKey,
    *,
    review: PlanRequest | None = None,
    read_only: bool = False,
    port: EnginePort | None = None,
    git_ref: str = "",
    calling: Calling | None = None,
) -> int:
    """Runs the app until it is left; returns 0, or 3 without a terminal to show it in.

    Args:
        key: The project, its gateway and its configuration.
        review: A plan to build at once.
        read_only: Whether nothing may be applied.
        port: What stands in for the project's engine.
        git_ref: What the branch is compared with; the main branch without it.
        calling: How somebody is called when an apply ends.
    """
    if _is_refused():
        return NO_TERMINAL
    from plan_tui.ui.app import PlanApp
    from plan_tui.ui.lazy_port import lazy_port
    from plan_tui.ui.preferences import Preferences

    _prepare_terminal()
    app = PlanApp(
        port or lazy_port(key),
        review=review,
        read_only=read_only,
        preferences=Preferences.of_user(key.digest),
        project=Path(key.paths[0]).name,
        command_prefix=command_words("sqlmesh", key),
        terminal=sys.__stdin__.fileno() if sys.__stdin__ is not None else None,
    )
    app.git_ref, app.calling = git_ref, calling
    if port is None:
        app.is_engine_up = lambda: is_held(key)
    app.run()
    return app.return_code or 0


def _prepare_terminal() -> None:
    """Has what is drawn and what is typed taken in ways that Textual has not."""
    from plan_tui.ui.escape_key import tell_escape_apart
    from plan_tui.ui.narrow_encoding import draw_plainly

    draw_plainly(sys.__stderr__)  # where Textual draws
    tell_escape_apart()


def _is_refused() -> bool:
    """Whether there is no terminal to show the app in; says so."""
    problem = terminal_problem()
    if problem is not None:
        sys.stderr.write(f"{problem}\n")
    return problem is not None
