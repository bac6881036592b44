"""The set-up: picking an environment, setting options, the command that says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from plan_tui.client.errors import EngineRefused
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.options import OPTIONS
from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest
from plan_tui.contract.state import ProjectState, SessionState
from plan_tui.ui import messages as ask
from plan_tui.ui.preferences import Preferences
from plan_tui.ui.screens.problem import ProblemScreen
from plan_tui.ui.screens.setup import SetupScreen

from . import samples
from .driving import OpenedApp, running, screen_text, until
from .fake_port import FakePort


def setup_of(app: OpenedApp) -> SetupScreen:
    screen = app.screen
    assert isinstance(screen, SetupScreen)
    return screen


async def to_option(pilot: Pilot[int], app: OpenedApp, field: str) -> SetupScreen:
    screen = setup_of(app)
    screen.action_show_pane("options")
    await pilot.pause()
    assert screen.form.move_to(field)
    await pilot.pause()
    return screen


async def choose(pilot: Pilot[int], app: OpenedApp, environment: str) -> SetupScreen:
    screen = setup_of(app)
    await until(pilot, lambda: environment in screen.picker.names)
    screen.picker.move_to(environment)
    await until(pilot, lambda: screen.draft.environment == environment)
    return screen


def type_ahead(app: OpenedApp, *keys: str) -> None:
    """Lets keys come in before the app has looked at the first of them."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


# Environments


async def test_the_picker_says_what_there_is_to_know(port: FakePort) -> None:
    async with running(port) as (app, _):
        text = screen_text(app)
        assert "prod" in text
        assert "34 models  data to 11-24" in text
        assert "planned 2 h ago" in text
        assert "3 days behind · planned 3 d ago · expires in 4 d" in text
        assert "! half applied: apply again resumes" in text


async def test_the_default_target_is_chosen_at_first(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await until(pilot, lambda: setup_of(app).draft.environment == "prod")


async def test_enter_opens_the_options_and_escape_goes_back(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = setup_of(app)
        await pilot.press("j", "enter")
        assert screen.focused is screen.form
        assert screen.draft.environment == "dev"
        assert "Plan for dev" in screen_text(app)
        await pilot.press("escape")
        assert screen.focused is screen.picker


@pytest.mark.parametrize("keys", [("tab",), ("right",), ("l",)])
async def test_keys_go_to_the_other_pane(port: FakePort, keys: tuple[str, ...]) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        screen = setup_of(app)
        await pilot.press(*keys)
        assert screen.focused is screen.form
        await pilot.press({"tab": "shift+tab", "right": "left", "l": "h"}[keys[0]])
        assert screen.focused is screen.picker


async def test_a_new_name_is_checked_as_it_is_typed(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = setup_of(app)
        await pilot.press("n", *"Feat-x")
        assert "SQLMesh would call it feat_x" in screen_text(app)
        await pilot.press("enter")
        assert screen.editor.text == "feat_x"
        await pilot.press("enter")
        assert screen.draft.environment == "feat_x"
        assert screen.command_text() == "sqlmesh plan feat_x"
        assert "feat_x" in screen.picker.names


async def test_a_new_name_can_be_given_up(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = await choose(pilot, app, "dev")
        await pilot.press("n", "x", "escape")
        assert not screen.editor.is_open
        assert "x" not in screen.picker.names


async def test_reload_asks_again_and_a_refusal_has_a_retry_that_works(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        asked = len(port.called("environments"))
        problem = Problem(code=ProblemCode.LOCKED_DATABASE, title="The file is in use.")
        port.errors["environments"] = EngineRefused(problem, 503)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        assert "Database locked" in screen_text(app)
        assert len(port.called("environments")) == asked + 1
        del port.errors["environments"]
        await pilot.press("r")
        await until(pilot, lambda: not isinstance(app.screen, ProblemScreen))
        await until(pilot, lambda: "The file is in use." not in screen_text(app))
        assert len(port.called("environments")) == asked + 2


async def test_reload_before_there_is_an_engine_waits_for_it(port: FakePort) -> None:
    port.hold("connect")
    app = OpenedApp(port)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))
        await pilot.press("r")
        assert port.called("environments") == []
        port.release("connect")
        await until(pilot, lambda: port.called("environments"))


async def test_the_form_is_usable_while_the_project_loads(port: FakePort) -> None:
    loading = samples.info(ProjectState.LOADING)
    port.jump(samples.idle().model_copy(update={"info": loading}))
    preferences = Preferences.in_memory()
    preferences.environments = ("prod", "dev")
    async with running(port, preferences=preferences) as (app, pilot):
        screen = setup_of(app)
        assert "loading the project 2.0s" in screen_text(app)
        assert port.called("environments") == []
        assert screen.picker.names == ("prod", "dev")
        await to_option(pilot, app, "no_gaps")
        await pilot.press("space")
        assert screen.draft.values == {"no_gaps": True}
        port.play(ev.EngineChanged(info=samples.info()))
        await until(pilot, lambda: "alice" in screen.picker.names)
        assert screen.draft.values == {"no_gaps": True}


# Options


async def test_a_date_is_read_as_it_is_typed(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "start")
        await pilot.press("enter", *"1 week ago")
        await until(pilot, lambda: "2026-11-18 00:00 UTC, 7 days ago" in screen_text(app))
        assert screen.draft.values == {}
        await pilot.press("enter")
        assert screen.draft.values == {"start": "1 week ago"}
        assert "sqlmesh plan dev --start '1 week ago'" in screen_text(app)


async def test_outdated_questions_are_not_asked(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        await to_option(pilot, app, "start")
        await pilot.press("enter", *"yesterday")
        await until(pilot, lambda: "2026-11-24 00:00 UTC, yesterday" in screen_text(app))
        assert port.called("read_date")[-1] == ("yesterday", None)
        assert len(port.called("read_date")) < len("yesterday")


async def test_a_wrong_date_is_marked_where_it_stands_and_stops_the_plan(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "end")
        await pilot.press("enter", *"soon", "enter")
        await until(pilot, lambda: "! 'soon' is not a date." in screen_text(app))
        assert screen.why_not("setup.build") == "End: ! 'soon' is not a date."
        await pilot.press("ctrl+r", "y")
        assert app.asked_for(ask.BuildPlan) == []
        assert not app.clipboard
        assert "no command: End: ! 'soon' is not a date." in screen_text(app)
        assert "$ sqlmesh" not in screen_text(app)


async def test_an_end_says_what_it_takes_in(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        await to_option(pilot, app, "end")
        await pilot.press("enter", *"2026-11-01")
        await until(pilot, lambda: "2026-11-01, whole day UTC, 24 days ago" in screen_text(app))
        await pilot.press("enter", "enter", "ctrl+u", *"yesterday")
        await until(pilot, lambda: "before 2026-11-24 00:00 UTC, yesterday" in screen_text(app))


async def test_an_end_before_the_start_is_marked_while_it_is_typed(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "start")
        await pilot.press("enter", *"1 week ago", "enter")
        await to_option(pilot, app, "end")
        await pilot.press("enter", *"2026-11-01")
        words = "! lies before the start, 2026-11-18 00:00 UTC"
        await until(pilot, lambda: words in screen_text(app))
        await pilot.press("enter")
        assert screen.why_not("setup.build") == (
            "Start: ! lies after the end, 2026-11-01 00:00 UTC"
        )


async def test_escape_leaves_the_old_value(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "start")
        await pilot.press("enter", *"yesterday", "enter")
        await pilot.press("enter", *"x", "escape")
        assert screen.draft.values == {"start": "yesterday"}
        assert "yesterdayx" not in screen_text(app)


async def test_selectors_are_completed_and_counted(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "select_models")
        await pilot.press("enter", *"tag:f")
        await until(pilot, lambda: "tag:finance" in screen_text(app))
        await pilot.press("tab", "enter")
        assert screen.draft.values == {"select_models": ("tag:finance",)}
        await until(pilot, lambda: "3 models: shop.payments" in screen_text(app))
        assert screen.command_text() == "sqlmesh plan dev --select-model tag:finance"


async def test_arrows_choose_a_completion(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "restate_models")
        await pilot.press("enter", *"+ord", "down", "down", "enter")
        assert screen.editor.text == "+shop.orders"
        await pilot.press("enter")
        assert screen.draft.values == {"restate_models": ("+shop.orders",)}


@pytest.mark.parametrize("key", ["space", "enter"])
async def test_flags_toggle(port: FakePort, key: str) -> None:
    async with running(port) as (app, pilot):
        screen = await to_option(pilot, app, "skip_tests")
        await pilot.press(key)
        assert screen.draft.values == {"skip_tests": True}
        await pilot.press(key)
        assert screen.draft.values == {}


async def test_options_that_exclude_each_other_say_why(port: FakePort) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        screen = await to_option(pilot, app, "skip_tests")
        await pilot.press("space")
        await to_option(pilot, app, "test_changed_only")
        await pilot.press("space")
        assert screen.draft.values == {"skip_tests": True}
        await until(pilot, lambda: "no test would run" in screen_text(app))


async def test_a_flag_of_the_project_has_a_state_of_its_own(port: FakePort) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        await choose(pilot, app, "dev")
        screen = await to_option(pilot, app, "include_unmodified")
        assert "[~] project: on" in screen_text(app)
        await pilot.press("space")
        assert screen.draft.values == {"include_unmodified": False}
        assert "sqlmesh has no flag for: Include unmodified off" in screen_text(app)


async def test_a_number_takes_digits_only(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = await to_option(pilot, app, "min_intervals")
        await pilot.press("enter", *"x1", "enter")
        assert screen.editor.is_open
        assert "takes a whole number" in screen_text(app)
        await pilot.press("backspace", "backspace", "3", "enter")
        assert screen.draft.values == {"min_intervals": 3}


async def test_an_option_is_cleared_and_all_are_reset(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = await to_option(pilot, app, "no_gaps")
        await pilot.press("space", "backspace")
        assert screen.draft.values == {}
        await pilot.press("space", "R")
        assert screen.draft.values == {}


async def test_an_option_is_found_by_its_letters(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = setup_of(app)
        await pilot.press("slash", *"gap")
        await until(pilot, lambda: f"1 of {len(OPTIONS)} options have" in screen_text(app))
        await pilot.press("enter")
        assert screen.focused is screen.form
        assert screen.form.option is not None
        assert screen.form.option.field == "no_gaps"
        assert len([key for key in screen.form.keys if not key.startswith("/")]) == len(OPTIONS)


async def test_every_option_has_a_line_and_a_help(port: FakePort) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        screen = setup_of(app)
        for option in OPTIONS:
            await to_option(pilot, app, option.field)
            assert option.label in screen_text(app)
            reason = screen.form.blocked(option) or option.help
            assert reason.split()[0] in screen_text(app)


# The plan


async def test_ctrl_r_builds_what_the_form_says(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        await to_option(pilot, app, "start")
        await pilot.press("enter", *"1 week ago", "ctrl+r")
        request = PlanRequest(
            environment="dev",
            plan_dates=PlanDates(start="1 week ago"),
            plan_options=PlanOptions(),
        )
        await until(pilot, lambda: port.called("build_plan") == [request])


async def test_choices_are_remembered(port: FakePort, tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    async with running(port, preferences=Preferences(path, "shop")) as (app, pilot):
        await choose(pilot, app, "dev")
        await to_option(pilot, app, "no_gaps")
        await pilot.press("space", "ctrl+r")
        await until(pilot, lambda: port.called("build_plan"))
    async with running(port, preferences=Preferences(path, "shop")) as (app, _):
        assert setup_of(app).draft.environment == "dev"
        assert setup_of(app).draft.values == {"no_gaps": True}


async def test_each_environment_has_choices_of_its_own(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = await choose(pilot, app, "dev")
        await to_option(pilot, app, "no_gaps")
        await pilot.press("space")
        await choose(pilot, app, "alice")
        assert screen.draft.values == {}
        await choose(pilot, app, "dev")
        assert screen.draft.values == {"no_gaps": True}


async def test_a_plan_can_not_be_built_while_one_is_applied(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        screen = await choose(pilot, app, "dev")
        port.play(ev.SessionMoved(at=samples.NOW, state=SessionState.APPLYING))
        await until(pilot, lambda: screen.why_not("setup.build"))
        await pilot.press("ctrl+r")
        assert app.asked_for(ask.BuildPlan) == []
        await until(pilot, lambda: "An apply runs" in screen_text(app))


async def test_y_copies_the_command(port: FakePort) -> None:
    prefix = ("sqlmesh", "-p", "my shop", "--gateway", "local")
    async with running(port, command_prefix=prefix) as (app, pilot):
        await choose(pilot, app, "dev")
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard)
        assert app.clipboard == "sqlmesh -p 'my shop' --gateway local plan dev"


async def test_the_cursor_is_on_the_environment_of_the_engines_plan(port: FakePort) -> None:
    request = PlanRequest(environment="dev2", plan_options=PlanOptions(no_gaps=True))
    port.play(
        ev.PlanningStarted(run_id="p", environment="dev2", request=request, stages=()),
        ev.SessionMoved(at=samples.NOW, state=SessionState.REVIEW),
    )
    async with running(port) as (app, pilot):
        await pilot.press("f1")
        screen = setup_of(app)
        await until(pilot, lambda: screen.draft.environment == "dev2")
        assert screen.draft.values == {"no_gaps": True}


async def test_the_options_are_those_of_the_engines_plan_unless_they_were_changed_here(
    port: FakePort,
) -> None:
    kept = Preferences.in_memory()
    kept.remember("prod", {"skip_tests": True})
    request = PlanRequest(environment="prod", plan_options=PlanOptions(no_gaps=True))
    begins = ev.PlanningStarted(run_id="p", environment="prod", request=request, stages=())
    port.play(begins, ev.SessionMoved(at=samples.NOW, state=SessionState.REVIEW))
    async with running(port, preferences=kept) as (app, pilot):
        await pilot.press("f1")
        screen = setup_of(app)
        await until(pilot, lambda: screen.draft.values == {"no_gaps": True})
        assert "sqlmesh plan prod --no-gaps" in screen_text(app)
        await to_option(pilot, app, "no_gaps")
        await pilot.press("space")
        assert screen.draft.values == {}
        port.play(begins.model_copy(update={"run_id": "q"}))
        await until(pilot, lambda: app.engine_state.planning.run_id == "q")
        await pilot.pause()
        assert screen.draft.values == {}


async def test_hostile_names_are_shown_as_text(port: FakePort) -> None:
    evil = samples.environment("[red]x\x1b]0;pwned\x07")
    answer = samples.environments().model_copy(update={"environments": (evil,)})
    port.answers_environments = answer
    async with running(port) as (app, pilot):
        await until(pilot, lambda: "[red]x<U+001B>" in screen_text(app))


async def test_an_environment_that_is_only_planned_stays_in_the_picker(port: FakePort) -> None:
    review = PlanRequest(environment="dev3", plan_options=PlanOptions(no_gaps=True))
    async with running(port, review=review) as (app, pilot):
        screen = setup_of(app)
        await until(pilot, lambda: "alice" in screen.picker.names)
        assert screen.draft.environment == "dev3"
        assert screen.draft.values == {"no_gaps": True}
        assert "new: a plan creates it" in screen_text(app)


async def test_what_is_typed_in_one_go_counts_in_its_order(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await until(pilot, lambda: setup_of(app).draft.environment == "prod")
        type_ahead(app, "j", "n", *"dev3", "backspace", "2", "enter", "ctrl+r")
        await until(pilot, lambda: port.called("build_plan"))
        [request] = port.called("build_plan")
        assert isinstance(request, PlanRequest)
        assert request.environment == "dev2"


async def test_a_move_typed_just_before_ctrl_r_counts(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await until(pilot, lambda: setup_of(app).draft.environment == "prod")
        type_ahead(app, "j", "ctrl+r")
        await until(pilot, lambda: port.called("build_plan"))
        [request] = port.called("build_plan")
        assert isinstance(request, PlanRequest)
        assert request.environment == "dev"


async def test_an_option_is_edited_in_one_go(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await until(pilot, lambda: setup_of(app).draft.environment == "prod")
        type_ahead(app, "j", "enter", "enter", *"yesterday", "enter", "ctrl+r")
        await until(pilot, lambda: port.called("build_plan"))
        [request] = port.called("build_plan")
        assert isinstance(request, PlanRequest)
        assert (request.environment, setup_of(app).draft.values) == ("dev", {"start": "yesterday"})


async def test_choices_are_remembered_without_a_plan(port: FakePort, tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    async with running(port, preferences=Preferences(path, "shop")) as (app, pilot):
        await choose(pilot, app, "dev")
        await to_option(pilot, app, "no_gaps")
        await pilot.press("space")
        again = Preferences(path, "shop")
        assert again.values("dev") == {"no_gaps": True}
        assert again.environment is None


async def test_a_new_environment_is_not_taken_for_the_one_before(port: FakePort) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        screen = await choose(pilot, app, "dev")
        await pilot.press("G", "ctrl+r")
        assert "Plan for a new environment" in screen_text(app)
        assert screen.command_text() == "sqlmesh plan NAME"
        assert port.called("build_plan") == []
        await pilot.press("n", *"ab")
        await until(pilot, lambda: "sqlmesh plan ab" in screen_text(app))


async def test_the_search_lands_on_the_option_of_that_name(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await choose(pilot, app, "dev")
        for word in ("start", "end", "run"):
            await pilot.press("slash", *word, "enter")
            option = setup_of(app).form.option
            assert option is not None
            assert option.flag == f"--{word}"


@pytest.mark.parametrize("field", ["start", "", "new"])
async def test_what_is_typed_stays_when_the_terminal_changes_its_size(
    port: FakePort, field: str
) -> None:
    async with running(port) as (app, pilot):
        screen = await choose(pilot, app, "dev")
        if field == "start":
            await to_option(pilot, app, "start")
        await pilot.press({"start": "enter", "": "slash", "new": "n"}[field], *"yes")
        for width, height in ((120, 40), (80, 24)):
            await pilot.resize_terminal(width, height)
            await until(pilot, lambda width=width: screen.size.width == width)
            await pilot.pause()
            assert screen.editor.is_open
            assert screen.editor.text == "yes"
            over = screen.picker if field == "new" else screen.query_one("#options")
            await until(pilot, lambda over=over: over.region.contains_region(screen.editor.region))
        await pilot.press("t")
        assert screen.editor.text == "yest"


async def test_a_long_command_is_shown_whole(port: FakePort) -> None:
    async with running(port, (80, 24)) as (app, pilot):
        screen = await choose(pilot, app, "dev")
        names = tuple(f"shop.a_model_with_a_long_name_{number}" for number in range(8))
        screen.keep_draft(screen.draft.with_value("select_models", names))
        screen.show_draft()
        shown = screen.query_one("#command", Static)
        said = screen.query_one("#said")
        await until(pilot, lambda: shown.size.height > 4)
        assert shown.region.bottom <= said.region.bottom
        assert names[-1] in "".join(screen_text(app).split())
