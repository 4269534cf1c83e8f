"""What an expression means while a flow is only traced, where nothing here could run it or only the data decides.

Such a value may be any of the columns that it reads. Engines never see these: ``Environment.traced`` is set for
lineage alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mapping_dataflow.analysis.columns import Column, Resolved
from mapping_dataflow.analysis.datatypes import BOOLEAN, UNKNOWN
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.signature_check import Fitting
from mapping_dataflow.errors import NOWHERE, Span
from mapping_dataflow.expressions import Call, ColumnReference, TypedExpression
from mapping_dataflow.functions.signatures import Function, Kind
from mapping_dataflow.script import syntax

Check = Callable[[syntax.Expression, Environment], TypedExpression]

PLACEHOLDER = "ERROR_FUNCTION"
"""What Studio writes where it could not read an expression; the argument is what it did read of it."""
FUZZY_COMPARE = "fuzzyCompare"
"""The condition of a fuzzy join: two texts and how alike they must be."""
ALL_COLUMNS = "columns"
"""A call of this function stands for all its arguments, whatever their number."""


def any_of(columns: Iterable[tuple[Column, int]], span: Span = NOWHERE) -> TypedExpression:
    """All columns (each with the number of its input) as one value."""
    references = tuple(ColumnReference(column.key, column.type, number) for column, number in columns)
    return Call(ALL_COLUMNS, references, UNKNOWN, span)


def either(values: Sequence[TypedExpression], span: Span = NOWHERE) -> TypedExpression:
    """One of several values; which one, only a run shows."""
    kinds = {value.type for value in values}
    kind = kinds.pop() if len(kinds) == 1 else UNKNOWN
    return values[0] if len(values) == 1 else Call("byName", tuple(values), kind, span)


def either_column(candidates: Sequence[Resolved], span: Span) -> TypedExpression:
    """One of several columns of the same name."""
    return either([ColumnReference(one.column.key, one.column.type, one.input) for one in candidates], span)


def traced_call(
    node: syntax.FunctionCall, function: Function | None, environment: Environment, check: Check
) -> TypedExpression | None:
    """The meaning of a call that no engine here could run; None for all others, and when a flow shall run."""
    if not environment.traced:
        return None
    if node.name == PLACEHOLDER:
        columns = any_of(((one.column, one.input) for one in environment.scope.columns()), node.span)
        return Call(PLACEHOLDER, (*_arguments(node, environment, check), columns), UNKNOWN, node.span)
    if node.name.lower() == FUZZY_COMPARE.lower():
        return Call(FUZZY_COMPARE, _arguments(node, environment, check), BOOLEAN, node.span)
    if function is not None and function.kind is Kind.WINDOW and function.most == 0 and node.arguments:
        # What an argument does to ``rowNumber`` and the like is not documented.
        return Call(
            function.name, _arguments(node, environment, check), Fitting(function, node.span).result(()), node.span
        )
    return None


def _arguments(node: syntax.FunctionCall, environment: Environment, check: Check) -> tuple[TypedExpression, ...]:
    return tuple(check(argument, environment) for argument in node.arguments)
