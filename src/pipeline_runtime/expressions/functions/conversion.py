"""Conversion functions: between strings, numbers, booleans, JSON, base64, data URIs and URI components."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import (
    Function,
    pure,
    text,
    wrong_type,
)
from pipeline_runtime.expressions.values import (
    Value,
    binary,
    decode_base64,
    is_array,
    is_number,
    is_object,
    to_text,
)

_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_DATA_URI = re.compile(r"data:(?P<type>[^,]*?)(?P<base64>;base64)?,(?P<content>.*)", re.DOTALL)


def _int(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if isinstance(value, bool):
        raise wrong_type("int", 1, "a string or a number", value)
    if is_number(value):
        return int(value)
    if not _INTEGER.fullmatch(text("int", value)):
        raise ExpressionError(f"the value '{value}' cannot be converted to an integer")
    return int(text("int", value))


def _float(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if is_number(value):
        return float(value)
    try:
        return float(text("float", value))
    except ValueError as error:
        raise ExpressionError(f"the value '{value}' cannot be converted to a float") from error


def _bool(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if isinstance(value, bool):
        return value
    if is_number(value):
        return value != 0
    lowered = text("bool", value).strip().lower()
    if lowered not in ("true", "false", "0", "1"):
        raise ExpressionError(f"the value '{value}' cannot be converted to a boolean")
    return lowered in ("true", "1")


def _json(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if value is None:
        return {}
    if not isinstance(value, str):
        return value
    try:
        parsed: Value = json.loads(value)
    except ValueError as error:
        raise ExpressionError(f"the value of the function 'json' is not valid JSON: {error}") from error
    return parsed


def _string(arguments: Sequence[Value]) -> Value:
    return to_text(arguments[0])


def _array(arguments: Sequence[Value]) -> Value:
    return arguments[0] if is_array(arguments[0]) else [arguments[0]]


def _content(value: Value, name: str) -> bytes:
    if is_object(value) and "$content" in value:
        return decode_base64(text(name, value["$content"]))
    return text(name, value).encode()


def _base64(arguments: Sequence[Value]) -> Value:
    encoded = binary(_content(arguments[0], "base64"))
    return encoded["$content"] if is_object(encoded) else None


def _decoded_base64(name: str) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        return decode_base64(text(name, arguments[0])).decode(errors="replace")

    return pure(name, 1, 1, body)


def _data_uri(arguments: Sequence[Value]) -> Value:
    content = binary(_content(arguments[0], "dataUri"))
    encoded = content["$content"] if is_object(content) else ""
    return f"data:text/plain;charset=utf-8;base64,{encoded}"


def _parsed_data_uri(name: str, uri: str) -> tuple[str, bytes]:
    match = _DATA_URI.fullmatch(uri)
    if not match:
        raise ExpressionError(f"the function '{name}' expects a data URI ('data:…'), found '{uri}'")
    content = match["content"]
    return match["type"], decode_base64(content) if match["base64"] else unquote(content).encode()


def _data_uri_to_binary(name: str) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        content_type, content = _parsed_data_uri(name, text(name, arguments[0]))
        return binary(content, content_type or "text/plain")

    return pure(name, 1, 1, body)


def _data_uri_to_string(arguments: Sequence[Value]) -> Value:
    return _parsed_data_uri("dataUriToString", text("dataUriToString", arguments[0]))[1].decode(errors="replace")


def _encoded_uri(name: str) -> Function:
    return pure(name, 1, 1, lambda arguments: quote(text(name, arguments[0]), safe="-_.~"))


def _decoded_uri(name: str) -> Function:
    return pure(name, 1, 1, lambda arguments: unquote(text(name, arguments[0])))


def _refused(name: str) -> Function:
    def body(_arguments: Sequence[Value]) -> Value:
        raise ExpressionError(f"the function '{name}' is a function of the service that is not implemented here")

    return pure(name, 0, None, body)


FUNCTIONS: tuple[Function, ...] = (
    pure("array", 1, 1, _array),
    pure("createArray", 1, None, lambda arguments: list(arguments)),
    pure("int", 1, 1, _int),
    pure("float", 1, 1, _float),
    pure("bool", 1, 1, _bool),
    pure("string", 1, 1, _string),
    pure("json", 1, 1, _json),
    pure(
        "coalesce",
        1,
        None,
        lambda arguments: next((each for each in arguments if each is not None), None),
    ),
    pure("base64", 1, 1, _base64),
    pure(
        "base64ToBinary",
        1,
        1,
        lambda a: binary(decode_base64(text("base64ToBinary", a[0]))),
    ),
    _decoded_base64("base64ToString"),
    _decoded_base64("decodeBase64"),
    pure("binary", 1, 1, lambda a: binary(text("binary", a[0]).encode())),
    pure("dataUri", 1, 1, _data_uri),
    _data_uri_to_binary("dataUriToBinary"),
    _data_uri_to_binary("decodeDataUri"),
    pure("dataUriToString", 1, 1, _data_uri_to_string),
    _encoded_uri("uriComponent"),
    _encoded_uri("encodeUriComponent"),
    _decoded_uri("uriComponentToString"),
    _decoded_uri("decodeUriComponent"),
    pure(
        "uriComponentToBinary",
        1,
        1,
        lambda a: binary(unquote(text("uriComponentToBinary", a[0])).encode()),
    ),
    _refused("xml"),
    _refused("xpath"),
)
