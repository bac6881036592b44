"""A real engine that tells what it is told to, and that looks about much more often than others.

What an engine does while it idles for a day is done in minutes: it looks for its clients, its log
and its target environment every few milliseconds in place of seconds.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.hosting import EngineProcess
from tests.engine.projects import Project

ROOT = Path(__file__).parents[2]
FIFO = "PLAN_TUI_TEST_FIFO"
HASTE = "PLAN_TUI_TEST_HASTE"
MEGABYTE = 1024 * 1024


class ChattyEngine(EngineProcess):
    """An engine in a process of its own, and what it holds."""

    MODULE = "tests.faults.chatty"

    def __init__(self, project: Project, directory: Path) -> None:
        self._fifo = directory / "fifo"
        os.mkfifo(self._fifo)
        super().__init__(project, directory)

    def tell(self, count: int, size: int) -> None:
        """Has it tell events of a size."""
        with self._fifo.open("w") as fifo:
            fifo.write(f"{count} {size}\n")

    @property
    def megabytes(self) -> float:
        """Memory that it takes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE

    @property
    def descriptors(self) -> int:
        """Files that it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def seconds(self) -> float:
        """Processor time that it took."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def chatty_engine(project: Project, directory: Path, haste: float = 1.0) -> Iterator[ChattyEngine]:
    """Such an engine, with all that it does by the clock done that many times as often."""
    variables = {FIFO: str(directory / "fifo"), HASTE: str(haste), "PYTHONPATH": str(ROOT)}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        engine = ChattyEngine(project, directory)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    try:
        engine.wait_for_socket()
        yield engine
    finally:
        engine.end()


def main() -> int:
    """Runs ``python -m plan_tui.engine`` with a thread that tells what the fifo says."""
    from plan_tui.contract import events as ev
    from plan_tui.engine import __main__ as program
    from plan_tui.engine import conflicts, serving
    from plan_tui.engine.session import Session

    haste, start = float(os.environ[HASTE]), Session.start
    serving.LOOK /= haste
    serving.LOG_LOOK /= haste
    every = conflicts.EVERY / haste
    serving.watch_environment = lambda session: conflicts.watch_environment(session, every)  # type: ignore[assignment]

    def listen(session: Session) -> None:
        while True:
            with open(os.environ[FIFO]) as fifo:
                for line in fifo:
                    count, size = map(int, line.split())
                    session.log.emit(*(ev.Logged(text="x" * size) for _ in range(count)))

    def start_listening(session: Session) -> None:
        threading.Thread(target=listen, args=(session,), daemon=True).start()
        start(session)

    Session.start = start_listening  # type: ignore[method-assign]
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
