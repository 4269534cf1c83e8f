"""Typed expressions: what the type check makes of syntax, and what engines and lineage read.

Every node knows its data type. Names are resolved, implicit widenings are explicit :class:`Convert` nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.errors import NOWHERE, Span
from mapping_dataflow.script import syntax


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: str, bool, int, float, Decimal, bytes, date, datetime, list, dict (struct or map) or None."""

    value: object
    type: DataType


@dataclass(frozen=True, slots=True)
class SecretParameter:
    """A parameter whose value must not be written into SQL; the engine leaves a named placeholder."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class OpenParameter(SecretParameter):
    """A parameter that lineage leaves open: it may have any value, ``stand_in`` where a constant is needed.

    No engine ever sees one.
    """

    stand_in: object = None


@dataclass(frozen=True, slots=True)
class LateParameter(SecretParameter):
    """A parameter whose expression names columns: it is evaluated as it stands wherever it is referred to.

    ``declaration`` has the expression, ``earlier`` the parameters that it may refer to. No tree holds one.
    https://learn.microsoft.com/azure/data-factory/parameters-data-flow
    """

    declaration: syntax.ParameterDeclaration
    earlier: Mapping[str, TypedExpression] = field(hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """A column of the statement's input number ``input`` (0 or 1), by its key, which is unique in that input."""

    key: str
    type: DataType
    input: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the catalogue applied to arguments that fit its signature."""

    function: str
    arguments: tuple[TypedExpression, ...]
    type: DataType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Convert:
    """A widening or declared conversion; a value that does not fit becomes null. ``format`` is a Java pattern."""

    operand: TypedExpression
    type: DataType
    format: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function of named variables, written with ``#item`` and the like."""

    parameters: tuple[str, ...]
    body: TypedExpression
    type: DataType


@dataclass(frozen=True, slots=True)
class LambdaVariable:
    """A use of a lambda's variable."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """``struct.field``; over an array of structs the field of every element."""

    base: TypedExpression
    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class StructOf:
    """A struct from named values."""

    fields: tuple[tuple[str, TypedExpression], ...]
    type: DataType
    span: Span = field(default=NOWHERE, compare=False)


TypedExpression = (
    Literal | SecretParameter | ColumnReference | Call | Convert | Lambda | LambdaVariable | FieldAccess | StructOf
)


def children(expression: TypedExpression) -> tuple[TypedExpression, ...]:
    """Direct parts of an expression."""
    match expression:
        case Call():
            return expression.arguments
        case Convert():
            return (expression.operand,)
        case Lambda():
            return (expression.body,)
        case FieldAccess():
            return (expression.base,)
        case StructOf():
            return tuple(value for _, value in expression.fields)
        case _:
            return ()


def walk(expression: TypedExpression) -> Iterator[TypedExpression]:
    """The expression and all its parts, depth first."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def with_inputs(expression: TypedExpression, number: Callable[[int], int]) -> TypedExpression:
    """The expression with its columns as those of the inputs that ``number`` makes of theirs."""

    def moved(part: TypedExpression) -> TypedExpression:
        return replace(part, input=number(part.input)) if isinstance(part, ColumnReference) else part

    return rebuilt(expression, moved)


def rebuilt(expression: TypedExpression, change: Callable[[TypedExpression], TypedExpression]) -> TypedExpression:
    """The expression with every part replaced by what ``change`` makes of it, innermost parts first."""
    match expression:
        case Call():
            inner: TypedExpression = replace(
                expression, arguments=tuple(rebuilt(part, change) for part in expression.arguments)
            )
        case Convert():
            inner = replace(expression, operand=rebuilt(expression.operand, change))
        case Lambda():
            inner = replace(expression, body=rebuilt(expression.body, change))
        case FieldAccess():
            inner = replace(expression, base=rebuilt(expression.base, change))
        case StructOf():
            inner = replace(expression, fields=tuple((name, rebuilt(part, change)) for name, part in expression.fields))
        case _:
            inner = expression
    return change(inner)
