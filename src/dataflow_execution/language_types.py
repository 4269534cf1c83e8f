"""Types of DuckDB's columns in the text form of the language."""

from __future__ import annotations

from typing import Any

from dataflow_execution.errors import not_supported
from mapping_dataflow.script.printer import print_name

_TYPES = {
    "boolean": "boolean",
    "tinyint": "byte",
    "smallint": "short",
    "integer": "integer",
    "bigint": "long",
    "utinyint": "short",
    "usmallint": "integer",
    "uinteger": "long",
    "ubigint": "decimal(20,0)",
    "hugeint": "decimal(38,0)",
    "uhugeint": "decimal(38,0)",
    "float": "float",
    "double": "double",
    "varchar": "string",
    "json": "string",
    "uuid": "string",
    "enum": "string",
    "time": "string",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
    "timestamp with time zone": "timestamp",
    "blob": "binary",
    "null": "string",
}


def language_type(kind: Any) -> str:
    """The type of the language for a DuckDB type (a DuckDBPyType, whose stubs leave its children open).

    Raises DataFlowRunError for types that the language has no counterpart of.
    """
    if kind.id in ("list", "array"):
        return f"{language_type(dict(kind.children)['child'])}[]"
    if kind.id == "struct":
        fields = ", ".join(f"{print_name(str(name))} as {language_type(inner)}" for name, inner in kind.children)
        return f"({fields})"
    if kind.id == "map":
        parts = dict(kind.children)
        return f"[{language_type(parts['key'])},{language_type(parts['value'])}]"
    if kind.id == "decimal":
        parts = dict(kind.children)
        return f"decimal({parts['precision']},{parts['scale']})"
    name = str(kind).lower()
    found = _TYPES.get(name) or _TYPES.get(str(kind.id))
    if found is None:
        raise not_supported(f"the data has a column of type {kind}, which the language does not have")
    return found
