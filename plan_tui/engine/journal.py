"""Writes what the engine tells into the journal, beside its work and never in its way."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from plan_tui.contract import events as ev
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import EngineState
from plan_tui.engine.event_log import now_ms
from plan_tui.engine.recording import Recorder
from plan_tui.engine.recordist import Recordist
from plan_tui.engine.secrets import Secrets
from plan_tui.engine.unfilled import Unfilled
from plan_tui.journal.pruning import Bounds, prune
from plan_tui.journal.store import JournalError, check, file_of, is_broken, open_to_write, set_aside

logger = logging.getLogger(__name__)
EVERY = 1.0
"""Seconds between two writes while a run goes on."""
LONGEST_PAUSE = 60.0
"""Seconds between two attempts where the file can't be written."""
QUEUE = 50_000
"""Events that may wait for the writer."""
END_PATIENCE = 1.0
"""Seconds that the end of an apply waits to be recorded, so that who hears of it can read it."""
CLOSE_PATIENCE = 10.0

Note = Callable[[Recorder], object]
"""What is written down beside the events."""
Heard = tuple[ev.Event, EngineState, threading.Event]
"""An event, the state that it leads to, and what is set once the journal is through with it."""
Say = Callable[[str], object]


class Journal:
    """A thread that writes; whatever is wrong with the file, work goes on without it."""

    def __init__(
        self,
        key: ProjectKey,
        path: Path,
        secrets: Secrets,
        say: Say,
        bounds: Bounds | None = None,
    ) -> None:
        """Prepares; the thread starts with the first event that is recorded.

        Args:
            key: The project.
            path: The journal's file.
            secrets: What must not be written down.
            say: Tells the user why something is not recorded.
            bounds: How much is kept.
        """
        self.path = path
        self.unfilled = Unfilled(path, key.digest)
        self._say = say
        self._said: set[str] = set()
        self._news: list[str] = []
        """What happened to the file and is still to be told."""
        self._bounds = bounds or Bounds()
        self._recorder = Recorder(Recordist.here(key), secrets)
        self._queue: queue.Queue[Heard | tuple[Note, threading.Event] | None] = queue.Queue(QUEUE)
        self._connection: sqlite3.Connection | None = None
        self._written_to: tuple[int, int] | None = None
        """The file that has what was written of the runs at work."""
        self._thread: threading.Thread | None = None
        self._closed = False
        self._pause = EVERY

    # Hearing, in the threads of those who tell

    def hear(self, event: ev.Event, state: EngineState) -> Callable[[], object] | None:
        """Takes an event; clients hear of the end of an apply once it is recorded, or soon after.

        Returns:
            What they wait for.
        """
        if self._closed or isinstance(event, ev.EngineChanged | ev.SessionMoved):
            return None
        through = threading.Event()
        if self._put((event, state, through)) and isinstance(event, ev.ApplyEnded):
            return partial(through.wait, END_PATIENCE)
        return None

    def note(self, note: Note) -> None:
        """Writes something down at once, and all that was heard before; returns once it is.

        A file that can't be written is not waited for.
        """
        through = threading.Event()
        if not self._closed and self._put((note, through)) and self._pause <= EVERY:
            through.wait(END_PATIENCE)

    def note_later(self, note: Note) -> None:
        """Has something written down after all that was heard before; waits for nothing."""
        if not self._closed:
            self._put((note, threading.Event()))

    def settle(self) -> None:
        """Returns once all that was heard is written, or soon after."""
        self.note(bool)

    def _put(self, item: Heard | tuple[Note, threading.Event]) -> bool:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
            self._thread.start()
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        """Writes what is left and lets go of the file."""
        self._closed = True
        if self._thread is not None and self._thread.is_alive():
            try:
                self._queue.put(None, timeout=CLOSE_PATIENCE)
            except queue.Full:
                return
            self._thread.join(CLOSE_PATIENCE)

    # Writing, in the journal's own thread

    def _run(self) -> None:
        flushed = time.monotonic()
        while True:
            try:
                waits = self._recorder.is_waiting
                heard = self._queue.get(timeout=self._pause if waits else None)
            except queue.Empty:
                self._flush()
                continue
            if heard is None:
                break
            if len(heard) == 2:
                self._take_note(*heard)
                continue
            event, state, through = heard
            self._take(event, state)
            at_once = isinstance(event, ev.ApplyStarted | ev.ApplyEnded | ev.PlanningEnded)
            if at_once or time.monotonic() - flushed > self._pause:
                self._flush(event, through)
                flushed = time.monotonic()
        self._flush()
        self._let_go()

    def _take(self, event: ev.Event, state: EngineState) -> None:
        try:
            self._recorder.take(event, state)
        except Exception:
            logger.exception("The journal can't make sense of an event.")

    def _take_note(self, note: Note, through: threading.Event) -> None:
        try:
            note(self._recorder)
        except Exception:
            logger.exception("The journal can't write something down.")
        self._flush(through=through)

    def _flush(self, event: ev.Event | None = None, through: threading.Event | None = None) -> None:
        """Writes what is pending; between runs the file is let go."""
        try:
            self._recorder.settle()
            problem = self._safely(self._write) if self._recorder.pending else None
            if isinstance(event, ev.ApplyEnded | ev.PlanningEnded) and self._connection is not None:
                problem = self._safely(partial(self._tidy, event)) or problem
        except Exception as error:
            problem = f"{error}"
        if through is not None:
            through.set()
        if problem is not None or not self._recorder.is_recording:
            self._let_go()
        self._pause = EVERY if problem is None else min(LONGEST_PAUSE, self._pause * 2)
        self._tell_all(problem)

    def _safely(self, work: Callable[[], object]) -> str | None:
        """Writes; what can't be written stays pending.

        Returns:
            Why it could not be written, or None.
        """
        try:
            work()
        except sqlite3.IntegrityError:
            logger.exception("The journal's tables refuse something, which is left out.")
            self._recorder.pending.clear()
            self._recorder.begin_again()
            self._write()
        except sqlite3.DatabaseError as error:
            self._let_go()
            if not is_broken(error):
                return f"the journal {self.path} can't be written: {error}."
            self._start_anew()
        except OSError as error:
            return f"the journal {self.path} can't be written: {error.strerror or error}."
        except JournalError as error:
            return f"{error}"
        return None

    def _start_anew(self) -> None:
        """Sets a damaged file aside and writes to a new one, with all of the runs at work."""
        aside = set_aside(self.path)
        self._written_to = None
        self._recorder.begin_again()
        self._write()
        where = f"and was moved to {aside}" if aside is not None else "and was made anew"
        self._news.append(f"the journal {self.path} was damaged, {where}.")

    def _tidy(self, ended: ev.Event) -> None:
        """Looks an apply up in the file as others find it; then old runs are forgotten."""
        if isinstance(ended, ev.ApplyEnded):
            self._let_go()
            self._write()
        if not self._recorder.pending:
            self._recorder.forget_ended()
        if self._connection is not None:
            prune(self._connection, self._bounds, now_ms())

    def _write(self) -> None:
        """Writes what is pending, to the file that others find under the journal's name."""
        if self._connection is not None and file_of(self.path) != self._written_to:
            self._let_go()
        if self._connection is None:
            self._connection = open_to_write(self.path)
            check(self._connection)
        connection, file = self._connection, file_of(self.path)
        is_another = self._written_to not in (None, file)
        connection.execute("BEGIN IMMEDIATE")
        try:
            at_work = self._recorder.written
            gone = [run for run in at_work if is_another or not _has(connection, run)]
            if gone:
                self._news.append(f"the journal {self.path} was removed or replaced.")
                self._recorder.begin_again(gone)
            for _, statement, values in self._recorder.pending:
                connection.execute(statement, values)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._recorder.wrote()
        self._written_to = file

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:
                logger.exception("The journal can't be closed.")

    def _tell_all(self, problem: str | None) -> None:
        news, self._news = self._news, []
        for reason in news:
            self._tell(
                f"The history may miss earlier runs: {reason} What runs now is recorded anew."
            )
        if problem is not None:
            self._tell(f"The history may miss something of this run, which goes on: {problem}")

    def _tell(self, sentence: str) -> None:
        """Says once what is wrong."""
        if sentence not in self._said:
            self._said.add(sentence)
            logger.warning("%s", sentence)
            self._say(sentence)


def _has(connection: sqlite3.Connection, run: str) -> bool:
    return connection.execute("SELECT 1 FROM run WHERE id = ?", (run,)).fetchone() is not None
