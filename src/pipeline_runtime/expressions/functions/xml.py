"""XML, which values hold as binary content of its own type; `json` reads it as well.

https://learn.microsoft.com/azure/data-factory/control-flow-expression-language-functions#xml
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_runtime.expressions import xml_json
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import Function, pure, text, wrong_type
from pipeline_runtime.expressions.values import Value, binary, content_of, is_binary, is_object, to_text
from pipeline_runtime.expressions.xml_tree import Document, parse, written

_TYPE = "application/xml;charset=utf-8"


def is_xml(value: Value) -> bool:
    """Whether a value is XML."""
    if not is_binary(value):
        return False
    return to_text(value["$content-type"]).partition(";")[0].strip().lower() == "application/xml"


def json_of_xml(value: Value) -> Value:
    """The object of XML. Raises ExpressionError for content that is none."""
    return xml_json.json_of_xml(_document("json", value))


def _document(function: str, value: Value) -> Document:
    content = content_of(value) or b""
    return _parsed(function, content.decode(errors="replace"))


def _parsed(function: str, given: str) -> Document:
    try:
        return parse(given)
    except ExpressionError as error:
        raise ExpressionError(f"the function '{function}' cannot read its argument: {error}") from error


def _xml(arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    content = content_of(value)
    if content is not None:
        return binary(content, _TYPE)
    if isinstance(value, str):
        return binary(written(_parsed("xml", value)).encode(), _TYPE)
    if not is_object(value):
        raise wrong_type("xml", 1, "a string or an object", value)
    try:
        return binary(written(xml_json.xml_of_json(value)).encode(), _TYPE)
    except ExpressionError as error:
        raise ExpressionError(f"the function 'xml' cannot make XML of its argument: {error}") from error


def _xpath(arguments: Sequence[Value]) -> Value:
    value, path = arguments[0], text("xpath", arguments[1], 2)
    if not is_xml(value):
        raise wrong_type("xpath", 1, "XML, as the function 'xml' gives it,", value)
    from pipeline_runtime.expressions.xml_paths import selected  # loads lxml, which few pipelines need

    found = selected(_document("xpath", value), path)
    if isinstance(found, list):
        return [binary(each, _TYPE) if isinstance(each, bytes) else each for each in found]
    return found


FUNCTIONS: tuple[Function, ...] = (
    pure("xml", 1, 1, _xml),
    pure("xpath", 2, 2, _xpath),
)
