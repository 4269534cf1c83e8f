"""The pytest plugin: the fixture ``dataflow_case``, with which users test their data flows (docs/guides).

What runs flows is loaded with the first case, so that test runs without one do not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dataflow_execution.flow_case import DataFlowCase, EngineFor

_ENGINES = ("duckdb", "spark")
_SPARK = pytest.StashKey[Any]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --dataflow-engine."""
    parser.addoption(
        "--dataflow-engine",
        choices=_ENGINES,
        default="duckdb",
        help="What computes the rows of data flows under test, where a test does not say.",
    )


@pytest.fixture
def dataflow_case(request: pytest.FixtureRequest) -> Iterator[Callable[..., DataFlowCase]]:
    """Makes a data flow under test: ``dataflow_case(path, parameters={…}, engine="duckdb")``.

    The path is relative to the root of the tests' configuration. ``source(name, rows)`` gives rows, ``sink(name)`` and
    ``stream(name)`` are the rows that come out.
    """
    from dataflow_execution.flow_case import DataFlowCase

    made: list[DataFlowCase] = []

    def make(
        path: str | Path, parameters: Mapping[str, object] | None = None, engine: str | None = None
    ) -> DataFlowCase:
        chosen = engine or str(request.config.getoption("--dataflow-engine"))
        if chosen not in _ENGINES:
            raise ValueError(f"{chosen!r} is no engine; expected one of {', '.join(_ENGINES)}")
        found = _spark_for(request.config) if chosen == "spark" else None
        made.append(DataFlowCase(request.config.rootpath / path, parameters, found))
        return made[-1]

    yield make
    for case in made:
        case.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends Spark, if it was started."""
    spark = config.stash.get(_SPARK, None)
    if spark is not None:
        spark.close()


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Rows that differ are told as tables."""
    if op != "==" or "FlowRows" not in (type(left).__name__, type(right).__name__):
        return None
    from dataflow_execution.flow_case import FlowRows, comparison

    if isinstance(left, FlowRows):
        return comparison(left, right)
    return comparison(right, left) if isinstance(right, FlowRows) else None


def _spark_for(config: pytest.Config) -> EngineFor:
    """Spark, started once for all tests."""
    from dataflow_execution.spark_queries import SparkQueries, started_spark

    if _SPARK not in config.stash:
        config.stash[_SPARK] = started_spark("local[2]")
    spark = config.stash[_SPARK]
    return lambda connection, folder: SparkQueries(spark, connection, folder)
