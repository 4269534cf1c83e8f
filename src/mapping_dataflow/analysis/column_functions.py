"""Functions about columns: by name, origin, position and path, all columns, and what is asked about them.

They are answered while compiling, from the columns that the statement reads; a column that is not there is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import Resolved
from mapping_dataflow.analysis.computed import constant_value
from mapping_dataflow.analysis.constants import Value
from mapping_dataflow.analysis.datatypes import BOOLEAN, LONG, NULL, STRING, UNKNOWN, Array, Map, Struct
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.errors import MappingDataFlowErrors, ProblemFound, Span, counted
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    Lambda,
    Literal,
    OpenParameter,
    StructOf,
    TypedExpression,
    walk,
)
from mapping_dataflow.functions import catalogue
from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import braced_name
from mapping_dataflow.script.parser import parse_expression

Check = Callable[[syntax.Expression, Environment], TypedExpression]
"""Types an expression."""
Apply = Callable[[str, list[TypedExpression], tuple[syntax.Expression, ...], Span], TypedExpression]
"""Applies a function to typed arguments."""


def _constant(node: syntax.Expression, environment: Environment, check: Check, what: str) -> Value:
    """A constant that is folded: the service takes no computed inputs here, such as rows of a cache sink.

    https://learn.microsoft.com/azure/data-factory/data-flow-expressions-usage#byName
    """
    return constant_value(node, replace(environment, computed=None), check, what)


def _select(name: str, stream: str, environment: Environment) -> Resolved | None:
    found = environment.scope.find_qualified(stream, name) if stream else environment.scope.find(name)
    return found[0] if found else next((one for one in environment.scope.columns() if one.column.dynamic), None)


def unknown_column(node: syntax.ColumnName, environment: Environment) -> TypedExpression | None:
    """For lineage: what a name means that is none of the known columns, when there are columns that are not known."""
    if environment.scope.candidates(node):
        return None
    stream = str(node.stream) if node.stream is not None else ""
    dynamic = [one for one in environment.scope.columns() if one.column.dynamic]
    found = [one for one in dynamic if any(alias[0] == stream for alias in one.column.aliases)] or dynamic
    references = tuple(_reference(one) for one in found)
    return Call("byName", references, UNKNOWN, node.span) if len(references) > 1 else next(iter(references), None)


def _any_column(
    node: syntax.FunctionCall, environment: Environment, check: Check, arguments: int = 2
) -> TypedExpression | None:
    """All columns as one value when an argument that names columns is an open parameter, else None."""
    named = [part for argument in node.arguments[:arguments] for part in walk(check(argument, environment))]
    if not any(isinstance(part, OpenParameter) for part in named):
        return None
    return Call(node.name, tuple(_reference(one) for one in environment.scope.columns()), UNKNOWN, node.span)


def _reference(found: Resolved | None) -> TypedExpression:
    if found is None:
        return Literal(None, NULL)
    return ColumnReference(found.column.key, found.column.type, found.input)


def _optional_stream(node: syntax.FunctionCall, environment: Environment, check: Check, position: int) -> str:
    if len(node.arguments) <= position:
        return ""
    return str(_constant(node.arguments[position], environment, check, "the stream's name") or "")


def _need(node: syntax.FunctionCall, fewest: int, most: int) -> None:
    if not fewest <= len(node.arguments) <= most:
        expected = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ProblemFound(
            f"{node.name}() has {counted(len(node.arguments), 'argument')}", node.span, expected=expected
        )


# ---------------------------------------------------------------- by name, origin and position


def _by_name(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 1, 2)
    if (open_name := _any_column(node, environment, check)) is not None:
        return open_name
    name = _constant(node.arguments[0], environment, check, "the column's name")
    return _reference(_select(str(name), _optional_stream(node, environment, check, 1), environment))


def _created(name: str, stream: str, environment: Environment) -> Resolved | None:
    """The column that a stream made or changed last, or else made first, under that name."""
    if not stream:
        return _select(name, "", environment)
    known = list(environment.scope.columns())
    changed = [one for one in known if one.column.origin == stream and (stream, name) in one.column.aliases]
    made = [one for one in known if one.column.aliases[-1:] == ((stream, name),)]
    named = [one for one in known if one.column.origin == stream and one.column.name == name]
    return next(iter([*changed, *named, *made]), None)


def _by_origin(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 1, 2)
    if (open_name := _any_column(node, environment, check)) is not None:
        return open_name
    name = _constant(node.arguments[0], environment, check, "the column's name")
    return _reference(_created(str(name), _optional_stream(node, environment, check, 1), environment))


def _by_position(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 1, 1)
    if (open_position := _any_column(node, environment, check)) is not None:
        return open_position
    position = _constant(node.arguments[0], environment, check, "the column's position")
    columns = list(environment.scope.columns())
    inside = isinstance(position, int) and 1 <= position <= len(columns)
    if any(one.column.dynamic for one in columns):
        return Call(node.name, tuple(map(_reference, columns)), UNKNOWN, node.span)
    return _reference(columns[position - 1] if inside else None)


def _stream_columns(node: syntax.FunctionCall, environment: Environment, check: Check) -> list[Resolved]:
    stream = _optional_stream(node, environment, check, 0)
    found = list(environment.scope.columns())
    if stream:
        found = [one for one in found if any(alias[0] == stream for alias in one.column.aliases)]
    if stream and not found and not any(stream in source.streams for source in environment.scope.inputs):
        raise environment.scope.unknown_stream(stream, node.arguments[0].span)
    return found


# ---------------------------------------------------------------- several at once


def _listed_names(node: syntax.FunctionCall, environment: Environment, check: Check) -> list[TypedExpression]:
    _need(node, 1, 2)
    if (open_names := _any_column(node, environment, check)) is not None:
        return [open_names]
    names = _constant(node.arguments[0], environment, check, "the list of names") or []
    stream = _optional_stream(node, environment, check, 1)
    find = _created if catalogue.special_name(node.name) == "byOrigins" else _select
    found = [find(str(name), stream, environment) for name in names]
    # "If there are no matches for a column, the entire output is a NULL value."
    return [_reference(None)] if None in found else [_reference(one) for one in found]


def _all_columns(node: syntax.FunctionCall, environment: Environment, check: Check) -> list[TypedExpression]:
    _need(node, 0, 1)
    return [_reference(one) for one in _stream_columns(node, environment, check)]


def _origin_columns(node: syntax.FunctionCall, environment: Environment, check: Check) -> list[TypedExpression]:
    _need(node, 1, 1)
    stream = _optional_stream(node, environment, check, 0)
    return [
        _reference(one)
        for one in environment.scope.columns()
        if one.column.origin == stream or (one.column.aliases and one.column.aliases[-1][0] == stream)
    ]


_SEVERAL: Mapping[str | None, Callable[[syntax.FunctionCall, Environment, Check], list[TypedExpression]]] = {
    "byNames": _listed_names,
    "byOrigins": _listed_names,
    "columns": _all_columns,
    "originColumns": _origin_columns,
}
"""Functions that stand for several values."""


def several(
    node: syntax.Expression, environment: Environment, check: Check, apply: Apply
) -> list[TypedExpression] | None:
    """The values of a call that stands for several, or of a conversion of one; None for any other expression."""
    if not isinstance(node, syntax.FunctionCall):
        return None
    special = catalogue.special_name(node.name)
    if special in _SEVERAL:
        return _SEVERAL[special](node, environment, check)
    if not node.name.lower().startswith("to") or not node.arguments:
        return None
    inner = several(node.arguments[0], environment, check, apply)
    if inner is None:
        return None
    formats = [check(argument, environment) for argument in node.arguments[1:]]
    return [apply(node.name, [item, *formats], node.arguments, node.span) for item in inner]


def as_one(items: Sequence[TypedExpression], node: syntax.FunctionCall) -> TypedExpression:
    """Several values as one: the only one, or an array of them; null when one is missing."""
    if len(items) == 1:
        return items[0]
    kind = datatypes.common_type(item.type for item in items)
    if kind is None:
        listed = ", ".join(dict.fromkeys(str(item.type) for item in items))
        raise ProblemFound(f"the columns are {listed}", node.span, expected="columns of one type")
    if not items or any(item.type == NULL for item in items):
        return Literal(None, NULL)
    return Call("array", tuple(widened(item, kind) for item in items), Array(kind), node.span)


def checked_arguments(
    node: syntax.FunctionCall, environment: Environment, check: Check, apply: Apply
) -> tuple[tuple[syntax.Expression, ...], list[TypedExpression]]:
    """The arguments; what stands for several values is spread out where the function takes any number of values."""
    function = catalogue.find(node.name)
    spreads = function is not None and function.most is None
    nodes: list[syntax.Expression] = []
    typed: list[TypedExpression] = []
    for argument in node.arguments:
        items = several(argument, environment, check, apply) if spreads else None
        if items is None:
            items = [check(argument, environment)]
        elif function is not None and function.name == "array":
            items = _of_one_type(items, argument, apply)
        nodes.extend([argument] * len(items))
        typed.extend(items)
    return tuple(nodes), typed


def _of_one_type(items: list[TypedExpression], node: syntax.Expression, apply: Apply) -> list[TypedExpression]:
    """Columns as items of one array: as texts where they have no common type, as the documented search for nulls in
    all columns takes them (https://learn.microsoft.com/azure/data-factory/data-flow-script#check-for-nulls-in-all-columns)."""
    if datatypes.common_type(item.type for item in items) is not None:
        return items
    return [apply("toString", [item], (node,), node.span) for item in items]


def _by_names(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    return as_one(_listed_names(node, environment, check), node)


def _columns(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _SEVERAL[catalogue.special_name(node.name)](node, environment, check)
    raise ProblemFound(
        f"{node.name}() stands for several values",
        node.span,
        expected="it as argument of a function that takes any number",
    )


def _column_names(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 0, 2)
    found = _stream_columns(node, environment, check)
    if len(node.arguments) > 1 and _constant(node.arguments[1], environment, check, "the second argument"):
        found = [one for one in found if one.column.drifted]
    names = tuple(Literal(one.column.name, STRING) for one in found)
    return Call("array", names, Array(STRING), node.span)


def _has_column(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 1, 2)
    name = _constant(node.arguments[0], environment, check, "the column's name")
    return Literal(_select(str(name), _optional_stream(node, environment, check, 1), environment) is not None, BOOLEAN)


# ---------------------------------------------------------------- nested columns

_STEP = re.compile(r"""\.?(?:(\w[^.\[\]{}]*)|(\{(?:\\.|[^}\\])*\})|\[(?:"([^"]*)"|'([^']*)'|(\d+))\])""")


def _steps(path: str, span: Span) -> list[str | int]:
    """The names and indexes of a path such as ``a.{b c}["d e"][1]``. Raises ProblemFound."""
    steps: list[str | int] = []
    place = 0
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            raise ProblemFound(f"{path!r} is no path", span, expected="names with dots between them")
        name, braced, *bracketed, index = found.groups()
        steps.append(
            int(index) if index else braced_name(braced) if braced else name or "".join(filter(None, bracketed))
        )
        place = found.end()
    return steps


def _at_path(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression | None:
    """What a path leads to; None when there is no such column or field."""
    _need(node, 1, 2)
    if (open_path := _any_column(node, environment, check)) is not None:
        return open_path
    path = str(_constant(node.arguments[0], environment, check, "the path"))
    stream = _optional_stream(node, environment, check, 1)
    whole = _select(path, stream, environment)
    if whole is not None:  # a column may have a dot in its name
        return _reference(whole)
    steps = _steps(path, node.span)
    found = _select(str(steps[0]), stream, environment) if steps else None
    result: TypedExpression | None = None if found is None else _reference(found)
    for step in steps[1:]:
        result = None if result is None else _step_into(result, step, node.span)
    return result


def _step_into(base: TypedExpression, step: str | int, span: Span) -> TypedExpression | None:
    if isinstance(step, int):
        index = Literal(step, LONG)
        return Call("elementAt", (base, index), base.type.element, span) if isinstance(base.type, Array) else None
    if isinstance(base.type, Map):
        return (
            Call("valueOf", (base, Literal(step, STRING)), base.type.value, span) if base.type.key == STRING else None
        )
    return field_of(base, step)


def field_of(base: TypedExpression, name: str) -> TypedExpression | None:
    """The field of a struct, or of every struct in an array; None when there is none of that name."""
    kind, depth = base.type, 0
    while isinstance(kind, Array):
        kind, depth = kind.element, depth + 1
    found = kind.field(name) if isinstance(kind, Struct) else None
    if found is None:
        return None
    for _ in range(depth):
        found = Array(found)
    return FieldAccess(base, name, found)


def _by_path(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    return _at_path(node, environment, check) or Literal(None, NULL)


def _has_path(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    return Literal(_at_path(node, environment, check) is not None, BOOLEAN)


def _by_item(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 2, 2)
    base = check(node.arguments[0], environment)
    name = str(_constant(node.arguments[1], environment, check, "the field's name"))
    return field_of(base, name) or Literal(None, NULL)


# ---------------------------------------------------------------- types and texts


_FAMILIES: Mapping[str, frozenset[str]] = {
    "number": frozenset({"short", "integer", "long", "float", "double", "decimal"}),
    "integral": frozenset({"short", "integer", "long"}),
    "fractional": frozenset({"float", "double", "decimal"}),
    "datetime": frozenset({"date", "timestamp"}),
}


def _type_match(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 2, 2)
    kind = str(_constant(node.arguments[0], environment, check, "the type")).partition("(")[0]
    base = str(_constant(node.arguments[1], environment, check, "the family"))
    return Literal(kind in _FAMILIES.get(base, frozenset({base})), BOOLEAN)


def _expr(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    """An expression that is given as a text: as if it stood there itself."""
    _need(node, 1, 1)
    text = str(_constant(node.arguments[0], environment, check, "the expression's text"))
    try:
        found = check(parse_expression(text), environment)
    except MappingDataFlowErrors as errors:
        cause = "; ".join(error.cause for error in errors.errors)
        raise ProblemFound(f"the text {text!r} is no expression: {cause}", node.span) from errors
    except ProblemFound as problem:
        raise ProblemFound(
            f"in the text {text!r}: {problem.problem.cause}", node.span, expected=problem.problem.expected
        ) from problem
    return _placed(found, node.span)


def _syntax(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    """What stands in it as it is: for ``true()`` and the like where a column has that name."""
    _need(node, 1, 1)
    return check(node.arguments[0], environment)


def _placed(expression: TypedExpression, span: Span) -> TypedExpression:
    """The expression with every place in it replaced: places inside a text mean nothing in the script."""
    match expression:
        case Call():
            return replace(expression, arguments=tuple(_placed(one, span) for one in expression.arguments), span=span)
        case Convert():
            return replace(expression, operand=_placed(expression.operand, span), span=span)
        case Lambda():
            return replace(expression, body=_placed(expression.body, span))
        case FieldAccess():
            return replace(expression, base=_placed(expression.base, span))
        case StructOf():
            fields = tuple((name, _placed(value, span)) for name, value in expression.fields)
            return replace(expression, fields=fields)
        case _:
            return expression


META: Mapping[str | None, Callable[[syntax.FunctionCall, Environment, Check], TypedExpression]] = {
    "byItem": _by_item,
    "byName": _by_name,
    "byNames": _by_names,
    "byOrigin": _by_origin,
    "byOrigins": _by_names,
    "byPath": _by_path,
    "byPosition": _by_position,
    "columnNames": _column_names,
    "columns": _columns,
    "expr": _expr,
    "hasColumn": _has_column,
    "hasPath": _has_path,
    "originColumns": _columns,
    "syntax": _syntax,
    "typeMatch": _type_match,
}
"""Functions that are answered while compiling."""
