"""The durations that are played through, against SQLMesh's own graph of the same batches."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmesh import Context
from sqlmesh.core.console import NoopConsole, set_console
from sqlmesh.core.scheduler import EvaluateNode
from sqlmesh.core.snapshot import snapshots_to_dag

from plan_tui.contract.base import Interval
from plan_tui.engine.impact.estimate import works_of
from plan_tui.engine.impact.pace import Pace
from plan_tui.engine.impact.schedule import duration_of
from plan_tui.engine.mapping import kind_of
from plan_tui.journal.durations import BatchTime

from .projects import DAY, JAN_1, Project

BY_TIME = "MODEL (name s.{name}, kind INCREMENTAL_BY_TIME_RANGE (time_column ds{more}));\n"
MODELS = {
    "a": BY_TIME.format(name="a", more=", batch_size 1") + "SELECT @start_date AS ds, 1 AS x",
    "b": BY_TIME.format(name="b", more=", batch_size 1, batch_concurrency 2")
    + "SELECT ds, x FROM s.a",
    "c": "MODEL (name s.c, kind INCREMENTAL_BY_UNIQUE_KEY (unique_key x, batch_size 1));\n"
    "SELECT x FROM s.a",
    "d": "MODEL (name s.d, kind VIEW);\nSELECT x FROM s.b",
    "e": BY_TIME.format(name="e", more=", batch_size 1")
    + "SELECT d.x, @start_date AS ds FROM s.d AS d LEFT JOIN s.e AS e ON d.x = e.x",
    "f": "MODEL (name s.f, kind FULL);\nSELECT c.x FROM s.c AS c JOIN s.d AS d ON c.x = d.x",
}
NAMES = {short: f'"lake"."s"."{short}"' for short in MODELS}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    files = {f"models/{name}.sql": text for name, text in MODELS.items()}
    project = Project.make(tmp_path_factory.mktemp("schedule") / "p", files)
    set_console(NoopConsole())
    context = Context(paths=str(project.root))
    yield context
    context.close()


WHOLE = ("d", "f")
"""Models of which each batch takes the same, whatever its interval: they compute a whole table."""
batches = st.fixed_dictionaries(
    {name: st.lists(st.integers(1, 9), max_size=1 if name in WHOLE else 4) for name in MODELS}
)


@settings(max_examples=200, deadline=None)
@given(batches, st.integers(1, 4))
def test_the_time_is_that_of_sqlmeshs_graph(
    context: Context, seconds: dict[str, list[int]], workers: int
) -> None:
    snapshots = {snapshot.name: snapshot for snapshot in context.snapshots.values()}
    # Each batch has a size of its own, so that the pace tells each its own time.
    intervals = {NAMES[short]: _intervals(len(times)) for short, times in seconds.items()}
    taken = {
        (NAMES[short], interval): time
        for short, times in seconds.items()
        for interval, time in zip(intervals[NAMES[short]], times, strict=True)
    }
    pace = Pace.of(
        BatchTime(name, kind_of(snapshots[name]), interval, time * 1_000)
        for (name, interval), time in taken.items()
    )
    scheduler = context.create_scheduler(list(snapshots.values()), context.snapshot_evaluator)
    graph = scheduler._dag(
        {snapshots[name]: each for name, each in intervals.items() if each},
        snapshot_dag=snapshots_to_dag(snapshots.values()),
    )
    works = works_of(pace, snapshots, intervals)
    assert duration_of(works, workers) == pytest.approx(_played(graph.graph, taken, workers))


def _intervals(number: int) -> list[Interval]:
    """Intervals of one, two, three... days, one after the other."""
    found, start = [], JAN_1
    for days in range(1, number + 1):
        found.append((start, start + days * DAY))
        start += days * DAY
    return found


def _played(graph: dict[Any, set[Any]], taken: dict[Any, int], workers: int) -> float:
    """What ``ConcurrentDAGExecutor`` does with its graph, in the time of these batches."""
    left = {node: set(before) for node, before in graph.items()}
    queue = [node for node, before in left.items() if not before]
    for node in queue:
        del left[node]
    running: list[tuple[float, int, Any]] = []
    now, number = 0.0, 0
    while queue or running:
        while queue and len(running) < workers:
            node = queue.pop(0)
            number += 1
            is_batch = isinstance(node, EvaluateNode)
            spent = taken[node.snapshot_name, node.interval] if is_batch else 0
            heapq.heappush(running, (now + spent, number, node))
        now, _, done = heapq.heappop(running)
        for node, before in list(left.items()):
            before.discard(done)
            if not before:
                queue.append(node)
                del left[node]
    return now
