"""What the set-up shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from plan_tui.contract.environment_names import sanitize
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.options import Option, sqlmesh_arguments
from plan_tui.contract.state import EngineState, PlanningProgress, ProjectState
from plan_tui.contract.text import clean
from plan_tui.ui.default_dates import default_words
from plan_tui.ui.draft import Draft, draft_of, unspeakable
from plan_tui.ui.environment_words import in_full
from plan_tui.ui.readings import selected_words
from plan_tui.ui.screens.base import PlanScreen
from plan_tui.ui.screens.setup_lookups import SetupLookups
from plan_tui.ui.widgets.environment_list import NEW, EnvironmentList
from plan_tui.ui.widgets.interrupted_panel import InterruptedPanel
from plan_tui.ui.widgets.option_editor import OptionEditor
from plan_tui.ui.widgets.options_form import Note, OptionsForm


class SetupView(PlanScreen):
    """The environment picker beside the form of dates and options, without its keys."""

    SHOW_RAIL = False

    def __init__(self) -> None:
        super().__init__()
        self.draft = Draft("")
        self._drafts: dict[str, Draft] = {}
        self._edited: set[str] = set()
        """Environments whose options were changed here: what was planned elsewhere leaves them."""
        self.lookups = SetupLookups(self, self.show_answers)
        self._tried: Draft | None = None
        self._opened = False
        self._planned: str | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield InterruptedPanel()
        with Horizontal(id="panes"):
            with Vertical(id="environments", classes="pane") as environments:
                environments.border_title = "Environments"
                yield EnvironmentList()
                yield Static(id="about", markup=False)
            with Vertical(id="options", classes="pane") as options:
                options.border_title = "Plan"
                yield OptionsForm()
                yield Static(id="explain", markup=False)
        with Horizontal(id="said"):
            yield Static(id="command", markup=False)
            yield Static("y copies", id="copies", markup=False)
        yield OptionEditor()

    @property
    def picker(self) -> EnvironmentList:
        """The environments."""
        return self.query_one(EnvironmentList)

    @property
    def form(self) -> OptionsForm:
        """The options."""
        return self.query_one(OptionsForm)

    @property
    def editor(self) -> OptionEditor:
        """The field that is open over a value while it is edited."""
        return self.query_one(OptionEditor)

    @property
    def resumable(self) -> InterruptedRun | None:
        """The interrupted apply that is shown, where it can be resumed."""
        run = self.query_one(InterruptedPanel).run
        return run if run is not None and run.is_resumable else None

    @property
    def is_on_new(self) -> bool:
        """Whether the cursor is where a new environment is made."""
        return self.picker.cursor_key == NEW and bool(self.picker.names)

    # What is shown

    def on_mount(self) -> None:
        preferences, request = self.plan_app.preferences, self.plan_app.last_request
        asked = sanitize(request.environment or "") if request else ""
        wanted = asked or preferences.environment
        self.picker.show_names(preferences.environments)
        if wanted is not None:
            if request is not None:
                self._drafts[wanted] = draft_of(request, wanted)
            self._opened = True
            self.picker.add(wanted)
        self.choose_environment(self.picker.chosen)
        self.picker.focus()

    def kept_draft(self, environment: str) -> Draft | None:
        """The draft of an environment as this session left it."""
        return self._drafts.get(environment)

    @property
    def shown_draft(self) -> Draft:
        """The draft with what is being typed; of a new environment nothing is set yet."""
        if self.is_on_new:
            typed = self.editor.text.strip() if self.editor.is_open else ""
            return Draft(sanitize(typed) or "NAME")
        return self._tried or self.draft

    def keep_draft(self, draft: Draft | None = None) -> None:
        """Makes a draft the current one; without one, only what was typed is given up."""
        self._tried = None
        draft = draft or self.draft
        self.draft = self._drafts[draft.environment] = draft

    def choose_environment(self, name: str | None) -> None:
        """Takes up the draft of an environment."""
        raise NotImplementedError

    def show_state(self, state: EngineState) -> None:
        if state.planning is not None and state.planning.run_id != self._planned:
            self._planned = state.planning.run_id
            self._take_up(state.planning)
        self.lookups.follow(state)
        self.lookups.read(self.draft)
        self.show_answers()

    def _take_up(self, planning: PlanningProgress) -> None:
        """Puts the environment of the engine's plan under the cursor, with its options."""
        name = planning.environment
        self._opened = True
        if name not in self._edited and not self.editor.is_open:
            self._drafts[name] = draft_of(planning.request, name)
            if name == self.draft.environment:
                self.keep_draft(self._drafts[name])
        self.picker.add(name)

    def show_answers(self) -> None:
        """Draws what the engine's answers changed."""
        if not self.is_mounted:
            return
        answer, pane = self.lookups.environments, self.query_one("#environments")
        if answer is not None and self.lookups.fresh:
            self.picker.show(answer.environments)
            self.plan_app.preferences.environments = self.picker.real_names
            if not self._opened:
                self._opened = True
                self.picker.add(answer.default_target)
        pane.border_subtitle = self._waiting_words()
        self.show_draft()

    def _waiting_words(self) -> str:
        if self.lookups.problem is not None:
            return "not read: r tries again"
        info = self.plan_app.engine_state.info
        if info is not None and info.project_state is ProjectState.BROKEN:
            return "the project can't be loaded"
        return "" if self.lookups.fresh else "waiting for the engine"

    def show_tried(self, draft: Draft) -> None:
        """Draws a draft with what is being typed, until it is kept or given up."""
        self._tried = draft
        self.show_draft()

    def show_draft(self) -> None:
        """Draws the draft, or the one that is being typed: values, notes, help and command."""
        draft, lookups = self.shown_draft, self.lookups
        known = dict.fromkeys(self.picker.real_names)
        notes = {
            **self._default_notes(draft),
            **lookups.readings.notes(draft, known, self.plan_app.clock()),
        }
        self.form.show(draft, lookups.defaults, notes)
        name = clean(self.draft.environment) or "…"
        title = "Plan for a new environment" if self.is_on_new else f"Plan for {name}"
        self.query_one("#options").border_title = Content(title)
        self.query_one("#command", Static).update(self.command_content())
        interrupted = self.plan_app.engine_state.interrupted
        self.query_one(InterruptedPanel).show(interrupted, self.draft.environment)
        self._show_about()
        if not self.editor.is_open or self._tried is not None:
            self.explain()
        self.refresh_commands()

    def _default_notes(self, draft: Draft) -> dict[str, Note]:
        """What the dates are that nobody set, once the environments are known."""
        answer, defaults = self.lookups.environments, self.lookups.defaults
        if answer is None:
            return {}
        words = default_words(
            draft,
            answer.environments,
            forward_only=bool(defaults is not None and defaults.forward_only),
            include_unmodified=bool(defaults is not None and defaults.include_unmodified),
        )
        return {field: Note(said) for field, said in words.items()}

    def _show_about(self) -> None:
        if self.editor.is_open and self.editor.field == NEW:
            return
        about = self.query_one("#about", Static)
        known = None if self.is_on_new else self.picker.info_of(self.draft.environment)
        if self.lookups.problem is not None:
            about.update(clean(self.lookups.problem.title))
        elif known is not None:
            about.update("\n".join(in_full(known, self.plan_app.clock())))
        else:
            about.update("")

    def explain(self) -> None:
        """Says what the option under the cursor is, or what is wrong with it."""
        draft = self.shown_draft
        option, explain = self.form.option, self.query_one("#explain", Static)
        if option is None:
            explain.update("No option has these letters.")
            return
        explain.update(
            Content.assemble((option.flag, "bold"), "  ", self._explanation(option, draft))
        )

    def _explanation(self, option: Option, draft: Draft) -> str:
        """Why an option can't be set, what is wrong with its value, what it means, or its help."""
        if (reason := self.form.blocked(option)) is not None:
            return reason
        readings = self.lookups.readings
        note = readings.note(draft, option, self.plan_app.clock())
        if note is None:
            return option.help
        names = draft.values.get(option.field)
        selected = readings.selections.get(names) if isinstance(names, tuple) else None
        words = selected_words(selected)
        return f"{note.text}: {words}" if words else note.text

    def show_explanation(self, words: str) -> None:
        """Says something below the options until the next change."""
        self.query_one("#explain", Static).update(words)

    def command_text(self) -> str:
        """The sqlmesh command that asks for the same plan."""
        draft = self.shown_draft if self.is_on_new else self.draft
        arguments = sqlmesh_arguments(draft.request)
        return shlex.join([*self.plan_app.command_prefix, *arguments])

    @property
    def why_no_command(self) -> str | None:
        """Why there is no command: SQLMesh would not take a value that was set."""
        problem = None if self.is_on_new else self.lookups.readings.problem(self.draft)
        return None if problem is None else f"{problem[0].label}: {problem[1]}"

    def command_content(self) -> Content:
        """The command, and what it can't say; or why there is none."""
        if (reason := self.why_no_command) is not None:
            return Content.assemble(("no command: ", "$text-muted"), clean(reason))
        unsaid = ", ".join(f"{option.label} off" for option in unspeakable(self.draft))
        return Content.assemble(
            ("$ ", "$text-muted"),
            clean(self.command_text()),
            (f"  # sqlmesh has no flag for: {unsaid}" if unsaid else "", "$text-muted"),
        )
