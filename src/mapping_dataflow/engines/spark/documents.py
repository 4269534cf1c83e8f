"""Documents in Spark: values of any type as JSON, and JSON of strings as typed values."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.engines.base import Builder, called
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.spark.conversions import CONVERSIONS
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import sql, struct_field, type_name
from mapping_dataflow.expressions import Call


def _parse(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The document has exactly the shape of the type, whose simple parts are strings; a field holds it for Spark."""
    document = called("parse_document", arguments)
    held = sql("concat('{\"held\":', _1, '}')", [document])
    return struct_field(named_call("from_json", held, text(f"held {type_name(call.type)}")), "held")


def _to_json(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if datatypes.is_complex(call.arguments[0].type):
        return named_call("to_json", arguments[0])
    # Spark takes no simple values: an array holds it.
    listed = named_call("to_json", named_call("array", arguments[0]))
    return sql("CASE WHEN _1 IS NOT NULL THEN substring(_2, 2, length(_2) - 2) END", [arguments[0], listed])


def _to_string(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if datatypes.is_complex(call.arguments[0].type):
        return _to_json(call, arguments)
    return CONVERSIONS.conversion(call, arguments)


def _write(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return called("write_document", arguments)


FUNCTIONS: dict[str, str | Builder] = {
    "parseDocument": _parse,
    "toJson": _to_json,
    "toString": _to_string,
    "writeDocument": _write,
}
