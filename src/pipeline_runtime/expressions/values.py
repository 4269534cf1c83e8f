"""Values of the expression language (JSON values and binary content) and the conversions between them.

Binary content is the object `{"$content-type", "$content"}` with base64 text, as the service shows it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

from pipeline_runtime.expressions.errors import ExpressionError

Value: TypeAlias = bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"] | None
"""A JSON value; arrays are lists, objects are dicts with string keys."""


def is_object(value: Value) -> TypeGuard[Mapping[str, Value]]:
    """Whether the value is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether the value is a JSON array."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether the value is an integer or a float (booleans are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


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
    """The text of a value in a string: booleans as True/False, null as nothing, arrays and objects as compact JSON."""
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
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def float_text(value: float) -> str:
    """A float as .NET prints it: no trailing `.0`."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace("e", "E")


def binary(content: bytes, content_type: str = "application/octet-stream") -> Value:
    """Binary content as a value."""
    return {
        "$content-type": content_type,
        "$content": base64.b64encode(content).decode(),
    }


def decode_base64(text: str) -> bytes:
    """The bytes of base64 text; raises ExpressionError for text that is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ExpressionError(f"the value '{text}' is not base64 text") from error


def equal(left: Value, right: Value) -> bool:
    """Equality of the language: deep, numbers by value, true equals 1 and false equals 0."""
    if is_array(left) and is_array(right):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    if is_object(left) and is_object(right):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if is_array(left) or is_array(right) or is_object(left) or is_object(right):
        return False
    return left == right
