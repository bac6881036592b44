"""A simple forecast: next week is like the same weekdays before."""

import typing as t
from datetime import datetime

import pandas as pd
from sqlglot import exp
from sqlmesh import ExecutionContext, model

WEEKS_LOOKED_AT = 4


@model(
    "marts.sales_forecast",
    kind="FULL",
    owner="finance",
    tags=["finance"],
    description="Expected revenue of each store for the seven days to come.",
    grain=["forecast_for", "store_id"],
    columns={"forecast_for": "DATE", "store_id": "INT", "revenue_cents": "BIGINT"},
    audits=[("not_null", {"columns": [exp.column("store_id"), exp.column("revenue_cents")]})],
)
def execute(
    context: ExecutionContext,
    start: datetime,
    end: datetime,
    execution_time: datetime,
    **kwargs: t.Any,
) -> t.Iterator[pd.DataFrame]:
    daily_sales = context.resolve_table("marts.daily_sales")
    sales = context.fetchdf(f"SELECT sold_on, store_id, revenue_cents FROM {daily_sales}")
    if sales.empty:
        yield from ()
        return
    sales["sold_on"] = pd.to_datetime(sales["sold_on"])
    last_day = sales["sold_on"].max()
    recent = sales[sales["sold_on"] > last_day - pd.Timedelta(weeks=WEEKS_LOOKED_AT)]
    recent = recent.assign(weekday=recent["sold_on"].dt.dayofweek)
    usual = recent.groupby(["store_id", "weekday"], as_index=False)["revenue_cents"].mean()
    days = pd.DataFrame({"forecast_for": pd.date_range(last_day, periods=8, freq="D")[1:]})
    days["weekday"] = days["forecast_for"].dt.dayofweek
    forecast = days.merge(usual, on="weekday")
    forecast["revenue_cents"] = forecast["revenue_cents"].round().astype("int64")
    forecast["forecast_for"] = forecast["forecast_for"].dt.date
    yield forecast[["forecast_for", "store_id", "revenue_cents"]]
