"""Who writes a project's journal."""

from __future__ import annotations

import getpass
import json
import os
import socket
from dataclasses import dataclass

from plan_tui.contract.locations import ProjectKey
from plan_tui.journal.process import process_mark


@dataclass(frozen=True)
class Recordist:
    """Who records, and for which project."""

    project: str
    """The digest of the project, gateway and configuration."""
    paths: str
    """The project's directories, as JSON."""
    user: str
    host: str
    process: str

    @classmethod
    def here(cls, key: ProjectKey) -> Recordist:
        """This process, for a project."""
        try:
            user = getpass.getuser()
        except (OSError, KeyError):
            user = f"{os.getuid()}"
        return cls(
            project=key.digest,
            paths=json.dumps(key.paths),
            user=user,
            host=socket.gethostname(),
            process=process_mark(os.getpid()),
        )
