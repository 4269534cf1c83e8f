"""Writes typed expressions as DuckDB SQL."""

from __future__ import annotations

import datetime
from decimal import Decimal as PythonDecimal
from math import isfinite

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import (
    Array,
    DataType,
    Decimal,
    Map,
    Struct,
    fields_alike,
    is_complex,
    is_number,
)
from mapping_dataflow.engines.base import fill, parsed, wrapped
from mapping_dataflow.engines.duckdb.conversions import CONVERSIONS, struct
from mapping_dataflow.engines.duckdb.functions import CAPABILITIES
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.engines.expression_writer import ExpressionWriter
from mapping_dataflow.engines.python_functions import PYTHON_FUNCTIONS
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Convert, StructOf, TypedExpression

_SAME_TYPE = frozenset(
    """abs bitwiseAnd bitwiseOr bitwiseXor case coalesce elementAt find first greatest iif iifNull lag last lead least
    max maxIf min minIf negate valueOf""".split()
)
"""Functions whose number in DuckDB has the type of their arguments, so that no cast is needed."""

_DOUBLES = frozenset(
    "acos asin atan atan2 cbrt cos cosh degrees jaroWinkler power radians round sin sinh sqrt tan tanh".split()
)


class DuckdbExpressions(ExpressionWriter):
    """Writes expressions as DuckDB SQL."""

    capabilities = CAPABILITIES
    conversions = CONVERSIONS
    same_type = _SAME_TYPE | _DOUBLES

    def write(self, expression: TypedExpression) -> exp.Expression:
        """The SQL of a typed expression. Raises ProblemFound, for fields that DuckDB does not tell apart as well."""
        if isinstance(expression, Call | Convert | StructOf) and is_complex(expression.type):
            _check_fields(expression)
        return super().write(expression)

    def literal(self, value: object, kind: DataType) -> exp.Expression:
        """A constant as SQL of exactly its type."""
        return literal(value, kind)

    def first_item(self, array: exp.Expression) -> exp.Expression:
        """``list_extract(array, 1)``."""
        return fill("list_extract(_1, 1)", [array])

    def windowed(self, result: exp.Expression, window: exp.Window) -> exp.Expression:
        """The aggregate or window function over the window; of a calculation with several, each of them."""
        return windowed(result, window)

    def parameter(self, name: str) -> exp.Expression:
        """``$name``."""
        return exp.Parameter(this=exp.var(name))


def _check_fields(made: Call | Convert | StructOf) -> None:
    alike = fields_alike(made.type)
    if alike is not None:
        raise ProblemFound(
            f"DuckDB cannot tell the fields {alike[0]!r} and {alike[1]!r} apart, which differ in case alone",
            made.span,
            expected="names that differ in more",
            hint="rename one of them",
        )


_CALCULATIONS = (exp.Binary, exp.Case, exp.Cast, exp.Coalesce, exp.If, exp.Paren, exp.Sqrt)


def _is_calculation(part: exp.Expression) -> bool:
    """True for what is computed with aggregates and is none itself."""
    in_python = isinstance(part, exp.Anonymous) and part.name in PYTHON_FUNCTIONS
    return in_python or isinstance(part, _CALCULATIONS)


def windowed(aggregate: exp.Expression, window: exp.Window) -> exp.Expression:
    """The aggregate or window function over the window; of a calculation with several, each of them."""
    if isinstance(aggregate, exp.Literal | exp.Null | exp.Array | exp.DataType):
        return aggregate
    if isinstance(aggregate, exp.Filter) and isinstance(aggregate.this, exp.First | exp.Last):
        # Their only filter leaves nulls out; windows know no filter of them.
        name = exp.FirstValue if isinstance(aggregate.this, exp.First) else exp.LastValue
        aggregate = exp.IgnoreNulls(this=name(this=aggregate.this.this))
    if _is_calculation(aggregate):
        for part in [one for one in aggregate.iter_expressions() if isinstance(one, exp.Expression)]:
            part.replace(windowed(part.copy(), window))
        return aggregate
    over = window.copy()
    over.set("this", aggregate)
    return over


def literal(value: object, kind: DataType) -> exp.Expression:
    """A constant as SQL of exactly its type."""
    if value is None:
        return cast(exp.null(), kind)
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, int | float | PythonDecimal) and is_number(kind):
        return _number(value, kind)
    if isinstance(value, datetime.datetime):
        return cast(exp.Literal.string(value.isoformat(sep=" ", timespec="milliseconds")), kind)
    if isinstance(value, datetime.date):
        return cast(exp.Literal.string(value.isoformat()), kind)
    if isinstance(value, bytes):
        return fill("unhex(_1)", [exp.Literal.string(value.hex())])
    if isinstance(value, list | tuple) and isinstance(kind, Array):
        return cast(exp.Array(expressions=[literal(item, kind.element) for item in value]), kind)
    if isinstance(value, dict) and isinstance(kind, Struct | Map):
        return _keyed(value, kind)
    return exp.Literal.string(str(value))


def _number(value: int | float | PythonDecimal, kind: DataType) -> exp.Expression:
    if str(kind) == "integer" and -(1 << 31) <= value < 1 << 31:
        return wrapped(exp.Literal.number(int(value)))
    if isinstance(value, float) and (not isfinite(value) or str(value) == "-0.0"):
        return cast(exp.Literal.string(str(value)), kind)
    written = (
        str(int(value))
        if isinstance(value, int) or not (isinstance(kind, Decimal) or "." in str(value))
        else str(value)
    )
    if isinstance(value, float):
        written = repr(value)
    return cast(parsed(written), kind)


def _keyed(value: dict[object, object], kind: Struct | Map) -> exp.Expression:
    if isinstance(kind, Struct):
        return struct([(name, literal(value.get(name), inner)) for name, inner in kind.fields])
    keys = exp.Array(expressions=[literal(key, kind.key) for key in value])
    values = exp.Array(expressions=[literal(item, kind.value) for item in value.values()])
    return fill("map(_1, _2)", [keys, values])
