"""Documents in DuckDB: values of any type as JSON, and JSON of strings as typed values.

JSON is what Spark's ``to_json`` writes: fields that are null are left out, timestamps are in UTC with milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import STRING, Array, DataType, Map, Struct
from mapping_dataflow.engines.base import Builder, fill
from mapping_dataflow.engines.duckdb.conversions import CONVERSIONS
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.errors import NOWHERE
from mapping_dataflow.expressions import Call


def json_of(value: exp.Expression, kind: DataType, depth: int = 0) -> exp.Expression:
    """The SQL of a value as JSON; null for null."""
    match kind:
        case Struct():
            return _object(value, kind, depth)
        case Array():
            variable = f"json_{depth}"
            item = json_of(exp.column(variable), kind.element, depth + 1)
            body = fill("coalesce(_1, 'null')", [item])
            items = fill(
                "list_transform(_1, _2)", [value, exp.Lambda(this=body, expressions=[exp.to_identifier(variable)])]
            )
            return fill("'[' || array_to_string(_1, ',') || ']'", [items])
        case Map():
            variable = f"json_{depth}"
            key = json_of(fill(f"{variable}.key", []), kind.key, depth + 1)
            quoted = key if kind.key == STRING else fill("'\"' || _1 || '\"'", [key])
            item = json_of(fill(f"{variable}.value", []), kind.value, depth + 1)
            body = fill("_1 || ':' || coalesce(_2, 'null')", [quoted, item])
            entries = exp.Lambda(this=body, expressions=[exp.to_identifier(variable)])
            return fill("'{' || array_to_string(list_transform(map_entries(_1), _2), ',') || '}'", [value, entries])
    return _simple(value, kind)


def _object(value: exp.Expression, kind: Struct, depth: int) -> exp.Expression:
    fields: list[exp.Expression] = []
    for name, inner in kind.fields:
        part = fill("struct_extract(_1, _2)", [value.copy(), exp.Literal.string(name)])
        head = exp.Literal.string(json.dumps(name, ensure_ascii=False) + ":")
        fields.append(fill("_1 || _2", [head, json_of(part, inner, depth)]))
    joined = exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string(","), *fields])
    return fill("CASE WHEN _1 IS NOT NULL THEN '{' || _2 || '}' END", [value, joined])


def _simple(value: exp.Expression, kind: DataType) -> exp.Expression:
    if kind == STRING:
        return cast(fill("to_json(_1)", [value]), STRING)
    if kind == datatypes.TIMESTAMP:
        return fill("strftime(_1, '\"%Y-%m-%dT%H:%M:%S.%gZ\"')", [value])
    if kind == datatypes.DATE:
        return fill("strftime(_1, '\"%Y-%m-%d\"')", [value])
    if kind == datatypes.BINARY:
        return fill("'\"' || base64(_1) || '\"'", [value])
    text = CONVERSIONS.to_text(value, kind, NOWHERE)
    if kind in (datatypes.FLOAT, datatypes.DOUBLE):
        return fill("CASE WHEN isfinite(_1) THEN _2 ELSE '\"' || _2 || '\"' END", [value, text])
    return text


def _parse(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The document has exactly the shape of the type, whose simple parts are strings."""
    document = exp.Anonymous(this="parse_document", expressions=list(arguments))
    if call.type == STRING:
        return fill("json_extract_string(_1, '$')", [document])
    return cast(fill("CAST(_1 AS JSON)", [document]), call.type)


def _to_json(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return json_of(arguments[0], call.arguments[0].type)


def _to_string(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if datatypes.is_complex(call.arguments[0].type):
        return _to_json(call, arguments)
    return CONVERSIONS.conversion(call, arguments)


FUNCTIONS: dict[str, str | Builder] = {
    "parseDocument": _parse,
    "toJson": _to_json,
    "toString": _to_string,
    "writeDocument": "write_document(_1, _2)",
}
