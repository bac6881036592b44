"""Whose changes are, by a real repository; and the labels of changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from plan_tui.contract import looks
from plan_tui.contract.origins import Labels, Origins
from plan_tui.engine import branch
from plan_tui.engine.branch import NoBranchError, branch_of

from .hosting import HostedEngine, hosted
from .projects import STORES, Project

MACRO = """\
from sqlmesh import macro

@macro()
def doubled(evaluator, x):
    return f"{x} * {FACTOR}"
""".replace("{FACTOR}", "2")
USING = "MODEL (name shop.users, kind FULL);\nSELECT @doubled(id) AS id FROM shop.stores\n"
SEED = "MODEL (name shop.cities, kind SEED (path '../seeds/cities.csv'));\n"


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def committed(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


@pytest.fixture
def repository(shop: Project) -> Project:
    """The shop with a macro, a seed and an old model, on a branch that leaves main."""
    shop.write("macros/double.py", MACRO)
    shop.write("macros/__init__.py", "")
    shop.write("models/using.sql", USING)
    shop.write("models/cities.sql", SEED)
    shop.write("seeds/cities.csv", "id,name\n1,rome\n")
    shop.write("models/old.sql", "MODEL (name shop.old, kind FULL);\nSELECT 1 AS x\n")
    shop.write("models/older.sql", "MODEL (name shop.older, kind FULL);\nSELECT 1 AS x\n")
    shop.write(".gitignore", ".cache\nlogs\n*.duckdb*\n__pycache__\n")
    shop.deploy()
    # What main has and prod lacks: drift, when a branch leaves here.
    shop.edit("models/totals.sql", "SUM(amount)::BIGINT", "(SUM(amount) + 1)::BIGINT")
    shop.remove("models/older.sql")
    git(shop.root, "init", "-q", "-b", "main")
    committed(shop.root, "main")
    git(shop.root, "checkout", "-q", "-b", "feature")
    return shop


def answer(engine: HostedEngine, **params: str) -> Origins:
    got = engine.get(looks.ROUTE.format(path="origins"), **params)
    assert got.status_code == 200, got.text
    return Origins.model_validate_json(got.content)


def by_short_name(origins: Origins) -> dict[str, bool | None]:
    return {
        name.replace('"', "").rpartition(".")[2]: origin.mine
        for name, origin in origins.models.items()
    }


def test_mine_and_drift_by_every_kind_of_file(repository: Project, runtime: Path) -> None:
    shop = repository
    shop.edit("macros/double.py", "* 2", "* 3")
    shop.write("seeds/cities.csv", "id,name\n1,rome\n2,oslo\n")
    shop.remove("models/old.sql")
    committed(shop.root, "mine")
    shop.edit("models/daily.sql", "SUM(amount)", "SUM(amount * 2)")  # not committed
    shop.write("models/fresh.sql", "MODEL (name shop.fresh, kind FULL);\nSELECT 2 AS x\n")
    with hosted(shop, runtime) as engine:
        engine.plan("dev")
        origins = answer(engine)
        assert (origins.against, origins.problem) == ("main", "")
        assert by_short_name(origins) == {
            "cities": True,  # its CSV
            "daily": True,
            "fresh": True,  # not even added to git
            "old": True,  # removed here
            "older": False,  # removed on main
            "totals": False,  # changed on main; hangs below daily, too
            "users": True,  # its macro
        }
        [users] = [each for name, each in origins.models.items() if "users" in name]
        assert users.files == ("macros/double.py",)

        nothing = answer(engine, ref="HEAD")
        assert nothing.against == "HEAD"
        assert by_short_name(nothing)["users"] is False
        assert by_short_name(nothing)["daily"] is True
        for reference in ("no-such", "--output=x", "main; rm -rf x", "\x00"):
            unknown = answer(engine, ref=reference)
            assert (unknown.against, unknown.models) == (None, {})
            assert unknown.problem

        check_labels(engine, shop)


def check_labels(engine: HostedEngine, shop: Project) -> None:
    """The key of a change follows its fingerprints, and nothing else."""

    def labels() -> Labels:
        engine.plan("dev")
        got = engine.get(looks.ROUTE.format(path="labels"))
        return Labels.model_validate_json(got.content)

    before, again = labels(), labels()
    assert before.models == again.models
    assert (before.project, before.plan_id != again.plan_id) == (again.project, True)
    assert len({label.change for label in before.models.values()}) == len(before.models)
    shop.write("models/stores.sql", STORES.replace("'north'", "'south'"))
    shop.edit("models/fresh.sql", "2 AS x", "3 AS x")
    after = labels()
    stores = next(label for name, label in after.models.items() if "stores" in name)
    assert (stores.tags, stores.owner, stores.path) == (("places",), "ann", "models/stores.sql")
    changed = {
        name.replace('"', "").rpartition(".")[2]
        for name, label in after.models.items()
        if before.models.get(name) != label
    }
    assert changed == {"fresh", "stores", "users"}
    assert after.project != before.project


def test_a_changed_configuration_leaves_it_open(repository: Project, runtime: Path) -> None:
    repository.edit("config.yaml", "start: 2024-01-01", "start: 2024-01-02")
    with hosted(repository, runtime) as engine:
        engine.plan("dev")
        origins = answer(engine)
        assert by_short_name(origins)["totals"] is None
        assert {each.reason for each in origins.models.values() if each.mine is None} == {
            "config.yaml changed, too."
        }


def test_without_a_repository_it_says_so(shop: Project, runtime: Path) -> None:
    shop.edit("models/daily.sql", "SUM(amount)", "SUM(amount * 2)")
    with hosted(shop, runtime) as engine:
        engine.plan("dev")
        origins = answer(engine)
        assert (origins.against, origins.models) == (None, {})
        assert "not in a git repository" in origins.problem


def test_a_shallow_clone_is_told_how_to_mend_it(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    (origin / "a").write_text("1")
    committed(origin, "1")
    git(origin, "checkout", "-q", "-b", "feature")
    (origin / "a").write_text("2")
    committed(origin, "2")
    git(origin, "checkout", "-q", "main")
    (origin / "a").write_text("3")
    committed(origin, "3")
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{origin}", "clone")
    git(clone, "checkout", "-q", "feature")
    with pytest.raises(NoBranchError, match="git fetch --unshallow"):
        branch_of(str(clone))


def test_no_main_branch_and_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "a").write_text("1")
    committed(tmp_path, "1")
    with pytest.raises(NoBranchError, match="There is no main branch"):
        branch_of(str(tmp_path))
    assert branch_of(str(tmp_path), "trunk").changed == frozenset()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBranchError, match="not installed"):
        branch_of(str(tmp_path))


def test_a_git_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "git"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(branch, "PATIENCE", 0.2)
    with pytest.raises(NoBranchError, match="did not answer"):
        branch_of(str(tmp_path))


def test_a_repository_can_not_have_programs_run(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a").write_text("1")
    committed(tmp_path, "1")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external"):
        git(tmp_path, "config", name, str(trap))
    (tmp_path / "a").write_text("2")
    assert branch_of(str(tmp_path), "HEAD").changed >= {str(tmp_path.resolve() / "a")}
    assert not (tmp_path / "sprung").exists()


def test_a_star_takes_the_origin_of_what_it_reads(repository: Project, runtime: Path) -> None:
    shop = repository
    shop.write("models/star.sql", "MODEL (name shop.star, kind FULL);\nSELECT * FROM shop.old\n")
    shop.deploy()
    committed(shop.root, "main, with a star")
    git(shop.root, "checkout", "-q", "-b", "another")
    shop.edit("models/old.sql", "1 AS x", "1 AS x, 2 AS y")
    with hosted(shop, runtime) as engine:
        found = answer_after_plan(engine)
    # SQLMesh calls it directly modified, though its own file is as it was.
    assert found["star"] is True


def answer_after_plan(engine: HostedEngine) -> dict[str, bool | None]:
    engine.plan("dev")
    return by_short_name(answer(engine, ref="HEAD"))
