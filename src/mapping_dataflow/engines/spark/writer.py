"""Writes typed expressions as Spark SQL."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import Array, DataType, Map, Struct, is_number
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.expression_writer import ExpressionWriter
from mapping_dataflow.engines.spark.aggregates import AGGREGATES, IN_WINDOWS
from mapping_dataflow.engines.spark.conversions import CONVERSIONS
from mapping_dataflow.engines.spark.functions import CAPABILITIES
from mapping_dataflow.engines.spark.limits import calls_python, check_python
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql, struct
from mapping_dataflow.expressions import Call, Lambda, TypedExpression


class SparkExpressions(ExpressionWriter):
    """Writes expressions as Spark SQL."""

    capabilities = CAPABILITIES
    conversions = CONVERSIONS
    outer = False
    """What is written is the condition of a join that keeps rows without a partner."""
    _lambdas = 0

    def write(self, expression: TypedExpression) -> exp.Expression:
        """The SQL of a typed expression. Raises ProblemFound for what Spark cannot do."""
        if not isinstance(expression, Lambda):
            return super().write(expression)
        self._lambdas += 1
        try:
            return super().write(expression)
        finally:
            self._lambdas -= 1

    def literal(self, value: object, kind: DataType) -> exp.Expression:
        """A constant as SQL of exactly its type."""
        return literal(value, kind)

    def first_item(self, array: exp.Expression) -> exp.Expression:
        """``element_at(array, 1)``."""
        return sql("element_at(_1, 1)", [array])

    def binds(self, body: exp.Expression) -> bool:
        """False for what is computed in Python, which Spark does not call for the items of an array."""
        return not calls_python(body)

    def parameter(self, name: str) -> exp.Expression:
        """``:name``."""
        return exp.Placeholder(this=name)

    def computed(self, call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        """The call; some aggregates are computed in another way over a window."""
        over_window = IN_WINDOWS.get(call.function) if self.windows is not None else None
        written = over_window(call, arguments) if over_window else super().computed(call, arguments)
        check_python(call, written, in_lambda=self._lambdas > 0, outer=self.outer)
        return written

    def windowed(self, result: exp.Expression, window: exp.Window) -> exp.Expression:
        """The calculation with each of its aggregates over the window."""
        if _is_aggregate(result):
            over = window.copy()
            over.set("this", result)
            return over
        for part in [one for one in result.iter_expressions() if isinstance(one, exp.Expression)]:
            part.replace(self.windowed(part.copy(), window))
        return result


def _is_aggregate(node: exp.Expression) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in AGGREGATES
    return isinstance(node, exp.Func) and any(name.lower() in AGGREGATES for name in node.sql_names())


def literal(value: object, kind: DataType) -> exp.Expression:
    """A constant as SQL of exactly its type."""
    if value is None:
        return cast(exp.null(), kind)
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if is_number(kind):
        plain = str(kind) == "integer" and isinstance(value, int) and 0 <= value < 1 << 31
        return exp.Literal.number(str(value)) if plain else cast(text(str(value)), kind)
    if isinstance(value, datetime.datetime):
        return cast(text(value.isoformat(sep=" ", timespec="microseconds")), kind)
    if isinstance(value, datetime.date):
        return cast(text(value.isoformat()), kind)
    if isinstance(value, bytes):
        return sql("unhex(_1)", [text(value.hex())])
    if isinstance(value, list | tuple) and isinstance(kind, Array):
        return cast(named_call("array", *(literal(item, kind.element) for item in value)), kind)
    if isinstance(value, dict) and isinstance(kind, Struct):
        return struct([(name, literal(value.get(name), inner)) for name, inner in kind.fields])
    if isinstance(value, dict) and isinstance(kind, Map):
        entries = [part for key, item in value.items() for part in (literal(key, kind.key), literal(item, kind.value))]
        return cast(named_call("map", *entries), kind)
    return text(str(value))
