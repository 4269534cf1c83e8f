"""Values of expressions in Spark, in a local session."""

from __future__ import annotations

from collections.abc import Sequence

from dataflow_execution.expression_values import NO_DATE, ExpressionValue, compiled
from dataflow_execution.spark_session import FEW_ROWS, OutsideOfPythonError, SparkEngine, SparkError
from mapping_dataflow import SPARK, CompiledExpression


class SparkExpressions:
    """A session of Spark on this machine. Raises SparkProcessError when it cannot be started."""

    def __init__(self) -> None:
        self._engine = SparkEngine(settings=FEW_ROWS)

    def evaluate(self, expressions: Sequence[str]) -> list[ExpressionValue]:
        """One result for each expression, in order; all of them are one job where none fails."""
        found = [compiled(text, SPARK) for text in expressions]
        ready = [one for one in found if isinstance(one, CompiledExpression)]
        values = iter(self._engine.values(ready) if ready else [])
        return [one if isinstance(one, ExpressionValue) else _result(one, next(values)) for one in found]

    def close(self) -> None:
        """Stop the session and its Java process."""
        self._engine.close()


def _result(expression: CompiledExpression, value: object) -> ExpressionValue:
    if isinstance(value, OutsideOfPythonError):
        return ExpressionValue(error=NO_DATE)
    if isinstance(value, SparkError):
        return ExpressionValue(error=f"running the expression: {value}")
    return ExpressionValue(expression.type, value)
