"""Writes typed expressions as DuckDB SQL."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal as PythonDecimal

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import Array, DataType, Decimal, Map, Struct, is_number
from mapping_dataflow.engines.base import fill, parsed, wrapped
from mapping_dataflow.engines.duckdb.conversions import convert, struct_field
from mapping_dataflow.engines.duckdb.functions import CAPABILITIES
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    Lambda,
    LambdaVariable,
    Literal,
    SecretParameter,
    StructOf,
    TypedExpression,
)
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind

_SAME_TYPE = frozenset(
    """abs bitwiseAnd bitwiseOr bitwiseXor case coalesce elementAt find first greatest iif iifNull lag last lead least
    max maxIf min minIf negate valueOf""".split()
)
"""Functions whose number in DuckDB has the type of their arguments, so that no cast is needed."""

_DOUBLES = frozenset(
    "acos asin atan atan2 cbrt cos cosh degrees jaroWinkler power radians round sin sinh sqrt tan tanh".split()
)


@dataclass(frozen=True, slots=True)
class Windows:
    """The window for aggregates, with its frame, and the one for ranks and neighbours, which have none."""

    aggregating: exp.Window
    ranking: exp.Window


class ExpressionWriter:
    """Writes expressions over inputs that carry the given SQL aliases (None: columns stand unqualified)."""

    def __init__(self, aliases: Sequence[str | None] = (None,), windows: Windows | None = None) -> None:
        self.aliases = aliases
        self.windows = windows

    def write(self, expression: TypedExpression) -> exp.Expression:
        """The SQL of a typed expression. Raises ProblemFound for what DuckDB cannot do."""
        match expression:
            case ColumnReference():
                alias = self.aliases[expression.input]
                return exp.column(expression.key, table=alias, quoted=True)
            case Call():
                return self._call(expression)
            case Literal():
                return literal(expression.value, expression.type)
            case Convert():
                return self._convert(expression)
            case FieldAccess():
                return self._field(self.write(expression.base), expression.base.type, expression.name)
            case StructOf():
                fields = [
                    exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=self.write(value))
                    for name, value in expression.fields
                ]
                return exp.Struct(expressions=fields)
            case Lambda():
                names = [exp.to_identifier(name) for name in expression.parameters]
                return exp.Lambda(this=self.write(expression.body), expressions=names)
            case _:
                return self._name(expression)

    def _name(self, expression: LambdaVariable | SecretParameter) -> exp.Expression:
        if isinstance(expression, LambdaVariable):
            return exp.column(expression.name)
        return cast(exp.Parameter(this=exp.var(expression.name)), expression.type)

    def _convert(self, expression: Convert) -> exp.Expression:
        operand = expression.operand
        if isinstance(operand, Literal) and is_number(operand.type) and is_number(expression.type):
            return literal(operand.value, expression.type)
        return convert(self.write(operand), operand.type, expression.type, expression.span, expression.format)

    def _field(self, base: exp.Expression, kind: DataType, name: str, depth: int = 0) -> exp.Expression:
        if not isinstance(kind, Array):
            return struct_field(base, name)
        variable = f"part_{depth}"
        body = self._field(exp.column(variable), kind.element, name, depth + 1)
        return fill("list_transform(_1, _2)", [base, exp.Lambda(this=body, expressions=[exp.to_identifier(variable)])])

    def _call(self, call: Call) -> exp.Expression:
        entry = CAPABILITIES.find(call)
        arguments = [self.write(argument) for argument in call.arguments]
        result = fill(entry, arguments) if isinstance(entry, str) else entry(call, arguments)
        function = catalogue.find(call.function)
        if self.windows is not None and function is not None and function.kind is not Kind.SCALAR:
            ranks = function.kind is Kind.WINDOW
            result = windowed(result, self.windows.ranking if ranks else self.windows.aggregating)
        fits = call.function in _SAME_TYPE or call.function in _DOUBLES or isinstance(result, exp.Cast | exp.TryCast)
        return cast(result, call.type) if is_number(call.type) and not fits else result


_CALCULATIONS = (exp.Binary, exp.Case, exp.If, exp.Sqrt, exp.Paren, exp.Cast)


def windowed(aggregate: exp.Expression, window: exp.Window) -> exp.Expression:
    """The aggregate or window function over the window; of a calculation with several, each of them."""
    if isinstance(aggregate, exp.Literal | exp.DataType):
        return aggregate
    if isinstance(aggregate, _CALCULATIONS):
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
    if (isinstance(value, float) and value != value) or value in (float("inf"), float("-inf")):
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
        fields = [
            exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=literal(value.get(name), inner))
            for name, inner in kind.fields
        ]
        return exp.Struct(expressions=fields)
    keys = exp.Array(expressions=[literal(key, kind.key) for key in value])
    values = exp.Array(expressions=[literal(item, kind.value) for item in value.values()])
    return fill("map(_1, _2)", [keys, values])
