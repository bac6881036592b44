"""The reach of changes in real plans: who reads what changed, and by which way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import looks
from plan_tui.contract.impact import ModelImpact, ReachCounts
from plan_tui.contract.state import RunOutcome

from .hosting import HostedEngine, hosted, short_directory
from .projects import Project

ORDERS = """\
MODEL (name db.orders, kind FULL);
SELECT i::INT AS id, (i % 3)::INT AS status, (i * 10)::INT AS amount FROM RANGE(20) AS t(i)
"""
STARRED = "MODEL (name db.starred, kind FULL);\nSELECT * FROM db.orders"
COUNTED = "MODEL (name db.counted, kind VIEW);\nSELECT COUNT(*)::INT AS n FROM db.orders"
OPEN = """\
MODEL (name db.open, kind FULL);
WITH kept AS (SELECT id, amount FROM db.orders WHERE status = 1)
SELECT id, amount FROM kept
"""
STATUSES = """\
MODEL (name db.statuses, kind FULL);
SELECT id, status + 1 AS next_status, amount FROM db.orders
"""
NEXT = "MODEL (name db.next, kind VIEW);\nSELECT MAX(next_status)::INT AS last FROM db.statuses"
SUMS = "MODEL (name db.sums, kind VIEW);\nSELECT SUM(amount)::INT AS total FROM db.statuses"
PYTHON = """\
import pandas as pd
from sqlmesh import model

@model("db.guess", columns={"id": "int"}, depends_on=["db.statuses"])
def execute(context, start, end, execution_time, **kwargs):
    return pd.DataFrame({"id": [1]})
"""
GUESSED = "MODEL (name db.guessed, kind VIEW);\nSELECT id FROM db.guess"
NAMES = """\
MODEL (name db.names, kind SEED (path 'names.csv'), columns (id INT, name TEXT, note TEXT));
"""
NAMED = "MODEL (name db.named, kind VIEW);\nSELECT id, name FROM db.names"
FILES = {
    "models/orders.sql": ORDERS,
    "models/starred.sql": STARRED,
    "models/counted.sql": COUNTED,
    "models/open.sql": OPEN,
    "models/statuses.sql": STATUSES,
    "models/next.sql": NEXT,
    "models/sums.sql": SUMS,
    "models/guess.py": PYTHON,
    "models/guessed.sql": GUESSED,
    "models/names.sql": NAMES,
    "models/names.csv": "id,name,note\n1,a,x\n2,b,y\n",
    "models/named.sql": NAMED,
}
Reads = dict[str, bool | None]
Place = tuple[HostedEngine, Project]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A deployed project in an engine."""
    project = Project.make(tmp_path_factory.mktemp("reach") / "shop", FILES)
    project.deploy()
    with short_directory() as directory, hosted(project, directory) as engine:
        yield engine, project


@pytest.fixture(autouse=True)
def _as_deployed(place: Place) -> Iterator[None]:
    yield
    for path, text in FILES.items():
        place[1].write(path, text)


def impact(engine: HostedEngine, name: str) -> ModelImpact:
    answer = engine.get(looks.ROUTE.format(path=looks.IMPACT.path), name=name)
    assert answer.status_code == 200, answer.text
    found = ModelImpact.model_validate_json(answer.content)
    assert not [note for note in found.notes if "reach" in note]
    return found


def counts(engine: HostedEngine) -> dict[str, tuple[int, int]]:
    answer = engine.get(looks.ROUTE.format(path=looks.REACH_COUNTS.path))
    assert answer.status_code == 200, answer.text
    found = ReachCounts.model_validate_json(answer.content)
    return {
        name.rpartition(".")[2].strip('"'): (each.reading, each.reached)
        for name, each in found.counts.items()
    }


def reads(engine: HostedEngine, name: str) -> Reads:
    return {each.view_name.rpartition(".")[2]: each.reads for each in impact(engine, name).reach}


def planned(place: Place, environment: str = "dev") -> HostedEngine:
    run = place[0].plan(environment)
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    return place[0]


BELOW_STATUSES: Reads = {"sums": False, "guess": None, "guessed": None}


def test_a_changed_column_is_followed_and_others_are_not(place: Place) -> None:
    place[1].edit("models/orders.sql", "i % 3", "i % 4")
    engine = planned(place)
    assert reads(engine, "db.orders") == {
        "starred": True, "statuses": True, "next": True, "open": True, "counted": False,
        **BELOW_STATUSES,
    }  # fmt: skip
    assert counts(engine) == {"orders": (6, 8)}
    found = {each.view_name: each for each in impact(engine, "db.orders").reach}
    assert found["db__dev.next"].path == (
        "db__dev.orders.status", "db__dev.statuses.next_status", "db__dev.next.last",
    )  # fmt: skip
    assert found["db__dev.statuses"].columns == ("next_status",)
    assert found["db__dev.open"].columns == ("id", "amount")
    assert found["db__dev.open"].path == ("db__dev.orders.status", "db__dev.open")
    assert found["db__dev.guess"].path[-1] == "db__dev.guess"
    assert found["db__dev.sums"].path == ("db__dev.orders", "db__dev.statuses", "db__dev.sums")


def test_a_filter_reaches_every_reader(place: Place) -> None:
    place[1].edit("models/orders.sql", "t(i)", "t(i) WHERE i > 3")
    engine = planned(place)
    found = reads(engine, "db.orders")
    assert found == {**dict.fromkeys(found, True), "guess": None, "guessed": None}
    assert counts(engine) == {"orders": (8, 8)}


def test_an_added_column_is_read_by_stars_alone(place: Place) -> None:
    place[1].edit("models/orders.sql", " FROM", ", 7 AS more FROM")
    found = reads(planned(place), "db.orders")
    assert [name for name, read in found.items() if read is not False] == ["starred"]


def test_a_removed_column_is_missed_by_stars(place: Place) -> None:
    place[1].write("models/orders.sql", ORDERS.replace(", (i * 10)::INT AS amount", ""))
    for path, text in (("open", OPEN), ("statuses", STATUSES), ("sums", SUMS)):
        place[1].write(f"models/{path}.sql", text.replace("amount", "id"))
    found = reads(planned(place), "db.orders")
    assert (found["starred"], found["counted"], found["next"]) == (True, False, False)


def test_comments_layout_and_names_inside_reach_nobody(place: Place) -> None:
    place[1].edit("models/statuses.sql", "SELECT id, status", "SELECT /* why */ o.id,\n status")
    place[1].edit("models/statuses.sql", "db.orders", "db.orders AS o")
    engine = planned(place)
    assert set(reads(engine, "db.statuses").values()) <= {False}


def test_metadata_reaches_nobody(place: Place) -> None:
    place[1].edit("models/orders.sql", "kind FULL", "kind FULL, owner ann")
    found = reads(planned(place), "db.orders")
    assert found
    assert set(found.values()) == {False}


def test_seeds_are_compared_by_column(place: Place) -> None:
    place[1].edit("models/names.csv", "1,a,x", "1,a,z")
    assert reads(planned(place), "db.names") == {"named": False}
    place[1].edit("models/names.csv", "2,b,y", "2,c,y")
    assert reads(planned(place), "db.names") == {"named": True}
    place[1].write("models/names.csv", FILES["models/names.csv"] + "3,d,z\n")
    assert reads(planned(place), "db.names") == {"named": True}


def test_a_changed_python_model_changes_all_that_it_gives(place: Place) -> None:
    place[1].edit("models/guess.py", "[1]", "[2]")
    assert reads(planned(place), "db.guess") == {"guessed": True}


def test_what_only_hangs_below_a_change_passes_on_what_changes_in_it(place: Place) -> None:
    place[1].edit("models/orders.sql", "i % 3", "i % 4")
    engine = planned(place)
    assert reads(engine, "db.statuses") == {"next": True, **BELOW_STATUSES}


def test_a_removed_model_reaches_those_that_read_it(place: Place) -> None:
    place[1].remove("models/names.sql")
    place[1].edit("models/named.sql", "id, name FROM db.names", "1 AS id, 'a' AS name")
    assert reads(planned(place), "db.names") == {"named": True}


def test_a_query_that_is_made_at_runtime_is_unknown(place: Place) -> None:
    place[1].write(
        "macros/picks.py",
        "from sqlmesh import macro\n\n@macro()\ndef picked(evaluator):\n"
        "    return 'status' if evaluator.runtime_stage == 'loading' else 'amount'\n",
    )
    place[1].write(
        "models/picked.sql", "MODEL (name db.picked, kind VIEW);\nSELECT @picked() FROM db.orders"
    )
    place[1].write(
        "models/staged.sql",
        "MODEL (name db.staged, kind VIEW);\n"
        "SELECT @IF(@runtime_stage = 'loading', id, amount) AS it FROM db.orders",
    )
    place[1].edit("models/orders.sql", "i * 10", "i * 11")
    try:
        found = reads(planned(place), "db.orders")
        assert (found["picked"], found["staged"]) == (None, None)
    finally:
        place[1].remove("models/picked.sql")
        place[1].remove("models/staged.sql")
        place[1].remove("macros/picks.py")


def test_what_is_spared_is_the_same_when_it_is_applied(place: Place, tmp_path: Path) -> None:
    engine, project = place
    project.edit("models/orders.sql", "i * 10", "i * 12")
    found = reads(planned(place, "trial"), "db.orders")
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    differing = {
        name
        for name in found
        if project.rows(f"FROM db.{name} ORDER BY ALL")
        != project.rows(f"FROM db__trial.{name} ORDER BY ALL")
    }
    assert differing == {"starred", "open", "statuses", "sums"}
    assert differing <= {name for name, read in found.items() if read is not False}
