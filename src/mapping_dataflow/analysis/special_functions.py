"""Functions whose typing needs more than a signature: case, indexing, maps, columns by name, expansion of columns()."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import Resolved
from mapping_dataflow.analysis.constants import NotConstantError, Value, fold
from mapping_dataflow.analysis.datatypes import (
    BOOLEAN,
    DATE,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    Array,
    DataType,
    Map,
)
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.errors import ProblemFound, Span, counted
from mapping_dataflow.expressions import Call, ColumnReference, Literal, OpenParameter, TypedExpression, walk
from mapping_dataflow.functions import catalogue
from mapping_dataflow.script import syntax

Check = Callable[[syntax.Expression, Environment], TypedExpression]

# ---------------------------------------------------------------- functions of typed arguments


def at(base: TypedExpression, index: TypedExpression, base_span: Span, index_span: Span) -> TypedExpression:
    """``array[1]`` or ``map['key']``; absent gives null."""
    if isinstance(base.type, Map):
        key = datatypes.common_type((base.type.key, index.type))
        if key != base.type.key:
            raise ProblemFound(f"the key is {index.type}", index_span, expected=str(base.type.key))
        return Call("valueOf", (base, widened(index, base.type.key)), base.type.value, base_span)
    if isinstance(base.type, Array):
        if not datatypes.is_integral(index.type) and index.type not in (NULL, UNKNOWN):
            raise ProblemFound(f"the index is {index.type}", index_span, expected="a whole number, counted from 1")
        return Call("elementAt", (base, widened(index, LONG)), base.type.element, base_span)
    if base.type == UNKNOWN:
        return Call("elementAt", (base, index), UNKNOWN, base_span)
    if base.type == NULL:
        return Literal(None, NULL)
    raise ProblemFound(f"{base.type} has no items to index", base_span, expected="an array or a map")


def _at_function(arguments: list[TypedExpression], span: Span) -> TypedExpression:
    if len(arguments) != 2:
        raise ProblemFound(
            f"at() has {counted(len(arguments), 'argument')}", span, expected="at(array or map, index or key)"
        )
    return at(arguments[0], arguments[1], span, span)


def _case(arguments: list[TypedExpression], span: Span) -> TypedExpression:
    if len(arguments) < 2:
        raise ProblemFound("case() has too few arguments", span, expected="case(condition, value, …, [else])")
    pairs = len(arguments) // 2
    for number, condition in enumerate(arguments[: 2 * pairs : 2], 1):
        if condition.type not in (BOOLEAN, NULL, UNKNOWN):
            raise ProblemFound(f"condition {number} of case() is {condition.type}", span, expected="a boolean")
    values = arguments[1 : 2 * pairs : 2] + arguments[2 * pairs :]
    kind = datatypes.common_type(value.type for value in values)
    if kind is None:
        listed = ", ".join(str(value.type) for value in values)
        raise ProblemFound(f"the values of case() are {listed}", span, expected="values of one type")
    typed = [
        widened(argument, BOOLEAN if index % 2 == 0 and index < 2 * pairs else kind)
        for index, argument in enumerate(arguments)
    ]
    return Call("case", tuple(typed), kind, span)


def associate(arguments: list[TypedExpression], span: Span) -> TypedExpression:
    """``[key -> value, …]``."""
    if len(arguments) % 2 or not arguments:
        raise ProblemFound("a key has no value", span, expected="associate(key, value, …)")
    key = datatypes.common_type(argument.type for argument in arguments[::2])
    value = datatypes.common_type(argument.type for argument in arguments[1::2])
    if key is None or value is None:
        raise ProblemFound("the keys or the values of the map have no common type", span, expected="one type each")
    typed = tuple(widened(argument, value if index % 2 else key) for index, argument in enumerate(arguments))
    return Call("associate", typed, Map(key, value), span)


def _xor(arguments: list[TypedExpression], span: Span) -> TypedExpression:
    kinds = [argument.type for argument in arguments]
    if len(kinds) == 2 and all(kind in (BOOLEAN, NULL, UNKNOWN) for kind in kinds):
        return Call("xor", tuple(widened(argument, BOOLEAN) for argument in arguments), BOOLEAN, span)
    wider = datatypes.common_type(kinds)
    if len(kinds) == 2 and wider is not None and datatypes.is_integral(wider):
        return Call("bitwiseXor", tuple(widened(argument, wider) for argument in arguments), wider, span)
    raise ProblemFound(
        f"xor does not take {' and '.join(map(str, kinds))}", span, expected="two booleans or two whole numbers"
    )


def _flatten(arguments: list[TypedExpression], span: Span) -> TypedExpression:
    """``flatten(array, …, recursive)``: joins the inner arrays; recursive goes down to the items."""
    recursive = False
    if len(arguments) > 1 and isinstance(arguments[-1], Literal) and isinstance(arguments[-1].value, bool):
        recursive = arguments[-1].value
        arguments = arguments[:-1]
    if len(arguments) != 1 or not isinstance(arguments[0].type, Array):
        raise ProblemFound("this form of flatten() is not supported yet", span, expected="flatten(array, [recursive])")
    result: TypedExpression = arguments[0]
    while isinstance(result.type, Array) and isinstance(result.type.element, Array):
        result = Call("flatten", (result,), result.type.element, span)
        if not recursive:
            break
    return result


def _null(arguments: list[TypedExpression], span: Span) -> TypedExpression:
    if arguments:
        raise ProblemFound("null() takes no arguments", span)
    return Literal(None, NULL)


TYPED: Mapping[str, Callable[[list[TypedExpression], Span], TypedExpression]] = {
    "associate": associate,
    "at": _at_function,
    "bitwiseXor": _xor,
    "case": _case,
    "flatten": _flatten,
    "null": _null,
    "xor": _xor,
}

# ---------------------------------------------------------------- conversions

_TEXTUAL = (STRING, BOOLEAN, DATE, TIMESTAMP)


def check_conversion(name: str, arguments: tuple[TypedExpression, ...], span: Span) -> None:
    """Raises ProblemFound for a conversion between types that cannot be converted."""
    if not name.startswith("to") or name in ("toUTC", "toBase64", "toBinary"):
        return
    kind = arguments[0].type
    if kind in (NULL, UNKNOWN, STRING) or (name == "toString" and datatypes.is_complex(kind)):
        return
    allowed: tuple[DataType, ...] = {
        "toString": _TEXTUAL,
        "toBoolean": (BOOLEAN,),
        "toDate": (DATE, TIMESTAMP),
        "toTimestamp": (DATE, TIMESTAMP),
    }.get(name, (BOOLEAN,))
    numbers = (
        datatypes.is_number(kind) and (name != "toDate") and (name != "toTimestamp" or datatypes.is_integral(kind))
    )
    if kind not in allowed and not numbers:
        raise ProblemFound(f"{name}() does not take {kind}", span, expected="a value that can be converted")


def to_text(value: TypedExpression, span: Span) -> TypedExpression:
    """``toString(value)`` where it is not a string already."""
    if value.type in (STRING, NULL, UNKNOWN):
        return widened(value, STRING)
    check_conversion("toString", (value,), span)
    return Call("toString", (value,), STRING, span)


# ---------------------------------------------------------------- functions about columns


def _constant(node: syntax.Expression, environment: Environment, check: Check, what: str) -> Value:
    try:
        return fold(check(node, environment))
    except NotConstantError as error:
        raise ProblemFound(f"{what} is not a constant: {error.reason}", node.span) from error


def unknown_column(node: syntax.ColumnName, environment: Environment) -> TypedExpression | None:
    """For lineage: what a name means that is none of the known columns, when there are columns that are not known."""
    if environment.scope.candidates(node):
        return None
    stream = str(node.stream) if node.stream is not None else ""
    dynamic = [one for one in environment.scope.columns() if one.column.dynamic]
    found = [one for one in dynamic if any(alias[0] == stream for alias in one.column.aliases)] or dynamic
    references = tuple(_reference(one) for one in found)
    return Call("byName", references, UNKNOWN, node.span) if len(references) > 1 else next(iter(references), None)


def _select(name: str, stream: str, environment: Environment) -> Resolved | None:
    found = environment.scope.find_qualified(stream, name) if stream else environment.scope.find(name)
    return found[0] if found else next((one for one in environment.scope.columns() if one.column.dynamic), None)


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


def _by_name(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 1, 2)
    if (open_name := _any_column(node, environment, check)) is not None:
        return open_name
    name = _constant(node.arguments[0], environment, check, "the column's name")
    return _reference(_select(str(name), _optional_stream(node, environment, check, 1), environment))


def _by_position(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 1, 1)
    if (open_position := _any_column(node, environment, check)) is not None:
        return open_position
    position = _constant(node.arguments[0], environment, check, "the column's position")
    columns = list(environment.scope.columns())
    inside = isinstance(position, int) and 1 <= position <= len(columns)
    dynamic = any(one.column.dynamic for one in columns)
    if dynamic:
        return Call(node.name, tuple(map(_reference, columns)), UNKNOWN, node.span)
    return _reference(columns[position - 1] if inside else None)


def _names(node: syntax.FunctionCall, environment: Environment, check: Check) -> list[TypedExpression]:
    _need(node, 1, 2)
    if (open_names := _any_column(node, environment, check)) is not None:
        return [open_names]
    names = _constant(node.arguments[0], environment, check, "the list of names") or []
    stream = _optional_stream(node, environment, check, 1)
    return [_reference(_select(str(name), stream, environment)) for name in names]


def _by_names(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    items = _names(node, environment, check)
    if len(items) == 1:
        return items[0]
    kind = datatypes.common_type(item.type for item in items)
    if kind is None or any(item.type == NULL for item in items):
        return Literal(None, NULL)
    return Call("array", tuple(widened(item, kind) for item in items), Array(kind), node.span)


def _stream_columns(node: syntax.FunctionCall, environment: Environment, check: Check) -> list[Resolved]:
    stream = _optional_stream(node, environment, check, 0)
    found = list(environment.scope.columns())
    if stream:
        found = [one for one in found if any(alias[0] == stream for alias in one.column.aliases)]
    return found


def _columns(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    raise ProblemFound(
        "columns() stands for several values", node.span, expected="it as argument of a function that takes any number"
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


_FAMILIES: Mapping[str, frozenset[str]] = {
    "number": frozenset({"byte", "short", "integer", "long", "float", "double", "decimal"}),
    "integral": frozenset({"byte", "short", "integer", "long"}),
    "fractional": frozenset({"float", "double", "decimal"}),
    "datetime": frozenset({"date", "timestamp"}),
}


def _type_match(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    _need(node, 2, 2)
    kind = str(_constant(node.arguments[0], environment, check, "the type")).partition("(")[0]
    base = str(_constant(node.arguments[1], environment, check, "the family"))
    return Literal(kind in _FAMILIES.get(base, frozenset({base})), BOOLEAN)


META: Mapping[str | None, Callable[[syntax.FunctionCall, Environment, Check], TypedExpression]] = {
    "byName": _by_name,
    "byNames": _by_names,
    "byPosition": _by_position,
    "columnNames": _column_names,
    "columns": _columns,
    "hasColumn": _has_column,
    "typeMatch": _type_match,
}


def checked_arguments(
    node: syntax.FunctionCall, environment: Environment, check: Check
) -> tuple[tuple[syntax.Expression, ...], list[TypedExpression]]:
    """The arguments with ``columns()`` and ``byNames()`` spread out where the function takes any number of values."""
    function = catalogue.find(node.name)
    spreads = function is not None and function.most is None
    nodes: list[syntax.Expression] = []
    typed: list[TypedExpression] = []
    for argument in node.arguments:
        special = catalogue.special_name(argument.name) if isinstance(argument, syntax.FunctionCall) else None
        if spreads and isinstance(argument, syntax.FunctionCall) and special in ("columns", "byNames"):
            if special == "columns":
                _need(argument, 0, 1)
                found = _stream_columns(argument, environment, check)
                items = [_reference(one) for one in found]
            else:
                items = _names(argument, environment, check)
            nodes.extend([argument] * len(items))
            typed.extend(items)
        else:
            nodes.append(argument)
            typed.append(check(argument, environment))
    return tuple(nodes), typed
