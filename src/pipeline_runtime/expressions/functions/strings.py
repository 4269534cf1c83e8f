"""String functions. https://learn.microsoft.com/azure/data-factory/control-flow-expression-language-functions#string-functions"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_runtime.expressions.dotnet_text import characters, lowered, units, uppered
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import (
    Function,
    Surroundings,
    integer,
    pure,
    text,
)
from pipeline_runtime.expressions.values import Value, to_text


def _substring(arguments: Sequence[Value]) -> Value:
    source = units(text("substring", arguments[0]))
    start = integer("substring", arguments[1], 2)
    length = integer("substring", arguments[2], 3) if len(arguments) == 3 else len(source) - start
    if not 0 <= start < len(source):
        raise ExpressionError(
            "the parameters of 'substring' are out of range: 'start index' must be a non-negative integer "
            f"below the length of the string, {len(source)}; found {start}"
        )
    if length < 0 or start + length > len(source):
        raise ExpressionError(
            "the parameters of 'substring' are out of range: 'length' must be a non-negative integer "
            f"and its sum with 'start index' no larger than the length of the string, {len(source)}"
        )
    return characters(source[start : start + length])


def _replace(arguments: Sequence[Value]) -> Value:
    source, old, new = (text("replace", value, ordinal) for ordinal, value in enumerate(arguments, 1))
    if not old:
        raise ExpressionError("the function 'replace' expects a string that is not empty as its argument 2")
    return source.replace(old, new)


def _split(arguments: Sequence[Value]) -> Value:
    source, delimiter = text("split", arguments[0]), text("split", arguments[1], 2)
    return list(source.split(delimiter)) if delimiter else [source]


def _search(name: str, last: bool) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        source, wanted = (lowered(units(text(name, value, ordinal))) for ordinal, value in enumerate(arguments, 1))
        if last and not wanted:
            return max(len(source) - 1, 0)  # .NET's answer up to its version 4
        return source.rfind(wanted) if last else source.find(wanted)

    return pure(name, 2, 2, body)


def _edge(name: str, at_end: bool) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        source, wanted = (lowered(text(name, value, ordinal)) for ordinal, value in enumerate(arguments, 1))
        return source.endswith(wanted) if at_end else source.startswith(wanted)

    return pure(name, 2, 2, body)


def _guid(surroundings: Surroundings, arguments: Sequence[Value]) -> Value:
    plain = surroundings.new_guid()
    style = text("guid", arguments[0]).upper() if arguments else "D"
    digits = plain.replace("-", "")
    if style == "X":
        tail = ",".join(f"0x{digits[i : i + 2]}" for i in range(16, 32, 2))
        return f"{{0x{digits[:8]},0x{digits[8:12]},0x{digits[12:16]},{{{tail}}}}}"
    shapes = {"D": plain, "N": digits, "B": f"{{{plain}}}", "P": f"({plain})"}
    if style not in shapes:
        raise ExpressionError(f"the function 'guid' expects a format of D, N, B, P or X, found '{style}'")
    return shapes[style]


FUNCTIONS: tuple[Function, ...] = (
    pure("concat", 1, None, lambda arguments: "".join(map(to_text, arguments))),
    pure("substring", 2, 3, _substring),
    pure("replace", 3, 3, _replace),
    pure("split", 2, 2, _split),
    _search("indexOf", last=False),
    _search("lastIndexOf", last=True),
    _edge("startsWith", at_end=False),
    _edge("endsWith", at_end=True),
    Function("guid", 0, 1, _guid),
    pure("toLower", 1, 1, lambda arguments: lowered(text("toLower", arguments[0]))),
    pure("toUpper", 1, 1, lambda arguments: uppered(text("toUpper", arguments[0]))),
    pure("trim", 1, 1, lambda arguments: text("trim", arguments[0]).strip()),
)
