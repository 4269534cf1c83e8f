"""Runs scripts and expressions of data flows in Spark: one small local session for the whole run of the tests."""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from decimal import Context
from decimal import Decimal as PythonDecimal
from functools import cache
from typing import Any

import pyarrow as pa
from dataflow_bench import Row, Table, columns_of, compile_script, data_type

from dataflow_execution.arrow_types import arrow_type
from dataflow_execution.spark_session import FEW_ROWS, SparkEngine, SparkError
from mapping_dataflow import SPARK, CompiledSink, MappingDataFlowErrors, compile_expression, relation_columns
from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import DataType

_OTHER_ZONE = " -Duser.timezone=Asia/Seoul"
"""Java's zone is not UTC on purpose: no result may depend on it."""


@cache
def spark() -> SparkEngine:
    """The session; it ends with the program."""
    options = FEW_ROWS["spark.driver.extraJavaOptions"] + _OTHER_ZONE
    engine = SparkEngine("local[2]", {**FEW_ROWS, "spark.driver.extraJavaOptions": options})
    atexit.register(engine.close)
    return engine


def spark_values(texts: Sequence[str]) -> list[Any]:
    """The values of expressions without columns, computed by Spark in few jobs; errors stand among them."""
    found: list[Any] = []
    for text in texts:
        try:
            found.append(compile_expression(text, SPARK))
        except MappingDataFlowErrors as errors:
            found.append(errors)
    compiled = [one for one in found if not isinstance(one, MappingDataFlowErrors)]
    values = iter(spark().values(compiled))
    return [one if isinstance(one, MappingDataFlowErrors) else next(values) for one in found]


def spark_tree(sql: str) -> str:
    """Spark's own tree of a query, before anything in it is looked up."""
    session: Any = spark().session
    return str(session._jsparkSession.sessionState().sqlParser().parsePlan(sql).toString())


def run_script_on_spark(
    script: str,
    sources: Mapping[str, Table],
    parameters: Mapping[str, object] | None = None,
    flowlets: Mapping[str, str] | None = None,
) -> dict[str, Table]:
    """What every sink of a script receives. Raises MappingDataFlowErrors and SparkError."""
    columns = {name: table.columns for name, table in sources.items()}
    flow = compile_script(script, columns, parameters, flowlets=flowlets, engine=SPARK)
    for name, table in sources.items():
        spark().add_table(name, arrow_table(table))
    try:
        return {sink.stream: Table(columns_of(sink), rows_of_sink(sink)) for sink in flow.sinks}
    finally:
        for name in sources:
            spark().drop_table(name)


def rows_of_sink(sink: CompiledSink) -> list[Row]:
    """The rows of a sink whose sources are known to the session."""
    return _rows(spark().rows(sink.sql, sink.bindings, sink.python_functions))


def _rows(table: pa.Table) -> list[Row]:
    columns = [column.to_pylist(maps_as_pydicts="strict") for column in table.columns]
    return list(zip(*columns, strict=True)) if columns else []


def arrow_table(table: Table) -> pa.Table:
    """The rows as Arrow."""
    kinds = [data_type(kind) for kind in table.columns.values()]
    arrays = [
        pa.array([_held(row[place], kind) for row in table.rows], type=arrow_type(kind))
        for place, kind in enumerate(kinds)
    ]
    return pa.Table.from_arrays(arrays, names=list(relation_columns(table.columns)))


def _held(value: Any, kind: DataType) -> Any:
    """A value of a table as Arrow takes it."""
    if value is None:
        return None
    match kind:
        case datatypes.Array():
            return [_held(item, kind.element) for item in value]
        case datatypes.Struct():
            return {name: _held(value.get(name), inner) for name, inner in kind.fields}
        case datatypes.Map():
            return [(_held(key, kind.key), _held(item, kind.value)) for key, item in value.items()]
        case datatypes.Decimal():
            return PythonDecimal(value).quantize(PythonDecimal(1).scaleb(-kind.scale), context=Context(prec=60))
    return value


__all__ = ["SparkError", "arrow_table", "run_script_on_spark", "spark", "spark_tree", "spark_values"]
