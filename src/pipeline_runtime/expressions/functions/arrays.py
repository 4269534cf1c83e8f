"""Collection functions, over arrays, strings and objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline_runtime.expressions.dotnet_text import characters, units
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import (
    Function,
    array,
    integer,
    pure,
    text,
    wrong_type,
)
from pipeline_runtime.expressions.values import (
    Value,
    is_array,
    is_object,
    same,
    to_text,
)


def _holds(items: Sequence[Value], wanted: Value) -> bool:
    return any(same(item, wanted) for item in items)


def _contains(arguments: Sequence[Value]) -> Value:
    collection, wanted = arguments
    if isinstance(collection, str):
        return text("contains", wanted, 2) in collection
    if is_array(collection):
        return _holds(collection, wanted)
    if is_object(collection):
        return text("contains", wanted, 2).lower() in map(str.lower, collection)
    raise wrong_type("contains", 1, "a string, an array or an object", collection)


def _empty(arguments: Sequence[Value]) -> Value:
    collection = arguments[0]
    if collection is None:
        return True
    if isinstance(collection, str) or is_array(collection) or is_object(collection):
        return len(collection) == 0
    raise wrong_type("empty", 1, "a string, an array or an object", collection)


def _length(arguments: Sequence[Value]) -> Value:
    collection = arguments[0]
    if isinstance(collection, str):
        return len(units(collection))
    if is_array(collection):
        return len(collection)
    raise wrong_type("length", 1, "a string or an array", collection)


def _end(name: str, index: int) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        collection = arguments[0]
        if isinstance(collection, str):
            return characters(units(collection)[index]) if collection else ""
        if not is_array(collection):
            raise wrong_type(name, 1, "a string or an array", collection)
        return collection[index] if collection else None

    return pure(name, 1, 1, body)


def _count(name: str, value: Value) -> int:
    count = integer(name, value, 2)
    if count < 0:
        raise ExpressionError(
            f"the function '{name}' expects an integer from 0 upwards as its argument 2, found {count}"
        )
    return count


def _take(arguments: Sequence[Value]) -> Value:
    collection = arguments[0]
    if isinstance(collection, str):
        return characters(units(collection)[: _count("take", arguments[1])])
    return list(array("take", collection)[: _count("take", arguments[1])])


def _skip(arguments: Sequence[Value]) -> Value:
    collection = arguments[0]
    if isinstance(collection, str):
        return characters(units(collection)[_count("skip", arguments[1]) :])
    return list(array("skip", collection)[_count("skip", arguments[1]) :])


def _objects(name: str, arguments: Sequence[Value]) -> list[Mapping[str, Value]]:
    objects = [argument for argument in arguments if is_object(argument)]
    if len(objects) != len(arguments):
        raise ExpressionError(f"the function '{name}' expects arrays only or objects only, found a mix of types")
    return objects


def _union(arguments: Sequence[Value]) -> Value:
    if is_array(arguments[0]):
        result: list[Value] = []
        for ordinal, argument in enumerate(arguments, 1):
            result.extend(item for item in array("union", argument, ordinal) if not _holds(result, item))
        return result
    merged: dict[str, Value] = {}
    for each in _objects("union", arguments):
        merged.update(each)
    return merged


def _intersection(arguments: Sequence[Value]) -> Value:
    if is_array(arguments[0]):
        result = list(arguments[0])
        for ordinal, argument in enumerate(arguments[1:], 2):
            others = array("intersection", argument, ordinal)
            result = [item for item in result if _holds(others, item)]
        unique: list[Value] = []
        unique.extend(item for index, item in enumerate(result) if not _holds(result[:index], item))
        return unique
    objects = _objects("intersection", arguments)
    return {
        key: value
        for key, value in objects[-1].items()
        if all(key in each and same(each[key], value) for each in objects)
    }


def _join(arguments: Sequence[Value]) -> Value:
    return text("join", arguments[1], 2).join(to_text(item) for item in array("join", arguments[0]))


FUNCTIONS: tuple[Function, ...] = (
    pure("contains", 2, 2, _contains),
    pure("empty", 1, 1, _empty),
    pure("length", 1, 1, _length),
    _end("first", 0),
    _end("last", -1),
    pure("take", 2, 2, _take),
    pure("skip", 2, 2, _skip),
    pure("union", 2, None, _union),
    pure("intersection", 2, None, _intersection),
    pure("join", 2, 2, _join),
)
