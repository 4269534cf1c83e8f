"""A Spark session for compiled data flows: local by default, or at any master. Tables go in and out as Arrow.

The settings are those that the compiler's SQL is written for. Locally nothing listens but on 127.0.0.1, and nothing is
written to standard error; causes of failures come as :class:`SparkError`.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from dataflow_execution.arrow_functions import over_arrays
from dataflow_execution.arrow_types import with_zone
from dataflow_execution.errors import TOO_DEEP, is_too_deep, of_engines
from dataflow_execution.spark_master import check_master, is_cluster, is_on_this_machine
from dataflow_execution.spark_process import SparkProcess, SparkProcessError, start
from mapping_dataflow import SPARK, CompiledExpression, PythonFunction

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MEANING = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.caseSensitive": "true",
    "spark.sql.legacy.codingErrorAction": "true",
    "spark.sql.legacy.javaCharsets": "true",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",
}
"""What the compiler's SQL is written for."""

_RUNNING = {
    "spark.driver.memory": "2g",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
    "spark.sql.pyspark.jvmStacktrace.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(max(2, os.cpu_count() or 2)),
}
FEW_ROWS = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "1",
}
"""Settings for a few rows, where compiling takes longer than running: the session starts in half the time."""

_CHUNK = 100
"""Expressions in one query: enough to be fast, few enough for Java's limits on the size of a class."""

Result = TypeVar("Result")


class SparkError(Exception):
    """Spark could not do it; the text is the cause, without Java's stack."""


class OutsideOfPythonError(SparkError):
    """Spark has a value, a date or timestamp, that Python cannot hold."""


class SparkEngine:
    """A session of Spark. Use it as a context manager; there is one at a time in a process."""

    def __init__(self, master: str = "local[*]", settings: Mapping[str, str] | None = None) -> None:
        """Raises SparkProcessError when there is no Java, no such master or no session there."""
        check_master(master)
        self.is_cluster = is_cluster(master)
        here = is_on_this_machine(master)
        self._folder = Path(tempfile.mkdtemp(prefix="spark-"))
        self._known: set[str] = set()
        chosen = {"spark.master": master, **_RUNNING, **(_LOCAL if here else {}), **(settings or {}), **_MEANING}
        chosen["spark.sql.warehouse.dir"] = str(self._folder / "warehouse")
        if not self.is_cluster:  # whose nodes have folders of their own for it
            chosen["spark.local.dir"] = str(self._folder / "scratch")
        try:
            self._process: SparkProcess = start(chosen, self._folder, reachable=not here)
        except SparkProcessError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        try:
            self.session = _said(lambda: self._connected(chosen))
        except SparkError as error:
            self._end_process()
            raise SparkProcessError(f"Spark gives no session at {master}: {error}") from error

    def _connected(self, settings: Mapping[str, str]) -> SparkSession:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession

        logging.getLogger("SQLQueryContextLogger").disabled = True  # its errors are raised as well

        place = {"PYSPARK_GATEWAY_PORT": str(self._process.port), "PYSPARK_GATEWAY_SECRET": self._process.secret}
        if "PYSPARK_PYTHON" not in os.environ:
            place["PYSPARK_PYTHON"] = sys.executable  # functions in Python want our packages
        os.environ.update(place)
        try:
            # A cluster has settings of its own, in spark-defaults.conf.
            conf = SparkConf(loadDefaults=self.is_cluster).setAll(list(settings.items()))
            return SparkSession.builder.config(conf=conf).appName("data flow").getOrCreate()
        finally:
            for name in place:
                del os.environ[name]

    def close(self) -> None:
        """Stop the session and its Java process; temporary files are removed."""
        self.session.stop()
        self._end_process()

    def _end_process(self) -> None:
        from pyspark import SparkContext

        # pyspark keeps the connection of the process, and would use it for the next session.
        if SparkContext._gateway is not None:
            SparkContext._gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ tables

    def add_table(self, name: str, table: pa.Table) -> None:
        """Make the rows known under the name. Timestamps without a zone are taken as they stand."""
        frame = _said(lambda: self.session.createDataFrame(_zoned(table)))
        frame.createOrReplaceTempView("`" + name.replace("`", "``") + "`")

    def drop_table(self, name: str) -> None:
        """Forget the rows of that name."""
        self.session.catalog.dropTempView("`" + name.replace("`", "``") + "`")

    def rows(
        self, sql: str, bindings: Mapping[str, Any] | None = None, functions: Iterable[PythonFunction] = ()
    ) -> pa.Table:
        """The rows of a query; timestamps come without a zone. Raises SparkError."""
        self.register(functions)
        return _unzoned(_said(lambda: self.session.sql(sql, dict(bindings or {})).toArrow()))

    def register(self, functions: Iterable[PythonFunction]) -> None:
        """Make functions in Python callable from SQL."""
        from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]  # its stub lacks it

        for function in functions:
            if function.name not in self._known:
                made = arrow_udf(_vectorised(function), SPARK.type_name(function.result))
                self.session.udf.register(function.name, made)
                self._known.add(function.name)

    # ------------------------------------------------------------ expressions

    def values(self, expressions: Sequence[CompiledExpression]) -> list[object | SparkError]:
        """The values of expressions without columns, many in one job; maps come as dicts.

        An error stands in the place of the expression that has it, and of no other.
        """
        self.register(function for one in expressions for function in one.python_functions)
        found: list[object | SparkError] = []
        for first in range(0, len(expressions), _CHUNK):
            found += self._values([one.sql for one in expressions[first : first + _CHUNK]])
        return found

    def _values(self, expressions: Sequence[str]) -> list[object | SparkError]:
        """One query; when it fails, each half of it, until the failing ones are alone."""
        items = ", ".join(f"{sql} AS value_{number}" for number, sql in enumerate(expressions))
        try:
            row = self.rows(f"SELECT {items}")
        except SparkError as error:
            if len(expressions) == 1:
                return [error]
            half = len(expressions) // 2
            return [*self._values(expressions[:half]), *self._values(expressions[half:])]
        return [_python_value(column) for column in row.columns]


# ---------------------------------------------------------------- Arrow


def _python_value(column: pa.ChunkedArray[Any]) -> object | OutsideOfPythonError:
    """The only value of a column, maps as dicts."""
    try:
        value: object = column[0].as_py(maps_as_pydicts="strict")
    except (OverflowError, ValueError) as error:
        return OutsideOfPythonError(str(error))
    return value


def _zoned(table: pa.Table) -> pa.Table:
    """The language's timestamps are Spark's TIMESTAMP in a session at UTC."""
    return table.cast(pa.schema([field.with_type(with_zone(field.type, "UTC")) for field in table.schema]))


def _unzoned(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([field.with_type(with_zone(field.type, None)) for field in table.schema]))


def _vectorised(function: PythonFunction) -> Callable[..., Any]:
    """The function over Spark's arrays, whose timestamps have a zone."""
    computed = over_arrays(function)

    def called(*columns: Any) -> Any:
        result = computed(*(column.cast(with_zone(column.type, None)) for column in columns))
        return result.cast(with_zone(result.type, "UTC"))

    called.__annotations__ = {}  # Spark would read from them what kind of function it is, and knows no ``*columns``
    return called


# ---------------------------------------------------------------- errors


def _said(action: Callable[[], Result]) -> Result:
    """What the action gives. Raises SparkError with the cause of a failure."""
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark warns of its own calls of pandas, and leaves sockets open
        try:
            return action()
        except PySparkException as error:
            message = error.getMessage() or str(error)
        except Py4JError as error:
            message = str(error)
        # The failure holds calls with open sockets: they go while nobody is warned of them.
        gc.collect()
    raise SparkError(cause(message))


def cause(message: str) -> str:
    """What a message of Spark says, without stacks, error classes and hints at its settings."""
    if is_too_deep(message):
        return TOO_DEEP
    from_python = re.findall(r"^(?!org\.|java\.)([\w.]*(?:Error|Exception)\w*): (.+)$", message, re.MULTILINE)
    if "Traceback (most recent call last)" in message and from_python:
        return str(from_python[-1][1])
    from_java = re.findall(r"^(?:Caused by|): [\w.$]+: (.+)$", message, re.MULTILINE)
    if message.startswith("An error occurred while calling") and from_java:
        return str(from_java[-1])  # the innermost, which the others only pass on
    text = re.split(r"\n\s*at [\w.$]+\(|\n\nJVM stacktrace|; line \d+ pos \d+|\n== SQL", message)[0]
    text = re.sub(r"^\[[A-Z0-9_.]+\]\s*", "", text.strip())
    return of_engines(re.sub(r"\s*SQLSTATE: \w+", "", text).strip())
