"""Conversion functions: between strings, numbers, booleans, JSON, base64, data URIs and URI components."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Sequence
from urllib.parse import quote, unquote, unquote_plus

from lenient_json import TRAILING_COMMAS, strict_json
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import (
    Function,
    pure,
    text,
    wrong_type,
)
from pipeline_runtime.expressions.functions.xml import is_xml, json_of_xml
from pipeline_runtime.expressions.values import (
    Value,
    binary,
    content_of,
    decode_base64,
    is_array,
    is_binary,
    is_long,
    is_number,
    to_text,
)

_INTEGER = re.compile(r"\s*(?P<sign>[+-]?)(?P<digits>\d[\d,]*)(?:\.0*)?(?:[eE]\+?(?P<exponent>\d{1,2}))?\s*")
_FLOAT = re.compile(r"\s*[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*")
_FLOAT_WORDS = {"nan": math.nan, "infinity": math.inf, "-infinity": -math.inf}
_JSON_NET = ("singleQuoted", "unquotedColumnNames", "asComments", TRAILING_COMMAS)
_DATA_URI = re.compile(r"data:(?P<type>[^,]*?)(?P<base64>;base64)?,(?P<content>.*)", re.DOTALL)


def _int(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if is_number(value) or isinstance(value, bool):
        if float(value).is_integer() and is_long(int(value)):
            return int(value)
        raise ExpressionError(f"the value '{to_text(value)}' cannot be converted to an integer")
    if found := _INTEGER.fullmatch(text("int", value)):
        number: int = int(found["sign"] + found["digits"].replace(",", "")) * 10 ** int(found["exponent"] or "0")
        if is_long(number):
            return number
    raise ExpressionError(f"the value '{value}' cannot be converted to an integer")


def _float(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if is_number(value) or isinstance(value, bool):
        return float(value)
    given = text("float", value)
    if (word := given.strip().lower()) in _FLOAT_WORDS:
        return _FLOAT_WORDS[word]
    if not _FLOAT.fullmatch(given):
        raise ExpressionError(f"the value '{value}' cannot be converted to a float")
    return float(given.replace(",", ""))


def _bool(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if isinstance(value, bool):
        return value
    if is_number(value):
        return value != 0
    lowered = text("bool", value).strip().lower()
    if lowered not in ("true", "false"):
        raise ExpressionError(f"the value '{value}' cannot be converted to a boolean")
    return lowered == "true"


def _json(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if value is None:
        return {}
    if is_xml(value):
        return json_of_xml(value)
    content = content_of(value)
    given = text("json", value) if content is None else content.decode(errors="replace")
    if not given.strip():
        return None
    return _parsed_json(given)


def _parsed_json(given: str) -> Value:
    """JSON, and what Json.NET takes beside it: single quotes, names without quotes, comments, commas at ends."""
    try:
        parsed: Value = json.loads(given)
    except ValueError as error:
        try:
            parsed = json.loads(strict_json(given, _JSON_NET), strict=False)
        except ValueError:
            raise ExpressionError(f"the value of the function 'json' is not valid JSON: {error}") from error
    return parsed


def _string(arguments: Sequence[Value]) -> Value:
    return to_text(arguments[0])


def _array(arguments: Sequence[Value]) -> Value:
    return arguments[0] if is_array(arguments[0]) else [arguments[0]]


def _content(name: str, value: Value) -> bytes:
    """What is encoded: the bytes of binary content, else the text of the value."""
    content = content_of(value)
    if content is not None:
        return content
    if value is None:
        raise wrong_type(name, 1, "a value", value)
    return to_text(value).encode()


def _base64(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if value is None or is_number(value) or isinstance(value, bool):
        raise wrong_type("base64", 1, "a string, an array or an object", value)
    return base64.b64encode(_content("base64", value)).decode()


def _decoded_base64(name: str) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        return decode_base64(text(name, arguments[0])).decode(errors="replace")

    return pure(name, 1, 1, body)


def _data_uri(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    encoded = base64.b64encode(_content("dataUri", value)).decode()
    kind = "text/plain;charset=utf-8" if isinstance(value, str) else "application/json;charset=utf-8"
    if is_binary(value):
        kind = to_text(value["$content-type"])
    return f"data:{kind};base64,{encoded}"


def _parsed_data_uri(name: str, uri: str) -> tuple[str, bytes]:
    match = _DATA_URI.fullmatch(uri)
    if not match:
        raise ExpressionError(f"the function '{name}' expects a data URI ('data:…'), found '{uri}'")
    content = match["content"]
    return match["type"], decode_base64(content) if match["base64"] else unquote(content).encode()


def _data_uri_to_binary(arguments: Sequence[Value]) -> Value:
    content_type, content = _parsed_data_uri("dataUriToBinary", text("dataUriToBinary", arguments[0]))
    return binary(content, content_type or "text/plain")


def _data_uri_to_string(name: str) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        return _parsed_data_uri(name, text(name, arguments[0]))[1].decode(errors="replace")

    return pure(name, 1, 1, body)


def _encoded_uri(name: str) -> Function:
    return pure(name, 1, 1, lambda arguments: quote(to_text(arguments[0]), safe="-_.~"))


def _decoded_uri(name: str) -> Function:
    return pure(name, 1, 1, lambda arguments: unquote_plus(text(name, arguments[0])))


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
        is_lazy=True,
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
    pure("binary", 1, 1, lambda arguments: binary(_content("binary", arguments[0]))),
    pure("dataUri", 1, 1, _data_uri),
    pure("dataUriToBinary", 1, 1, _data_uri_to_binary),
    _data_uri_to_string("dataUriToString"),
    _data_uri_to_string("decodeDataUri"),
    _encoded_uri("uriComponent"),
    _encoded_uri("encodeUriComponent"),
    _decoded_uri("uriComponentToString"),
    _decoded_uri("decodeUriComponent"),
    pure(
        "uriComponentToBinary",
        1,
        1,
        lambda a: binary(unquote_plus(text("uriComponentToBinary", a[0])).encode()),
    ),
)
