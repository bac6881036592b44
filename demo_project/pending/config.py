"""The shop's SQLMesh project: where it runs and how it is planned."""

import os
from pathlib import Path

from sqlmesh.core.config import (
    AutoCategorizationMode,
    CategorizerConfig,
    Config,
    DuckDBConnectionConfig,
    GatewayConfig,
    LinterConfig,
    ModelDefaultsConfig,
    PlanConfig,
    PostgresConnectionConfig,
)

# Beside this file, so that the project is the same from every working directory.
SHOP_DATABASE = Path(__file__).resolve().parent / "shop.duckdb"


def postgres(database: str) -> PostgresConnectionConfig:
    """A Postgres database of the shop, as the environment variables SHOP_PG_* say."""
    return PostgresConnectionConfig(
        host=os.environ["SHOP_PG_HOST"],
        port=int(os.environ.get("SHOP_PG_PORT", "5432")),
        user=os.environ.get("SHOP_PG_USER", "shop"),
        password=os.environ.get("SHOP_PG_PASSWORD", ""),
        database=database,
    )


gateways = {"local": GatewayConfig(connection=DuckDBConnectionConfig(database=str(SHOP_DATABASE)))}

# SQLMesh loads the driver of every gateway, so this one is there only once it is filled in:
# SHOP_PG_HOST=... SHOP_PG_PASSWORD=... plan-tui --gateway warehouse
if os.environ.get("SHOP_PG_HOST"):
    gateways["warehouse"] = GatewayConfig(
        connection=postgres(os.environ.get("SHOP_PG_DATABASE", "shop")),
        state_connection=postgres(os.environ.get("SHOP_PG_STATE_DATABASE", "shop_state")),
    )

config = Config(
    project="shop",
    gateways=gateways,
    default_gateway="local",
    default_target_environment="dev",
    disable_anonymized_analytics=True,
    model_defaults=ModelDefaultsConfig(dialect="duckdb", start="2025-11-01", cron="@daily"),
    plan=PlanConfig(
        # A preview of a forward-only change would let every plan for dev start at yesterday.
        enable_preview=False,
        # A changed query is breaking unless it only adds columns. What a Python model or a seed
        # does to those who read it is for a person to say.
        auto_categorize_changes=CategorizerConfig(
            sql=AutoCategorizationMode.FULL,
            external=AutoCategorizationMode.FULL,
            python=AutoCategorizationMode.SEMI,
            seed=AutoCategorizationMode.SEMI,
        ),
    ),
    linter=LinterConfig(
        enabled=True,
        rules={"ambiguousorinvalidcolumn", "invalidselectstarexpansion", "noselectstar"},
        warn_rules={"nomissingaudits"},
    ),
    variables={
        # Baskets drawn per batch by the simulation in marts.product_pairs.
        "simulated_baskets": 40_000_000,
    },
    before_all=[
        "CREATE SCHEMA IF NOT EXISTS pos",
        "@create_door_counts()",
        "CREATE TABLE IF NOT EXISTS pos.deployments (environment TEXT, deployed_at TIMESTAMP)",
    ],
    after_all=[
        "INSERT INTO pos.deployments VALUES (@this_env, CURRENT_TIMESTAMP::TIMESTAMP)",
        "DELETE FROM pos.deployments WHERE deployed_at < CURRENT_DATE - INTERVAL '90' DAY",
    ],
)
