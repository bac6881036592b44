"""A pipe with a name, for what a process that the test does not know writes."""

from __future__ import annotations

import os
import select
from pathlib import Path


class Mailbox:
    """What a command writes, in whatever process it runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._slot = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def wait(self, seconds: float = 60.0) -> str:
        """All that the first writer writes."""
        text = b""
        while select.select([self._slot], [], [], seconds)[0]:
            piece = os.read(self._slot, 65536)
            if not piece:
                return text.decode()
            text += piece
        raise AssertionError("nobody wrote")

    def is_empty(self) -> bool:
        """Whether nobody has written since."""
        return not select.select([self._slot], [], [], 0)[0] or not os.read(self._slot, 1)

    def close(self) -> None:
        os.close(self._slot)
