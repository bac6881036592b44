"""Customers by what they spend and how lately they came."""

import typing as t
from datetime import datetime

import pandas as pd
from sqlglot import exp
from sqlmesh import ExecutionContext, model


@model(
    "marts.customer_segments",
    kind="FULL",
    owner="growth",
    tags=["growth", "pii"],
    description="The segment of each customer that the newsletter is written for.",
    grain="customer_id",
    columns={"customer_id": "INT", "segment": "TEXT", "spent_euros": "DOUBLE"},
    audits=[("unique_values", {"columns": [exp.column("customer_id")]})],
)
def execute(
    context: ExecutionContext,
    start: datetime,
    end: datetime,
    execution_time: datetime,
    **kwargs: t.Any,
) -> pd.DataFrame:
    customer_value = context.resolve_table("marts.customer_value")
    customers = context.fetchdf(f"SELECT customer_id, orders, spent_cents FROM {customer_value}")
    customers["spent_euros"] = customers["spent_cents"] / 100.0
    customers["segment"] = "regular"
    customers.loc[customers["spent_euros"] >= 2000, "segment"] = "champion"
    customers.loc[customers["orders"] == 0, "segment"] = "sleeping"
    return customers[["customer_id", "segment", "spent_euros"]]
