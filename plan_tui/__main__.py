"""Where the ``plan-tui`` command begins, and ``python -m plan_tui``."""

import os
import signal
import sys
from types import FrameType

_CANCELLED = 4


def _leave_early(number: int, frame: FrameType | None) -> None:
    """Ends what has not begun: a traceback of half an import says nothing."""
    sys.stderr.write("Cancelled.\n")
    sys.stderr.flush()
    os._exit(_CANCELLED)


def main() -> None:
    """Imports the command and runs it."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # as of a job in the background of a script
        signal.signal(signal.SIGINT, _leave_early)
    from plan_tui.cli import main as command

    signal.signal(signal.SIGINT, before)
    command()


if __name__ == "__main__":
    main()
