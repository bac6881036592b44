"""Records timelines that the real engine gives of a made-up shop, for the tests of the screen.

``python -m tests.ui.record_timeline`` writes them anew.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from plan_tui.engine.impact.timeline import timeline_of
from plan_tui.engine.looking import Asked
from tests.differential import edits as e
from tests.differential.scenario import NOW, PROD, Ask, Deployment, Scenario
from tests.differential.scenarios.histories import BROKEN_PROD
from tests.differential.spec import Kind, Model
from tests.differential.subject import planned
from tests.differential.workspace import Workspace

RECORDINGS = Path(__file__).parent / "recordings"
SENSORS = Model(
    "shop.sensors",
    Kind.TIME_RANGE,
    {"id": "1::INT", "ts": "d::TIMESTAMP"},
    source="GENERATE_SERIES(@start_ts::TIMESTAMP, @end_ts::TIMESTAMP, INTERVAL 5 MINUTE) AS t(d)",
    filters="WHERE d BETWEEN @start_ts AND @end_ts",
    kind_properties={"time_column": "ts", "batch_size": "288"},
    properties={"cron": "'*/5 * * * *'", "start": "'2022-01-01'"},
)
DOUBLED = e.column("shop.lagged", "amount", "(amount * 2)::INT")
FORWARD = {"forward_only": True, "effective_from": "2024-01-08"}

SCENARIOS = (
    Scenario(
        "timeline",
        e.all_of(DOUBLED, e.add(SENSORS)),
        Ask("prod", {"execution_time": "2024-01-18"}, FORWARD),
        history=(PROD, BROKEN_PROD),
    ),
    Scenario(
        "timeline_restated",
        ask=Ask(dates={**NOW, "start": "2024-01-10"}, options={"restate_models": ["shop.lagged"]}),
        history=(PROD, Deployment(DOUBLED)),
    ),
)


def main() -> None:
    """Records each timeline."""
    os.environ["MAX_FORK_WORKERS"] = "1"
    with tempfile.TemporaryDirectory() as directory:
        for scenario in SCENARIOS:
            workspace = Workspace(Path(directory) / "templates", Path(directory) / scenario.name)
            with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
                assert backend is not None
                assert backend.built is not None
                timeline = timeline_of(Asked(backend, backend.built))
            timeline = timeline.model_copy(update={"plan_id": "3f2a9c1d77"})
            path = RECORDINGS / f"{scenario.name}.json"
            path.write_text(timeline.model_dump_json(indent=1) + "\n")
            sys.stderr.write(f"{path.name}: {len(timeline.models)} models\n")


if __name__ == "__main__":
    main()
