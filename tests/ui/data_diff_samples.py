"""Offers to compare data and what was found, and ports that know them."""

from __future__ import annotations

from plan_tui.contract.data_diff import ColumnData, DataDiff, DataDiffOffer, DataSide, RowSample

from . import review_samples as made
from .fake_port import FakePort

NAME = '"lake"."shop"."orders"'
PROD = DataSide(label="prod", table='"lake"."shop"."orders"')
DEV = DataSide(label="dev", table='"lake"."shop__dev"."orders"')


def offer(after: DataSide = DEV, **given: object) -> DataDiffOffer:
    return DataDiffOffer.model_validate(
        {
            "plan_id": "p",
            "name": NAME,
            "view_name": "shop__dev.orders",
            "before": PROD,
            "after": after,
            "on": ("id",),
            "time_column": "ds",
            "warehouse": "duckdb",
            "refusal": after.missing,
            **given,
        }
    )


def found() -> DataDiff:
    return DataDiff(
        plan_id="p",
        name=NAME,
        before=PROD,
        after=DEV,
        on=("id",),
        where="",
        limit=20,
        before_rows=31_204,
        after_rows=31_310,
        equal_rows=31_000,
        changed_rows=198,
        before_only=6,
        after_only=112,
        columns=(
            ColumnData(name="id", before="INT", after="INT"),
            ColumnData(name="amount", before="INT", after="INT", matching=99.9999),
            ColumnData(name="word", before="TEXT", after="TEXT", matching=100),
            ColumnData(name="more", after="INT"),
            ColumnData(name="gone", before="DATE"),
        ),
        changed=RowSample(
            columns=("id", "amount before", "amount after"),
            rows=(("5", "10", "11"), ("6", "12", None)),
        ),
        only_before=RowSample(columns=("id", "amount"), rows=(("1", "2"),)),
    )


def port_with(offered: DataDiffOffer) -> FakePort:
    port = made.port_on(made.reviewing(plan=made.plan(environment="dev")))
    port.looks[("data-diff-offer", "")] = offered
    port.looks[("data-diff", "")] = found()
    return port
