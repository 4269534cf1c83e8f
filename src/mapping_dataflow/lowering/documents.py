"""``parse`` and ``stringify``: documents in columns, as JSON, XML or delimited text, to typed values and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from lenient_json import DEVIATIONS
from mapping_dataflow.analysis.datatypes import BINARY, NULL, STRING, UNKNOWN, Array, DataType, Map, Struct, from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.special_functions import to_text
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Convert, Literal, TypedExpression
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.lowering.context import LoweringContext
from mapping_dataflow.lowering.derive import merged, with_locals
from mapping_dataflow.lowering.select import target_name
from mapping_dataflow.relations import Project, Stage
from mapping_dataflow.script import syntax

_FORMATS = {"json": "json", "JSON": "json", "xml": "xml", "XML": "xml", "delimited": "delimited"}
_FORMS = {one: one for one in ("singleDocument", "documentPerLine", "arrayOfDocuments")}
_DELIMITED = ("columnDelimiter", "rowDelimiter", "quoteChar", "escapeChar", "columnNamesAsHeader", "nullValue")
_XML = ("namespaces", "namespacePrefixes", "validationMode")


_NOTHING = Literal(None, UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Asserted:
    """``name = expression ? type``."""

    name: str
    value: TypedExpression
    kind: DataType
    node: syntax.TypeAssertion


def lower_parse(context: LoweringContext) -> list[Stage]:
    """``parse(column = text ? type, format, documentForm, …)``: what is no document of the format becomes null."""
    arguments = context.arguments
    arguments.allow(
        properties=["format", "documentForm", "encoding", *_DELIMITED, *_XML, *DEVIATIONS], assignments=True
    )
    options = _options(arguments, "parse")
    source = context.reference()
    values: dict[str, TypedExpression] = {}
    for one in _asserted(context):
        if one.value.type == UNKNOWN:
            values[one.name] = one.value
            continue
        document = json.dumps({**options, "shape": shape_of(one.kind)}, ensure_ascii=False)
        texts = texts_of(one.kind)
        parsed = Call("parseDocument", (_text(one), Literal(document, STRING)), texts, one.node.span)
        values[one.name] = parsed if texts == one.kind else Convert(parsed, one.kind, None, one.node.span)
    return [context.stage(Project(source, tuple(merged(source, values, context))))]


def lower_stringify(context: LoweringContext) -> list[Stage]:
    """``stringify(column = value ? string, format, …)``: a value as the text of a document."""
    arguments = context.arguments
    arguments.allow(properties=["format", "documentForm", "encoding", *_DELIMITED], assignments=True)
    options = _options(arguments, "stringify")
    source = context.reference()
    values: dict[str, TypedExpression] = {}
    for one in _asserted(context):
        if one.kind != STRING:
            context.problems.report(f"the text of a document is {one.kind}", one.node.span, expected="? string")
        if one.value.type in (NULL, UNKNOWN):
            values[one.name] = Literal(None, STRING)
            continue
        text: TypedExpression = Call("toJson", (one.value,), STRING, one.node.span)
        if options["format"] != "json":
            written = json.dumps({**options, "shape": shape_of(one.value.type)}, ensure_ascii=False)
            text = Call("writeDocument", (text, Literal(written, STRING)), STRING, one.node.span)
        values[one.name] = text
    return [context.stage(Project(source, tuple(merged(source, values, context))))]


def _options(arguments: Arguments, verb: str) -> dict[str, object]:
    if "format" not in arguments.properties:
        raise ProblemFound(f"{verb} has no format", arguments.statement.verb_span, expected="format: 'json'")
    if arguments.text("validationMode") not in (None, "none"):
        raise ProblemFound("schemas of XML are not checked", arguments.properties["validationMode"].span)
    return {
        "format": arguments.choice("format", _FORMATS, "json"),
        "form": arguments.choice("documentForm", _FORMS, "singleDocument"),
        "delimiter": _character(arguments, "columnDelimiter", ","),
        "quote": _character(arguments, "quoteChar", '"'),
        "escape": _character(arguments, "escapeChar", "\\"),
        "header": arguments.flag("columnNamesAsHeader"),
        "null": arguments.text("nullValue") or "",
        "rows": _character(arguments, "rowDelimiter", ""),
        "namespaces": arguments.flag("namespaces", default=True),
        "prefixes": _prefixes(arguments),
        "lenient": [name for name in DEVIATIONS if name in arguments.properties and arguments.flag(name)],
    }


def _character(arguments: Arguments, name: str, default: str) -> str:
    text = arguments.text(name)
    return default if text is None else text


def _prefixes(arguments: Arguments) -> dict[str, str]:
    """The prefixes of namespaces by URI. Raises ProblemFound for what is no map of texts."""
    given = arguments.value("namespacePrefixes")
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(text, str) for pair in given.items() for text in pair):
        raise ProblemFound(
            "the prefixes of namespaces are no map of texts",
            arguments.properties["namespacePrefixes"].span,
            expected="['URI' -> 'prefix']",
        )
    return given


def _asserted(context: LoweringContext) -> Iterator[_Asserted]:
    environment = with_locals(context, context.environment())
    found = [one for one in context.arguments.assignments if not one.local]
    if not found:
        raise ProblemFound(
            f"{context.statement.verb} makes no column",
            context.statement.verb_span,
            expected="column = expression ? type",
        )
    for assignment in found:
        asserted = context.attempt(_one_asserted, assignment, context, environment)
        if asserted is not None:
            yield asserted


def _one_asserted(assignment: syntax.Assignment, context: LoweringContext, environment: Environment) -> _Asserted:
    node = assignment.value
    if not isinstance(node, syntax.TypeAssertion):
        raise ProblemFound("the type is missing", node.span, expected="expression ? type")
    name = target_name(assignment.target, environment)
    kind = context.attempt(from_syntax, node.type)
    value = context.checked(node.expression, environment)
    return _Asserted(name, value, kind, node) if kind is not None else _Asserted(name, _NOTHING, STRING, node)


def _text(one: _Asserted) -> TypedExpression:
    if one.value.type == BINARY:
        return Call("decode", (one.value, Literal("UTF-8", STRING)), STRING, one.node.span)
    return to_text(one.value, one.node.span)


def texts_of(kind: DataType) -> DataType:
    """The type with every simple part as a string, which is what a document holds."""
    match kind:
        case Array():
            return Array(texts_of(kind.element))
        case Map():
            return Map(STRING, texts_of(kind.value))
        case Struct():
            return Struct(tuple((name, texts_of(inner)) for name, inner in kind.fields))
        case _:
            return STRING


def shape_of(kind: DataType) -> object:
    """A type as JSON for the functions that read and write documents: null is a simple value."""
    match kind:
        case Array():
            return {"array": shape_of(kind.element)}
        case Map():
            return {"map": shape_of(kind.value)}
        case Struct():
            return {"struct": {name: shape_of(inner) for name, inner in kind.fields}}
        case _:
            return None
