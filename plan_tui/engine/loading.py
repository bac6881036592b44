"""Importing SQLMesh and loading the project, told as the engine's own progress."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from plan_tui import __version__
from plan_tui.contract import events as ev
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.contract.routes import PROTOCOL_VERSION
from plan_tui.contract.state import EngineInfo, ProjectState, StageName, StageProgress
from plan_tui.engine import garbage
from plan_tui.engine.event_log import EventLog, now_ms
from plan_tui.engine.load_run import LoadRun
from plan_tui.engine.problems import from_loading, internal
from plan_tui.engine.refused import Refused, busy
from plan_tui.engine.secrets import Secrets

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend

logger = logging.getLogger(__name__)


class Loading:
    """Keeps the backend and what is known of engine and project."""

    def __init__(self, key: ProjectKey, files: EngineFiles, log: EventLog) -> None:
        self._key = key
        self._log = log
        self.secrets = Secrets()
        """Passwords of the project's connections, once its configuration is read."""
        log.hide = self.secrets.hide_in_texts
        self.backend: Backend | None = None
        """None until SQLMesh is imported."""
        self.imported = threading.Event()
        """Set once SQLMesh is imported, or can't be: two threads must not import it at once."""
        self.info = EngineInfo(
            protocol=PROTOCOL_VERSION,
            version=__version__,
            sqlmesh_version=None,
            pid=os.getpid(),
            started=now_ms(),
            paths=key.paths,
            project=os.path.basename(key.paths[0]),
            gateway=key.gateway,
            engine_type=None,
            models=None,
            project_state=ProjectState.IMPORTING,
            log_path=str(files.log),
        )
        self.tell()

    def tell(self, loading: StageProgress | None = None, **changes: Any) -> None:
        """Tells what changed in ``info``, and what loading is at."""
        self.info = self.info.model_copy(update=changes)
        self._log.emit(ev.EngineChanged(info=self.info, loading=loading))

    def _say(self, level: str, text: str) -> None:
        self._log.emit(ev.Logged(level=level, text=self.secrets.hide(text)))

    def load_safely(self) -> None:
        """Loads what changed; a failure is told by ``info``."""
        try:
            self.ensure_loaded()
        except Refused:
            pass
        except Exception as error:
            logger.exception("Loading failed.")
            self.tell(project_state=ProjectState.BROKEN, problem=internal(error))

    def import_backend(self) -> Backend:
        """Imports SQLMesh the first time."""
        if self.backend is None:
            try:
                with garbage.at_work():
                    from plan_tui.engine.backend import SQLMESH_VERSION, Backend

                self.backend = Backend(self._key, self._log, self.secrets)
            finally:
                self.imported.set()
            self.tell(sqlmesh_version=SQLMESH_VERSION, project_state=ProjectState.LOADING)
        return self.backend

    def ensure_loaded(self) -> Backend:
        """Loads what changed, in the worker's thread; tells how far it is.

        Raises:
            Refused: The project can't be loaded.
        """
        if self.backend is None:
            LoadRun(self.tell, self._say, StageName.IMPORTING).step("importing SQLMesh")
        backend = self.import_backend()
        if backend.project.loaded and not backend.project.changed_files():
            return backend
        self.tell(project_state=ProjectState.LOADING)
        try:
            backend.refresh(LoadRun(self.tell, self._say, StageName.LOADING))
        except Exception as error:
            logger.exception("The project can't be loaded.")
            problem = backend.project.describe(from_loading(error, self._key.paths))
            self.tell(project_state=ProjectState.BROKEN, problem=problem)
            raise Refused(problem, 424) from error
        else:
            self.loaded(backend)
            return backend
        finally:
            backend.project.release()

    def warm_dates(self) -> None:
        """Lets the date parser build its tables, which takes seconds the first time."""
        from plan_tui.engine.lookups import read_date

        read_date("no date", None)

    def loaded(self, backend: Backend) -> None:
        """Tells what the loaded project is."""
        context = backend.project.context
        self.tell(
            project_state=ProjectState.READY,
            problem=None,
            models=len(context.models),
            engine_type=backend.engine_type,
            interruptible=backend.interrupt is not None,
            interrupt_verified=backend.interrupt is not None and backend.interrupt.verified,
            gateway=context.selected_gateway,
            project=context.config.project or os.path.basename(self._key.paths[0]),
        )

    def after_plan(self, backend: Backend, replaced: bool, cancelled: bool) -> None:
        """Tells what a plan found of the project that it loaded; loads it where it did not.

        Args:
            backend: What planned.
            replaced: Whether another plan was asked for meanwhile, which loads the project.
            cancelled: Whether the plan was stopped, perhaps in the middle of the load.
        """
        backend.project.release()
        if backend.project.loaded:
            self.loaded(backend)
        elif cancelled and not replaced:
            self.load_safely()
        elif not replaced and self._log.state.planning is not None:
            problem = self._log.state.planning.problem
            self.tell(project_state=ProjectState.BROKEN, problem=problem)

    def ready_backend(self) -> Backend:
        """The backend once SQLMesh is imported and a project loaded, in the reader's thread.

        Raises:
            Refused: Nothing is loaded yet.
        """
        if self.backend is None or not self.backend.project.loaded:
            problem = self.info.problem or busy("The project is still being loaded.")
            raise Refused(problem, 409)
        return self.backend
