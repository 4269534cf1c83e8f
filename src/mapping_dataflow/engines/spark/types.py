"""Names of the language's data types in Spark SQL, and pieces of its SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import Array, DataType, Decimal, Map, Struct
from mapping_dataflow.engines.base import fill, own

DIALECT = "spark"
_NAMES = {
    "boolean": "BOOLEAN",
    "byte": "TINYINT",
    "short": "SMALLINT",
    "integer": "INT",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "STRING",
    "binary": "BINARY",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "null": "STRING",
    "unknown": "STRING",
}


def type_name(kind: DataType) -> str:
    """The type as Spark writes it, such as ``STRUCT<`a`: STRING, `b`: ARRAY<INT>>``."""
    match kind:
        case Decimal():
            return f"DECIMAL({kind.precision}, {kind.scale})"
        case Array():
            return f"ARRAY<{type_name(kind.element)}>"
        case Map():
            return f"MAP<{type_name(kind.key)}, {type_name(kind.value)}>"
        case Struct():
            fields = ", ".join(f"{quoted(name)}: {type_name(inner)}" for name, inner in kind.fields)
            return f"STRUCT<{fields}>"
        case _:
            return _NAMES[kind.name]


def quoted(name: str) -> str:
    """An identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"


def cast(expression: exp.Expression, kind: DataType, *, safe: bool = False) -> exp.Expression:
    """``CAST(expression AS type)``; ``safe`` gives null where ANSI rules see an error, such as an overflow."""
    to = exp.DataType.build(type_name(kind), dialect=DIALECT)
    # Without ``safe`` sqlglot writes TRY_CAST as CAST.
    held = own(expression)
    return exp.TryCast(this=held, to=to, safe=True) if safe else exp.Cast(this=held, to=to)


def sql(template: str, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A template of Spark SQL with ``_1``, ``_2`` … replaced by the arguments."""
    return fill(template, arguments, DIALECT)


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """A call by exactly this name, for functions that sqlglot would write as another one."""
    return exp.Anonymous(this=name, expressions=[own(argument) for argument in arguments])


def struct_field(value: exp.Expression, name: str) -> exp.Expression:
    """``struct.`field```."""
    held = own(value)
    if not isinstance(held, exp.Column | exp.Dot | exp.Anonymous | exp.Paren):
        held = exp.Paren(this=held)
    return exp.Dot(this=held, expression=exp.to_identifier(name, quoted=True))


def struct(fields: Sequence[tuple[str, exp.Expression]]) -> exp.Expression:
    """A struct from named values."""
    items = [part for name, value in fields for part in (exp.Literal.string(name), value)]
    return call("named_struct", *items)
