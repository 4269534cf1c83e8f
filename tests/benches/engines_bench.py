"""The same scripts and expressions on every engine, by the engine's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import duckdb
from dataflow_bench import Table, evaluate, run_script
from spark_bench import run_script_on_spark, spark_values

from mapping_dataflow import MappingDataFlowErrors

ENGINES = ("duckdb", "spark")
RUN_SCRIPT: Mapping[str, Callable[..., dict[str, Table]]] = {"duckdb": run_script, "spark": run_script_on_spark}


def _duckdb_value(text: str) -> Any:
    try:
        return evaluate(text)
    except (MappingDataFlowErrors, duckdb.Error) as error:
        return error


@cache
def _values(engine: str, texts: tuple[str, ...]) -> Mapping[str, Any]:
    if engine == "duckdb":
        return {text: _duckdb_value(text) for text in texts}
    return dict(zip(texts, spark_values(texts), strict=True))


def value(engine: str, text: str, among: tuple[str, ...]) -> Any:
    """The value of an expression, which is computed together with all those it is among; raises its error."""
    found = _values(engine, among)[text]
    if isinstance(found, Exception):
        raise found
    return found
