"""Writes what the engine tells into the journal, beside its work and never in its way."""

from __future__ import annotations

import getpass
import json
import logging
import os
import queue
import socket
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
from plan_tui.engine.recording import Recorder, Recordist
from plan_tui.engine.secrets import Secrets
from plan_tui.journal.process import process_mark
from plan_tui.journal.pruning import Bounds, prune
from plan_tui.journal.store import JournalError, check, is_broken, open_to_write, set_aside

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
        self._say = say
        self._said: set[str] = set()
        self._bounds = bounds or Bounds()
        self._recorder = Recorder(_recordist(key), secrets)
        self._queue: queue.Queue[Heard | tuple[Note, threading.Event] | None] = queue.Queue(QUEUE)
        self._connection: sqlite3.Connection | None = None
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
            ended = self._take(event, state)
            begins = isinstance(event, ev.ApplyStarted)
            if ended or begins or time.monotonic() - flushed > self._pause:
                self._flush(ended, through)
                flushed = time.monotonic()
        self._flush()
        self._let_go()

    def _take(self, event: ev.Event, state: EngineState) -> bool:
        """Notes an event; says whether it is the end of a run."""
        try:
            self._recorder.take(event, state)
        except Exception:
            logger.exception("The journal can't make sense of an event.")
        return isinstance(event, ev.ApplyEnded | ev.PlanningEnded)

    def _take_note(self, note: Note, through: threading.Event) -> None:
        try:
            note(self._recorder)
        except Exception:
            logger.exception("The journal can't write something down.")
        self._flush(through=through)

    def _flush(self, ended: bool = False, through: threading.Event | None = None) -> None:
        """Writes what is pending; between runs the file is let go."""
        problem = None
        try:
            self._recorder.settle()
            if self._recorder.pending:
                problem = self._write_safely()
            if ended and self._connection is not None:
                prune(self._connection, self._bounds, now_ms())
        except Exception as error:
            problem = f"{error}"
        if through is not None:
            through.set()
        if problem is not None or not self._recorder.is_recording:
            self._let_go()
        self._pause = EVERY if problem is None else min(LONGEST_PAUSE, self._pause * 2)
        if problem is not None:
            self._tell(problem)

    def _write_safely(self) -> str | None:
        """Writes what is pending; what can't be written stays pending.

        Returns:
            Why it could not be written, or None.
        """
        try:
            self._write()
        except sqlite3.IntegrityError as error:
            # The run is gone, pruned by another engine: nothing of it can be recorded any more.
            self._recorder.pending.clear()
            return f"the journal {self.path} has no such run any more ({error})."
        except sqlite3.DatabaseError as error:
            self._let_go()
            if not is_broken(error):
                return f"the journal {self.path} can't be written: {error}."
            return self._start_anew()
        except OSError as error:
            return f"the journal {self.path} can't be written: {error.strerror or error}."
        except JournalError as error:
            return f"{error}"
        return None

    def _start_anew(self) -> str:
        """Sets a damaged file aside and writes to a new one; says so."""
        aside = set_aside(self.path)
        self._recorder.begin_again()
        self._write()
        where = f"and was moved to {aside}" if aside is not None else "and was made anew"
        return f"the journal {self.path} was damaged, {where}."

    def _write(self) -> None:
        if self._connection is None:
            self._connection = open_to_write(self.path)
            check(self._connection)
        pending = self._recorder.pending
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in pending:
                connection.execute(statement, values)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        pending.clear()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:
                logger.exception("The journal can't be closed.")

    def _tell(self, problem: str) -> None:
        """Says once what is wrong."""
        if problem in self._said:
            return
        self._said.add(problem)
        logger.warning("The journal %s: %s", self.path, problem)
        self._say(f"The history may miss something of this run, which goes on: {problem}")


def _recordist(key: ProjectKey) -> Recordist:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"{os.getuid()}"
    return Recordist(
        project=key.digest,
        paths=json.dumps(key.paths),
        user=user,
        host=socket.gethostname(),
        process=process_mark(os.getpid()),
    )
