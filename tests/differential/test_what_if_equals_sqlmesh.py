"""What each choice would cost is what SQLMesh says once it is really made."""

from __future__ import annotations

from operator import sub

import pytest
from sqlmesh.core.snapshot import snapshots_to_dag

from plan_tui.contract.plan import Category
from plan_tui.contract.state import PlanFacts
from plan_tui.engine import planner
from plan_tui.engine.backend import Backend
from plan_tui.engine.impact.what_if import computed, plan_with, quickly_computed, what_if
from plan_tui.engine.looking import Asked
from plan_tui.engine.planner import BuiltPlan
from tests.soaking import trials

from . import edits as e
from .generated import scenario as generated
from .projects import EVENTS, LEDGER
from .scenario import Ask, Scenario
from .scenarios import SCENARIOS
from .spec import Kind, Model, Project
from .subject import planned
from .workspace import Workspace

SEEDS = trials((*range(4), 47), (*range(40), 47))
NAMES = ("several changes at once", "two choices")


def check(scenario: Scenario, workspace: Workspace) -> int:
    """Compares every choice of every model; returns how many were told quickly."""
    quick = 0
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        if backend is None or backend.built is None:
            return 0
        for name in sorted(backend.built.categories()):
            built = backend.built
            before = (built.categories(), _intervals(built), built.facts)
            costs = what_if(Asked(backend, built, name), name)
            assert (built.categories(), _intervals(built), built.facts) == before
            assert set(costs) == set(
                built.view.choices(built.plan.context_diff.snapshots_by_name[name])
            )
            for category, cost in costs.items():
                assert backend.built is not None
                quick += check_quick(Asked(backend, backend.built, name), name, category)
                now = counted(built.facts)
                made = chosen(backend, name, category)
                assert (cost.models, cost.intervals, cost.batches) == made, (name, category)
                if cost.difference is not None:
                    moved = cost.difference
                    differences = (moved.models, moved.intervals, moved.batches)
                    assert differences == tuple(map(sub, made, now)), (name, category)
                assert cost.own is not None
                own = (cost.own.models, cost.own.intervals, cost.own.batches)
                assert own == below(backend.built, name), (name, category)
    return quick


def check_quick(asked: Asked, name: str, category: Category) -> bool:
    """What is told quickly is what laying out the whole plan tells."""
    plan = plan_with(asked, {**asked.built.choices, name: category})
    quick = quickly_computed(asked, plan, name)
    if quick is None:
        return False
    whole = computed(asked, plan)
    assert dict(quick.intervals) == dict(whole.intervals)
    assert {k: list(v) for k, v in quick.batches.items()} == {
        k: list(v) for k, v in whole.batches.items()
    }
    return True


def chosen(backend: Backend, name: str, category: Category) -> tuple[int, int, int]:
    """What the plan comes to when the choice is really made."""
    assert backend.built is not None
    context = backend.project.context
    with context.reading_once():
        backend.built = planner.revise(context, backend.built, {name: category})
    return counted(backend.built.facts)


def counted(facts: PlanFacts) -> tuple[int, int, int]:
    """Models, intervals and batches of a plan."""
    return facts.models, facts.intervals, facts.batches


def below(built: BuiltPlan, name: str) -> tuple[int, int, int]:
    """The same of a model and all that SQLMesh calls downstream of it, as the plan is now."""
    snapshots = built.plan.snapshots
    start = next(each for each in snapshots if each.name == name)
    dag = snapshots_to_dag(snapshots.values())
    names = {start.name, *(each.name for each in dag.downstream(start))}
    batches = {each: found for each, found in built.work.batches.items() if each in names}
    intervals = sum(each.interval_count for each in built.backfills if each.name in names)
    models = batches.keys() & {each.name for each in built.backfills}
    return len(models), intervals, sum(map(len, batches.values()))


def _intervals(built: BuiltPlan) -> dict[str, object]:
    return {s.name: (s.version, list(s.intervals)) for s in built.plan.snapshots.values()}


@pytest.mark.parametrize("name", NAMES)
def test_each_choice_costs_what_sqlmesh_says(name: str, workspace: Workspace) -> None:
    assert check(SCENARIOS[name], workspace)


@pytest.mark.parametrize("seed", SEEDS)
def test_choices_of_random_projects_cost_what_sqlmesh_says(seed: int, workspace: Workspace) -> None:
    check(generated(seed), workspace)


def test_what_hangs_below_a_preview_is_not_taken_for_deployable(workspace: Workspace) -> None:
    """Two branches meet; of one, a model that is not changed by itself reads a forward-only one."""
    each_day = {"id": "a.id", "ds": "a.ds", "amount": "a.amount"}

    def reading(name: str, *sources: str) -> Model:
        joined = " JOIN ".join(f"{s} AS {x}" for s, x in zip(sources, "ab", strict=False))
        on = " ON a.id = b.id AND a.ds = b.ds" if len(sources) > 1 else ""
        return Model(name, Kind.FULL, each_day, joined + on)

    models = (
        EVENTS,
        LEDGER,
        reading("gen.other", "shop.events"),
        reading("gen.middle", "shop.ledger", "gen.other"),
        reading("gen.chosen", "shop.events"),
        reading("gen.below", "gen.chosen", "gen.middle"),
    )
    edit = e.all_of(
        e.column("shop.ledger", "source", "'shop'::TEXT"),
        e.column("gen.other", "two", "2::INT"),
        e.column("gen.chosen", "two", "2::INT"),
    )
    project = Project({model.name: model for model in models})
    ask = Ask(options={"enable_preview": False})
    scenario = Scenario("branches", edit, ask, lambda: project)
    assert check(scenario, workspace)
