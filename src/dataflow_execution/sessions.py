"""Sessions of the engines, by name. An engine is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dataflow_execution.expression_values import ExpressionSession


class SessionError(Exception):
    """The engine is unknown or cannot be started; the text says why."""


def _duckdb() -> ExpressionSession:
    from dataflow_execution.duckdb_expressions import DuckdbExpressions

    return DuckdbExpressions()


def _spark() -> ExpressionSession:
    try:
        from dataflow_execution.spark_expressions import SparkExpressions
        from dataflow_execution.spark_process import SparkProcessError
    except ImportError as error:
        raise SessionError(f"Spark is not installed: {error}") from error
    try:
        return SparkExpressions()
    except ImportError as error:
        raise SessionError(f"Spark is not installed: {error}") from error
    except SparkProcessError as error:
        raise SessionError(str(error)) from error


_SESSIONS: Mapping[str, Callable[[], ExpressionSession]] = {"duckdb": _duckdb, "spark": _spark}
ENGINES = tuple(_SESSIONS)
"""Names of the engines, the default first."""


def open_session(engine: str) -> ExpressionSession:
    """A session of an engine of ENGINES. Raises SessionError."""
    if engine not in _SESSIONS:
        raise SessionError(f"there is no engine {engine!r}, only {' and '.join(ENGINES)}")
    return _SESSIONS[engine]()
