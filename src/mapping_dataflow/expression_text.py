"""Typed expressions as text of the language, for people: what was applied to a column, with names as they are read.

Implicit conversions are left out; parameters that are open or secret stand by their names.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.operators import FUNCTION_OF_OPERATOR
from mapping_dataflow.analysis.traced_calls import ALL_COLUMNS
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
from mapping_dataflow.script.expression_parser import BINARY_LEVELS
from mapping_dataflow.script.printer import print_name, print_quoted

_OPERATORS = {function: operator for operator, function in FUNCTION_OF_OPERATOR.items()}
_OPERATORS["bitwiseXor"] = "^"
_SIGNS = {"negate": "-", "not": "!"}
_ATOM = 100
_SIGN = 50

ColumnText = Callable[[ColumnReference], str]


def expression_text(expression: TypedExpression, column: ColumnText) -> str:
    """The text of an expression; ``column`` gives the texts of columns, as operands of any operator."""
    return _Writer(column).text(expression)


class _Writer:
    """Writes expressions; ``_variables`` are those of the lambdas around, outermost first."""

    def __init__(self, column: ColumnText) -> None:
        self._column = column
        self._variables: list[str] = []

    def operand(self, expression: TypedExpression, level: int) -> str:
        """The text, in parentheses when it binds less than ``level``."""
        text = self.text(expression)
        return f"({text})" if _level(expression) < level else text

    def text(self, expression: TypedExpression) -> str:
        """The text of an expression."""
        match expression:
            case Literal():
                return literal_text(expression.value, expression.type)
            case SecretParameter():
                return f"${expression.name}"
            case ColumnReference():
                return self._column(expression)
            case Convert():
                return self.text(expression.operand)
            case Call():
                return self._call(expression)
            case Lambda():
                return self._lambda(expression)
            case LambdaVariable():
                return self._variable(expression.name)
            case FieldAccess():
                return f"{self.operand(expression.base, _ATOM)}.{print_name(expression.name)}"
            case StructOf():
                fields = (f"{print_name(name)} = {self.text(value)}" for name, value in expression.fields)
                return f"@({', '.join(fields)})"

    def _call(self, expression: Call) -> str:
        name, arguments = expression.function, expression.arguments
        operator = _OPERATORS.get(name)
        if operator is not None and len(arguments) == 2:
            level = BINARY_LEVELS[operator]
            return f"{self.operand(arguments[0], level)} {operator} {self.operand(arguments[1], level + 1)}"
        if name in _SIGNS and len(arguments) == 1:
            return _SIGNS[name] + self.operand(arguments[0], _SIGN)
        if name in ("elementAt", "valueOf") and len(arguments) == 2:
            return f"{self.operand(arguments[0], _ATOM)}[{self.text(arguments[1])}]"
        if name == ALL_COLUMNS:
            return f"{ALL_COLUMNS}()"
        listed = ", ".join(self.text(argument) for argument in arguments)
        return f"[{listed}]" if name == "array" else f"{name}({listed})"

    def _lambda(self, expression: Lambda) -> str:
        self._variables.extend(expression.parameters)
        text = self.text(expression.body)
        del self._variables[len(self._variables) - len(expression.parameters) :]
        return text

    def _variable(self, engine_name: str) -> str:
        name = engine_name.rpartition("_")[0]
        inner = [one for one in self._variables if one.rpartition("_")[0] == name]
        level = len(inner) - 1 - inner.index(engine_name)
        return f"#{name}_{level}" if level else f"#{name}"


def _level(expression: TypedExpression) -> int:
    if isinstance(expression, Convert):
        return _level(expression.operand)
    if isinstance(expression, Call) and len(expression.arguments) == 2 and expression.function in _OPERATORS:
        return BINARY_LEVELS[_OPERATORS[expression.function]]
    if isinstance(expression, Call) and len(expression.arguments) == 1 and expression.function in _SIGNS:
        return _SIGN
    return _ATOM


def literal_text(value: object, kind: datatypes.DataType) -> str:
    """A constant as the language writes it."""
    match value:
        case None:
            return "null()"
        case bool():
            return "true()" if value else "false()"
        case str():
            return print_quoted(value)
        case int():
            return f"{value}L" if kind == datatypes.LONG else str(value)
        case float():
            return repr(value)
        case Decimal():
            return f"toDecimal('{value}')"
        case datetime.datetime():
            return f"toTimestamp('{value.isoformat(sep=' ')}')"
        case datetime.date():
            return f"toDate('{value.isoformat()}')"
        case bytes():
            return f"unhex('{value.hex()}')"
        case _:
            return _collection_text(value, kind)


def _collection_text(value: object, kind: datatypes.DataType) -> str:
    if isinstance(value, list):
        element = kind.element if isinstance(kind, datatypes.Array) else datatypes.UNKNOWN
        return "[" + ", ".join(literal_text(item, element) for item in value) + "]"
    if isinstance(value, dict) and isinstance(kind, datatypes.Struct):
        fields = (f"{print_name(name)} = {literal_text(value.get(name), inner)}" for name, inner in kind.fields)
        return f"@({', '.join(fields)})"
    if isinstance(value, dict) and isinstance(kind, datatypes.Map):
        entries = (f"{literal_text(k, kind.key)} -> {literal_text(v, kind.value)}" for k, v in value.items())
        return f"[{', '.join(entries)}]"
    raise TypeError(f"internal-error: no text for a constant of type {type(value).__name__}")
