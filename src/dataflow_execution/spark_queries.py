"""Spark as what computes the queries of a flow: tables go there and rows come back as Parquet files, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.query_engines import Query
from dataflow_execution.spark_session import SparkEngine, cause
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import SPARK, engine_type

_SETTINGS = {
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
"""The language's timestamps are Spark's TIMESTAMP in a session at UTC, in files as well."""
_SHARED = "set TMPDIR to a folder that this machine and all nodes of the cluster share"
_INSTALLED = "install this project in the Python of the nodes, and name it in PYSPARK_PYTHON"


def started_spark(master: str = "local[*]") -> SparkEngine:
    """A session of Spark whose files SparkQueries reads and writes; whoever starts it closes it.

    Raises SparkProcessError.
    """
    return SparkEngine(master, _SETTINGS)


class SparkQueries:
    """Queries of one flow in a session of Spark, beside a connection of DuckDB whose time zone it sets to UTC."""

    compiler = SPARK

    def __init__(self, spark: SparkEngine, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._spark = spark
        self._connection = connection
        self._folder = folder
        self._count = 0
        connection.execute("SET TimeZone = 'UTC'")

    def take(self, relations: Iterable[str]) -> None:
        """Writes the views as Parquet and reads them in Spark."""
        for relation in relations:
            target = self._next_folder()
            target.mkdir(parents=True)
            self._connection.execute(
                f"COPY (SELECT * FROM {identifier(relation)}) TO {quoted(target / 'rows.parquet')} (FORMAT parquet)"
            )
            with self._told():
                frame = self._spark.session.read.parquet(str(target))
                frame.createOrReplaceTempView("`" + relation.replace("`", "``") + "`")

    def rows(self, query: Query, marks: Sequence[str] = ()) -> Rows:
        """Computes the query in Spark; its rows are read from files. Raises DataFlowRunError."""
        target = self._next_folder()
        self._spark.register(query.python_functions)
        with self._told():
            self._spark.session.sql(query.sql, dict(query.bindings)).write.parquet(str(target))
        if not any(target.glob("*.parquet")):
            raise DataFlowRunError(f"Spark's nodes wrote no rows below {self._folder}", hint=_SHARED)
        pieces = [
            f"CAST({identifier(column.key)} AS {engine_type(column.type)}) AS {identifier(column.key)}"
            for column in query.columns
        ]
        pieces += [identifier(mark) for mark in marks]
        return Rows(f"SELECT {', '.join(pieces)} FROM read_parquet({quoted(target / '*.parquet')})")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Failures of Spark as DataFlowRunError."""
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]
        from pyspark.errors import PySparkException

        try:
            yield
        except (PySparkException, Py4JError) as error:
            message = str(error)
            raise DataFlowRunError(cause(message), hint=self._hint(message)) from error

    def _hint(self, message: str) -> str:
        """What may be wrong with a cluster, whose nodes have other disks and another Python."""
        if not self._spark.is_cluster:
            return ""
        return _SHARED if str(self._folder) in message else _INSTALLED if "No module named" in message else ""

    def load_functions(self) -> None:
        """Nothing: Spark knows each before its query."""

    def _next_folder(self) -> Path:
        self._count += 1
        return self._folder / f"spark-{self._count}"
