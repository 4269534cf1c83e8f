"""Values of the expression language (JSON values and binary content) and the conversions between them.

Binary content is the object `{"$content-type", "$content"}` with base64 text, as the service shows it.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias, TypeGuard

from pipeline_runtime.expressions.errors import ExpressionError

Value: TypeAlias = bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"] | None
"""A JSON value; arrays are lists, objects are dicts with string keys."""
_LARGEST_PLAIN = 1e17
"""Floats from here on have an exponent in their text."""
_LINE_SEPARATORS = re.compile("[\x85\u2028\u2029]")


def is_object(value: Value) -> TypeGuard[Mapping[str, Value]]:
    """Whether the value is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether the value is a JSON array."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether the value is an integer or a float (booleans are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_long(value: int) -> bool:
    """Whether an integer has at most 64 bits; the service knows no longer ones."""
    return -(1 << 63) <= value < 1 << 63


def type_name(value: Value) -> str:
    """The service's word for the value's type."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer"
    if isinstance(value, float):
        return "Float"
    if isinstance(value, str):
        return "String"
    return "Array" if is_array(value) else "Object"


def to_text(value: Value) -> str:
    """The text of a value in a string: booleans as True/False, null as nothing, arrays and objects as compact JSON.

    Binary content is its bytes read as UTF-8.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, int):
        return str(value)
    content = content_of(value)
    return json_text(value) if content is None else content.decode(errors="replace")


def float_text(value: float) -> str:
    """A float as .NET prints it: no trailing `.0`, and an exponent of two digits at least."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < _LARGEST_PLAIN:
        return f"{Decimal(repr(value)):.0f}"
    return repr(value).replace("e", "E")


def json_text(value: Value) -> str:
    """Compact JSON as the service writes it: floats with a point, line separators escaped."""
    if is_object(value):
        return "{" + ",".join(f"{json_text(name)}:{json_text(each)}" for name, each in value.items()) + "}"
    if is_array(value):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, float):
        text = float_text(value)
        return text if "E" in text or "." in text or text.isalpha() else f"{text}.0"
    text = json.dumps(value, ensure_ascii=False)
    return _LINE_SEPARATORS.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def binary(content: bytes, content_type: str = "application/octet-stream") -> Value:
    """Binary content as a value."""
    return {
        "$content-type": content_type,
        "$content": base64.b64encode(content).decode(),
    }


def is_binary(value: Value) -> TypeGuard[Mapping[str, Value]]:
    """Whether the value is binary content."""
    return is_object(value) and "$content-type" in value and isinstance(value.get("$content"), str)


def content_of(value: Value) -> bytes | None:
    """The bytes of binary content, None for any other value. Raises ExpressionError for content that is not base64."""
    return decode_base64(to_text(value["$content"])) if is_binary(value) else None


def decode_base64(text: str) -> bytes:
    """The bytes of base64 text; raises ExpressionError for text that is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ExpressionError(f"the value '{text}' is not base64 text") from error


def equal(left: Value, right: Value) -> bool:
    """What the function `equals` says: numbers by value, true equals 1 and false equals 0, all else as `same`."""
    if isinstance(left, bool | int | float) and isinstance(right, bool | int | float):
        return left == right
    return same(left, right)


def same(left: Value, right: Value) -> bool:
    """Deep equality of items and properties, where 1 and 1.0 are two values."""
    if is_array(left) and is_array(right):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if is_object(left) and is_object(right):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type_name(left) == type_name(right) and left == right
