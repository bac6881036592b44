"""A project in which everything that can carry text carries what a terminal would obey."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.engine.projects import Project

TITLE = "\x1b]0;owned\x07"
"""Renames the window."""
COLOURS = "\x1b[1;5;7;35;41m"
"""Blinks, in colours that the app has not."""
ORDERS = f"{TITLE}{COLOURS}\x9b2J\x90q\x85\u202elr\u2066i\u200bz\u2028p\ufeff\x08\r[bold red]m"
"""What a file name may hold, too: no slash, no NUL."""
CLOSING = "[/nope][@click=app.quit]go[/]\x00"
"""Markup that ends nothing and a link that quits, and a NUL."""

SEQUENCES = re.compile(
    rb"\x1b\[[0-9;:]*m"  # colours
    rb"|\x1b\[[0-9;]*[HABCDJK]"  # where the cursor is, and what is cleared
    rb"|\x1b\[\??[0-9;]*\$?[hlp]|\x1b\[[<>=]?[0-9;]*[ucnsqt]"  # modes, and questions
    rb"|\x1b\[\?[0-9;]*[nu]|\x1b[78=>]|\x1b\(B"
    rb"|\x1b\]52;c;[A-Za-z0-9+/=]*(\x07|\x1b\\)"  # what was copied
    rb"|\x1b\]9;plan_tui: [^\x1b\x07]*\x1b\\\x07"  # what a notification says, and its bell
    rb"|\x1b\]22;[a-z]*\x07"  # the shape of the mouse pointer
    rb"|\x1b_G[^\x1b]*\x1b\\|\x1bP\+q[0-9A-Fa-f;]*\x1b\\"
    rb"|\x1b(\[[?<>=]?[0-9;:]*)?\Z"  # what was read so far may end in the middle of one
)
"""All that the app itself says to a terminal."""
OBEYED = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
"""What is left over must hold none of these; a line feed and a carriage return may stand."""


def orders(tag: str, *, in_data: bool = True) -> str:
    """Text that begins with a tag by which a test finds it again."""
    return f"{tag}{ORDERS}{CLOSING if in_data else ''}"


def hostile_in(written: bytes) -> list[str]:
    """What a terminal would obey or hide, in what a program wrote to it."""
    left = SEQUENCES.sub(b"", written).decode("utf-8", "replace")
    found = [left[max(0, m.start() - 30) : m.end() + 30] for m in OBEYED.finditer(left)]
    return [*found, *(order for order in (TITLE, COLOURS) if order.encode() in written)]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


CONFIG = """\
gateways:
  {gateway}:
    connection:
      type: duckdb
      database: {database}
default_gateway: {gateway}
disable_anonymized_analytics: true
linter:
  enabled: true
  warn_rules: ALL
model_defaults:
  dialect: duckdb
  start: 2024-01-01
"""
PLACES = "MODEL (name shop.places, kind SEED (path '../seeds/places.csv'));\n"
STORES = """\
MODEL (name shop.stores, kind FULL, owner {owner}, description {description},
  column_descriptions (id = {column}));
SELECT 1::INT AS id, /* {comment} */ {value}::TEXT AS name
"""
FAILS = """\
import pandas as pd
from sqlmesh import model


@model("shop.fails", kind="FULL", columns={{"x": "int"}})
def execute(context, start, end, execution_time, **kwargs):
    print({said!r})
    raise ValueError({error!r})
"""
AUDITED = """\
MODEL (name shop.audited, kind FULL, audits ({name}));
SELECT 1::INT AS x;
AUDIT (name {name});
SELECT *, {value} AS why FROM @this_model
"""
RULE = """\
from sqlmesh.core.linter.rule import Rule


class Complains(Rule):
    def check_model(self, model):
        return self.violation({text!r}) if "stores" in model.name else None


Complains.name, Complains.__doc__ = {name!r}, {text!r}
"""
TEST = {
    "model": "shop.stores",
    "inputs": {},
    "outputs": {"query": [{"id": 2, "name": "no"}]},
}
"""A unit test that fails."""


def branch() -> str:
    """What git takes for the name of a branch."""
    return re.sub(r"[\x00-\x20\x7f~^:?*\[\\]|\[.*", "", orders("qbranch", in_data=False))


def under_git(project: Project) -> None:
    """Commits the project as it is to a branch whose name gives orders."""
    author = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "core.autocrlf=no")
    for command in (
        ("init", "--quiet", "--initial-branch=work"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=deployed"),
        ("branch", branch()),
    ):
        git = ["git", *author, "-C", os.fspath(project.root), *command]
        subprocess.run(git, check=True, timeout=60)


def harmless(root: Path) -> Project:
    """The project as it is deployed; its directory has a name that gives orders itself."""
    project = Project(root / orders("qdir", in_data=False))
    # YAML is a superset of JSON, whose escapes it reads.
    gateway = json.dumps(orders("qgate"))
    project.write("config.yaml", CONFIG.format(gateway=gateway, database=root / "lake.duckdb"))
    project.write("models/places.sql", PLACES)
    project.write("seeds/places.csv", "id,name\n1,north\n")
    project.write("models/stores.sql", "MODEL (name shop.stores, kind FULL); SELECT 1::INT AS id")
    return project


def make_hostile(project: Project) -> None:
    """Changes what was deployed, so that a plan shows all of it."""
    project.write("seeds/places.csv", f'id,name\n1,"{orders("qseed", in_data=False)}"\n')
    stores = STORES.format(
        owner=_quoted(orders("qowner")),
        description=_quoted(orders("qdesc")),
        column=_quoted(orders("qcolumn")),
        comment=orders("qcomment").replace("*/", "") + "long" * 250_000,
        value=_quoted(orders("qvalue")),
    )
    project.write("models/stores.sql", stores)
    name = orders("qmodel", in_data=False)
    project.write(
        f"models/{orders('qfile', in_data=False)}.sql",
        f'MODEL (name shop."{name}", kind VIEW); SELECT 1::INT AS "{orders("qname")}"',
    )
    project.write("models/fails.py", FAILS.format(said=orders("qsaid"), error=orders("qerror")))
    audit = '"' + orders("qrows", in_data=False) + '"'
    value = _quoted(orders("qaudit"))
    project.write("models/audited.sql", AUDITED.format(name=audit, value=value))
    rule = RULE.format(text=orders("qlint"), name=orders("qrule"))
    project.write("linter/complains.py", rule)
    case = {**TEST, "description": orders("qcase")}
    project.write("tests/test_stores.yaml", json.dumps({orders("qtest"): case}))
    project.write(
        f"models/{orders('qbroken', in_data=False)}.sql",
        f"MODEL (name shop.broken, kind VIEW); SELECT FROM FROM {_quoted(orders('qparse'))}",
    )
