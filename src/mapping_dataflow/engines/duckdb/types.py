"""Names of the language's data types in DuckDB."""

from __future__ import annotations

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import Array, DataType, Decimal, Map, Struct
from mapping_dataflow.engines.base import own

_NAMES = {
    "boolean": "BOOLEAN",
    "byte": "TINYINT",
    "short": "SMALLINT",
    "integer": "INTEGER",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "binary": "BLOB",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "null": "VARCHAR",
    "unknown": "VARCHAR",
}


def type_name(kind: DataType) -> str:
    """The type as DuckDB writes it, such as ``STRUCT("a" VARCHAR, "b" INTEGER[])``."""
    match kind:
        case Decimal():
            return f"DECIMAL({kind.precision}, {kind.scale})"
        case Array():
            return f"{type_name(kind.element)}[]"
        case Map():
            return f"MAP({type_name(kind.key)}, {type_name(kind.value)})"
        case Struct():
            fields = ", ".join(f"{quoted(name)} {type_name(inner)}" for name, inner in kind.fields)
            return f"STRUCT({fields})"
        case _:
            return _NAMES[kind.name]


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def cast(expression: exp.Expression, kind: DataType, *, safe: bool = False) -> exp.Expression:
    """``CAST(expression AS type)``; ``safe`` gives null for a value that does not convert."""
    node = exp.TryCast if safe else exp.Cast
    return node(this=own(expression), to=exp.DataType.build(type_name(kind), dialect="duckdb"))
