"""Functions whose typing needs more than a signature: case, indexing, maps, columns by name, expansion of columns()."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import (
    BINARY,
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
from mapping_dataflow.analysis.signature_check import check_compared
from mapping_dataflow.errors import ProblemFound, Span, counted
from mapping_dataflow.expressions import Call, Literal, TypedExpression
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


def first_item(items: TypedExpression) -> TypedExpression:
    """The first item of an array; null without one."""
    kind = items.type.element if isinstance(items.type, Array) else items.type
    return Call("elementAt", (items, Literal(1, LONG)), kind)


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
    if len(arguments) % 2:
        raise ProblemFound("a key has no value", span, expected="associate(key, value, …)")
    key = datatypes.common_type(argument.type for argument in arguments[::2])
    value = datatypes.common_type(argument.type for argument in arguments[1::2])
    if key is None or value is None:
        raise ProblemFound("the keys or the values of the map have no common type", span, expected="one type each")
    if not arguments:
        key = value = STRING
    check_compared(key, span, "the key of a map")
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
    if not arguments or not all(isinstance(argument.type, Array) for argument in arguments):
        raise ProblemFound("flatten() takes arrays", span, expected="flatten(array, …, [recursive])")
    found = [_flat(argument, recursive, span) for argument in arguments]
    kind = datatypes.common_type(argument.type for argument in found)
    if kind is None:
        listed = " and ".join(str(argument.type) for argument in found)
        raise ProblemFound(f"flatten() does not take {listed} together", span, expected="arrays of one type")
    result = widened(found[0], kind)
    for argument in found[1:]:
        result = Call("arrayConcat", (result, widened(argument, kind)), kind, span)
    return result


def _flat(array: TypedExpression, recursive: bool, span: Span) -> TypedExpression:
    """One level less, or all but the last; an array of plain items stays."""
    result = array
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

_TEXTUAL = (STRING, BOOLEAN, DATE, TIMESTAMP, BINARY)


def check_conversion(name: str, arguments: tuple[TypedExpression, ...], span: Span) -> None:
    """Raises ProblemFound for a conversion between types that cannot be converted."""
    if not name.startswith("to") or name in ("toUTC", "toBase64", "toBinary", "toBitSet", "topN"):
        return
    if name == "toDecimal":
        _check_precision([argument.value for argument in arguments[1:3] if isinstance(argument, Literal)], span)
    kind = arguments[0].type
    if kind in (NULL, UNKNOWN, STRING) or (name == "toString" and datatypes.is_complex(kind)):
        return
    allowed: tuple[DataType, ...] = {
        "toString": _TEXTUAL,
        "toBoolean": (BOOLEAN,),
        "toDate": (DATE, TIMESTAMP),
        "toTimestamp": (DATE, TIMESTAMP),
    }.get(name, (BOOLEAN, TIMESTAMP))
    numbers = (
        datatypes.is_number(kind) and (name != "toDate") and (name != "toTimestamp" or datatypes.is_integral(kind))
    )
    if kind not in allowed and not numbers:
        raise ProblemFound(f"{name}() does not take {kind}", span, expected="a value that can be converted")


def _check_precision(given: list[object], span: Span) -> None:
    precision, scale = ([*given, 0] if len(given) == 1 else [*given, 10, 2])[:2]
    if (
        not isinstance(precision, int)
        or not isinstance(scale, int)
        or not 0 <= scale <= precision <= datatypes.MAXIMUM_PRECISION
        or not precision
    ):
        raise ProblemFound(
            "toDecimal() has no legal precision and scale",
            span,
            expected="toDecimal(value, precision, scale), 1 <= precision <= 38 and 0 <= scale <= precision",
        )


def to_text(value: TypedExpression, span: Span) -> TypedExpression:
    """``toString(value)`` where it is not a string already."""
    if value.type in (STRING, NULL, UNKNOWN):
        return widened(value, STRING)
    check_conversion("toString", (value,), span)
    return Call("toString", (value,), STRING, span)
