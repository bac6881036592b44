"""A plan built, and applied, by one command without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plan_tui.cli import EXIT_CANCELLED, EXIT_DIFFERENT, EXIT_DONE, EXIT_FAILED, Settings
from plan_tui.client.api import SocketPort
from plan_tui.client.errors import ClientError, EngineLost, EngineRefused
from plan_tui.client.markdown import PlanReport, markdown
from plan_tui.client.seed_rows import impact_with_rows
from plan_tui.client.taking import take_report
from plan_tui.commands.announcing import ApplyAnnouncer
from plan_tui.commands.apply_end import tell_end, unexplained, unheard, unknown_outcome
from plan_tui.commands.apply_report import ApplyReport, sum_words
from plan_tui.commands.barring import is_nothing_to_do, tell_barred
from plan_tui.commands.conversation import Conversation
from plan_tui.commands.event_lines import EventLines, never_asked
from plan_tui.commands.failures import CommandFailed, exit_code, show_problem
from plan_tui.commands.headless import Screen, conversation
from plan_tui.commands.impact_text import impact_text
from plan_tui.commands.plan_document import printed_document
from plan_tui.commands.plan_places import check_place, save_plan, tell_differences
from plan_tui.commands.plan_text import (
    model_test_lines,
    plan_text,
    uncategorized_lines,
    warning_lines,
)
from plan_tui.commands.presses import Presses
from plan_tui.contract import looks
from plan_tui.contract.environment_names import renamed
from plan_tui.contract.errors import VALIDATION, Problem
from plan_tui.contract.events import Event
from plan_tui.contract.impact import ReachCount
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.saved import SavedPlan
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import ApplyProgress, EngineState, PlanFacts, RunOutcome
from plan_tui.contract.text import clean, clean_json

REACH_PATIENCE = 15.0
"""Seconds that a printed plan waits for how many models read each change."""


@dataclass
class PlanRun:
    """What one command asks of the engine, and how it prints the answer."""

    settings: Settings
    request: PlanRequest
    form: str = "text"
    """``text``, ``json`` or ``markdown``."""
    ephemeral: bool = False
    out: Path | None = None
    """Where the plan is saved, too."""
    saved: SavedPlan | None = None
    """The plan that an apply must equal."""
    screen: Screen = field(default_factory=Screen)
    _failure: Problem | None = None
    """Why nothing is applied, where no event tells it."""
    _state: EngineState = field(default_factory=EngineState)
    """The last that was heard of the engine."""
    _applies: bool = False
    """Whether the engine was asked to apply."""

    @property
    def as_json(self) -> bool:
        """Whether a program reads it."""
        return self.form == "json"

    async def show(self, presses: Presses) -> int:
        """Builds the plan and prints it, whatever it is; returns the exit code."""
        return await self.plan(presses, judges=False)

    async def plan(
        self, presses: Presses, *, detailed_exitcode: bool = False, judges: bool = True
    ) -> int:
        """Builds the plan and prints it; returns the exit code, of what bars its apply too."""
        if self.out is not None:
            check_place(self.out)
        async with conversation(self.settings, self.screen, presses, ephemeral=self.ephemeral) as (
            port,
            talk,
        ):
            failed = await self._build(talk)
            if failed is not None:
                if self.as_json:
                    await self._print_findings(port, talk)
                return failed
            await self._print(port, talk)
            if self.out is not None:
                await save_plan(port, self.request, self.out, self.screen, self.settings.program)
            facts, plan = talk.state.facts, talk.state.plan
        self.screen.status.clear()
        if judges and tell_barred(plan, facts, self.settings.program):
            return EXIT_FAILED
        if detailed_exitcode and not is_nothing_to_do(facts):
            return EXIT_DIFFERENT
        return EXIT_DONE

    async def inspect(self, presses: Presses, model: str) -> int:
        """Builds the plan and prints what one of its changes means; returns the exit code."""
        async with conversation(self.settings, self.screen, presses, ephemeral=self.ephemeral) as (
            port,
            talk,
        ):
            failed = await self._build(talk)
            if failed is not None:
                return failed
            impact = await impact_with_rows(port, model)
        if self.as_json:
            self.screen.show(clean_json(impact.model_dump_json()))
        else:
            for line in impact_text(impact):
                self.screen.show(line)
        return EXIT_DONE

    async def apply(self, presses: Presses) -> int:
        """Builds the plan and applies it; returns the exit code."""
        lines = EventLines(self.screen.show)
        report = ApplyReport(self.screen.show)
        announcer = ApplyAnnouncer(self.settings, quiet=self.as_json)

        def take(state: EngineState, event: Event | None) -> None:
            self._state = state
            (lines if self.as_json else report).take(state, event)
            announcer.take(state)

        try:
            async with conversation(
                self.settings, self.screen, presses, take, ephemeral=self.ephemeral
            ) as (port, talk):
                lines.begin(talk.state)
                try:
                    return await self._build_and_apply(port, talk, announcer)
                except (CommandFailed, ClientError) as error:
                    self._failure = error.problem
                    raise
                except BrokenPipeError:
                    self.screen.note(clean(unheard(talk.state, self.settings.program)))
                    raise
                finally:
                    if self.as_json:
                        lines.end(talk.state, self._failure)
        except asyncio.CancelledError:
            # An apply that was begun goes on in the engine: how it ends is not known here.
            if self.as_json and not self._applies:
                lines.fail(self._state, never_asked())
            raise
        except (CommandFailed, ClientError) as error:
            if self.as_json:
                lines.fail(self._state, error.problem)
            raise

    async def _build_and_apply(
        self, port: SocketPort, talk: Conversation, announcer: ApplyAnnouncer
    ) -> int:
        failed = await self._build(talk)
        if failed is not None:
            return failed
        if self.saved is not None:
            self._failure = await tell_differences(port, self.saved, self.screen)
            if self._failure is not None:
                return EXIT_FAILED
        facts = talk.state.facts
        self._warn(talk.state)
        if is_nothing_to_do(facts):
            self._nothing_to_do(facts)
            return EXIT_DONE
        await self._check_choices(port, facts)
        if facts is None or facts.refusal is not None:
            return self._refuse(facts, talk.state.plan)
        if not self.as_json:
            self.screen.show(clean(f"Applying to {self._environment(talk)}: {sum_words(facts)}."))
        announcer.begin(talk.state)
        self._applies = True
        show = self.screen.note if self.as_json else self.screen.show
        code = tell_end(await self._apply(talk, facts.plan_id), show, self.settings.program)
        if failure := await announcer.end():
            self.screen.note(clean(failure))
        return code

    async def _build(self, talk: Conversation) -> int | None:
        """Builds the plan; returns the exit code where there is none."""
        if note := renamed(self.request.environment):
            self.screen.note(clean(note))
        planning = await talk.plan(self.request)
        if planning.outcome is RunOutcome.SUCCEEDED:
            return None
        if planning.outcome is RunOutcome.CANCELLED:
            self.screen.note("Cancelled: no plan was built, and nothing was changed.")
            return EXIT_CANCELLED
        problem = planning.problem or unexplained()
        self.screen.status.clear()
        show_problem(problem, self.settings.program)
        if talk.state.tests is not None and talk.state.tests.failed:
            self._note_all(model_test_lines(talk.state.tests))
        return exit_code(problem)

    async def _print(self, port: SocketPort, talk: Conversation) -> None:
        if self.form == "markdown":
            self.screen.show(markdown(await self._report(port)).rstrip("\n"))
            return
        plan = await port.overview()
        if self.as_json:
            self.screen.show(printed_document(plan))
            return
        reach, program = await self._reach(port, plan), self.settings.program
        for line in plan_text(plan, talk.state.facts, self.request, program, reach):
            self.screen.show(line)

    async def _reach(
        self, port: SocketPort, plan: PlanOverviewStageTracker
    ) -> Mapping[str, ReachCount]:
        """How many models read what changed; none where that takes long, or the plan is gone."""
        if not plan.changes.modified.direct:
            return {}
        self.screen.status.say(lambda: "who reads what changed")
        try:
            found = await asyncio.wait_for(port.look(looks.REACH_COUNTS), REACH_PATIENCE)
        except EngineRefused:
            return {}
        except asyncio.TimeoutError:
            self.screen.note(
                "Who reads the changes is left out: counting takes longer than "
                f"{REACH_PATIENCE:.0f} seconds. {self.settings.program} inspect counts for one."
            )
            return {}
        return found.counts if found.plan_id == plan.plan_id else {}

    async def _report(self, port: SocketPort) -> PlanReport:
        taken = [0, 0]

        def step(done: int, total: int) -> None:
            taken[:] = [done, total]

        self.screen.status.say(lambda: f"what changes mean, {taken[0]:,} of {taken[1]:,}")
        return await take_report(port, step)

    async def _print_findings(self, port: SocketPort, talk: Conversation) -> None:
        """Prints what tests and lint found of a plan that they stopped."""
        planning = talk.state.planning
        problem = planning.problem if planning is not None else None
        if problem is not None and problem.code in VALIDATION:
            self.screen.show(printed_document(await port.overview()))

    async def _apply(self, talk: Conversation, plan_id: str) -> ApplyProgress:
        try:
            return await talk.apply(plan_id)
        except EngineLost as error:
            raise CommandFailed(unknown_outcome(error, talk.state)) from error

    async def _check_choices(self, port: SocketPort, facts: PlanFacts | None) -> None:
        """Has the engine say why a category that was given could not be chosen.

        Raises:
            EngineRefused: There is such a category.
        """
        asked = self.request.categories or {}
        if facts is not None and len(facts.chosen) < len(asked):
            await port.choose(asked)

    def _warn(self, state: EngineState) -> None:
        """Tells the warnings of a plan that is not printed."""
        if not self.as_json and state.plan is not None and state.plan.warnings:
            self.screen.note("Warnings of the plan:")
            self._note_all(warning_lines(state.plan.warnings))

    def _refuse(self, facts: PlanFacts | None, plan: PlanOverviewStageTracker | None) -> int:
        problem = (facts.refusal if facts is not None else None) or unexplained()
        self._failure = problem
        self.screen.status.clear()
        show_problem(problem, self.settings.program)
        if facts is not None and facts.uncategorized:
            self._note_all(uncategorized_lines(facts))
            self.screen.note("Choose with --category MODEL=BREAKING or MODEL=NON_BREAKING.")
            tell_barred(plan, facts, self.settings.program)
        return EXIT_FAILED

    def _nothing_to_do(self, facts: PlanFacts | None) -> None:
        show = self.screen.note if self.as_json else self.screen.show
        refusal = facts.refusal if facts is not None else None
        if refusal is not None:
            for part in (refusal.title, refusal.message, refusal.hint):
                if part:
                    show(clean(part))

    def _environment(self, talk: Conversation) -> str:
        plan = talk.state.plan
        return plan.environment if plan is not None else self.request.environment or "?"

    def _note_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.screen.note(line)
