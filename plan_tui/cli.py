"""The command ``plan-tui``: global flags, the list of subcommands, exit codes.

Only click is imported with this module: the app's first paint waits for it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from plan_tui.contract.locations import ProjectKey

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_DIFFERENT = 2
"""With ``--detailed-exitcode``: there are changes or backfills."""
EXIT_BAD_INPUT = 3
EXIT_CANCELLED = 4

COMMANDS = {
    "review": "plan_tui.commands.planning",
    "plan": "plan_tui.commands.planning",
    "inspect": "plan_tui.commands.planning",
    "apply": "plan_tui.commands.planning",
    "resume": "plan_tui.commands.resuming",
    "cancel": "plan_tui.commands.watching",
    "status": "plan_tui.commands.watching",
    "history": "plan_tui.commands.history",
    "engine": "plan_tui.commands.engine",
    "demo": "plan_tui.commands.demonstration",
}
"""Where each subcommand is; the module has it as ``<name>_command``."""


@dataclass
class Settings:
    """The global flags."""

    paths: tuple[str, ...] = ()
    gateway: str | None = None
    config: str | None = None
    dotenv: str | None = None
    debug: bool = False
    read_only: bool = False
    bell: bool = True
    """Whether a terminal rings, and notifies where it can, when an apply ends."""
    notify: str | None = None
    """The command that is run when an apply ends."""

    @property
    def key(self) -> ProjectKey:
        """What identifies the project's engine."""
        from plan_tui.contract.locations import ProjectKey

        return ProjectKey.of(self.paths, self.gateway, self.config, self.dotenv)

    @property
    def program(self) -> str:
        """``plan-tui`` with these flags, for commands that are shown to be typed next."""
        from plan_tui.contract.command_line import found_by_shell, program_of

        return program_of(self.key, found_by_shell(sys.argv[0]))


class PlanTuiGroup(click.Group):
    """Imports subcommands when they are used, and ends with the exit codes of plan_tui."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> int:
        settings = Settings()
        try:
            ended = super().main(args, prog_name, standalone_mode=False, obj=settings, **extra)
            sys.stdout.flush()
            code = ended if isinstance(ended, int) else EXIT_DONE
        except BrokenPipeError:
            _forget(sys.stdout)
            code = EXIT_FAILED
        except Exception as error:
            code = _told(error, settings)
        if standalone_mode:
            sys.exit(code)
        return code


def _told(error: Exception, settings: Settings) -> int:
    """Says on stderr what went wrong; returns the exit code."""
    match error:
        case click.UsageError():
            error.show()
            return EXIT_BAD_INPUT
        case click.ClickException():
            error.show()
            return error.exit_code
        case click.Abort():
            # Those who press twice are told 4 as well.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            click.echo("Cancelled.", err=True)
            return EXIT_CANCELLED
        case _:
            from plan_tui.commands.failures import tell

            return tell(error, settings)


def _forget(stream: TextIO) -> None:
    """Lets what is still buffered for a closed pipe go nowhere when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@click.group(
    cls=PlanTuiGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-p",
    "--paths",
    multiple=True,
    help="A SQLMesh project's directory; may be given repeatedly. Relative paths in the config "
    "are read from the first.",
)
@click.option("--gateway", envvar="SQLMESH_GATEWAY", help="The name of the gateway.")
@click.option("--config", help="The name of the config object, for a configuration in Python.")
@click.option(
    "--dotenv",
    envvar="SQLMESH_DOTENV_PATH",
    type=click.Path(exists=True, dir_okay=False),
    help="A file of environment variables to load.",
)
@click.option("--debug", is_flag=True, help="Show a traceback with an unexpected error.")
@click.option("--read-only", is_flag=True, help="Never apply anything.")
@click.option(
    "--bell/--no-bell",
    default=True,
    envvar="PLAN_TUI_BELL",
    help="Ring, and notify where the terminal can, when an apply ends; on by default.",
)
@click.option(
    "--notify",
    metavar="CMD",
    envvar="PLAN_TUI_NOTIFY",
    help="Run this when an apply ends, with the result as JSON on its standard input.",
)
@click.option("--version", is_flag=True, help="Show the versions and exit.")
@click.pass_context
def cli(
    ctx: click.Context,
    paths: tuple[str, ...],
    gateway: str | None,
    config: str | None,
    dotenv: str | None,
    debug: bool,
    read_only: bool,
    bell: bool,
    notify: str | None,
    version: bool,
) -> int | None:
    """Review, categorize and apply SQLMesh plans.

    Without a command the app opens at the environments of the project in this directory, or at the
    plan or apply that its engine has.
    """
    if version:
        click.echo(_versions())
        ctx.exit()
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False
    settings: Settings = ctx.obj
    settings.paths = _directories(paths)
    settings.gateway, settings.config, settings.dotenv = gateway, config, dotenv
    settings.debug, settings.read_only = debug, read_only
    settings.bell, settings.notify = bell, notify or None
    if ctx.invoked_subcommand is not None:
        return None
    from plan_tui.commands.app import open_app

    return open_app(settings)


def _directories(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The project directories; a pattern stands for all that match, as with ``sqlmesh -p``."""
    found: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            found.append(path)
            continue
        import glob

        matches = sorted(match for match in glob.glob(path) if os.path.isdir(match))
        if not matches:
            raise click.BadParameter(f"There is no directory {path!r}.", param_hint="'--paths'")
        found += matches
    return tuple(found)


def _versions() -> str:
    from importlib import metadata

    from plan_tui import __version__

    try:
        sqlmesh = metadata.version("sqlmesh")
    except metadata.PackageNotFoundError:
        sqlmesh = "not installed"
    return f"plan-tui {__version__} (SQLMesh {sqlmesh})"


def main() -> None:
    """Runs the command line; a terminal that can't show a character shows its escape instead.

    What it ends with is what the process ends with: while Python winds up, ctrl+c does nothing.
    """
    import gc
    import io

    # Imports make hundreds of thousands of objects that stay: looked through every 700, they take
    # an eighth longer.
    gc.set_threshold(50_000)

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cancelled = False
    try:
        cli.main(prog_name="plan-tui")
    except SystemExit as ended:
        cancelled = ended.code == EXIT_CANCELLED
        raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for stream in (sys.stdout, sys.stderr):
            # Python ends with 120 where it can't write the last words of a terminal that is gone.
            try:
                stream.flush()
            except (OSError, ValueError):
                _forget(stream)
        if cancelled:
            # Python ends by the signal where its interrupt passed through an exec, as that of a
            # dataclass, though it was caught.
            os._exit(EXIT_CANCELLED)
