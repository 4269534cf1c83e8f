"""The bytes of a value that row hashes digest: the walk over its type, which all engines share.

The service digests the plain concatenation of the values' raw bytes, without separators. Proved by the documented
digests: strings as UTF-8, integers and dates (days since 1970) as 4 bytes and doubles as 8 bytes, all little endian,
booleans as one byte. The other types follow the same rule by assumption: whole numbers and floats by their width,
timestamps as 8 bytes of microseconds since 1970, decimals of up to 18 digits as 8 bytes of their digits without the
point and longer ones as the shortest two's complement with the high byte first, arrays and structs as their parts in
order, maps as keys and values in turn. A null adds no bytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    SHORT,
    STRING,
    TIMESTAMP,
    Array,
    DataType,
    Decimal,
    Map,
    Struct,
)
from mapping_dataflow.engines.base import fill
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call

_WIDTHS: Mapping[DataType, int] = {
    BYTE: 1,
    SHORT: 2,
    INTEGER: 4,
    LONG: 8,
    FLOAT: 4,
    DOUBLE: 8,
    DATE: 4,
    TIMESTAMP: 8,
}
"""How many bytes a value has."""


class RowBytes(ABC):
    """Bytes in the form in which an engine puts them together; null for null."""

    dialect: str

    @abstractmethod
    def text(self, value: exp.Expression) -> exp.Expression:
        """A string as UTF-8."""

    @abstractmethod
    def binary(self, value: exp.Expression) -> exp.Expression:
        """Bytes as they are."""

    @abstractmethod
    def boolean(self, value: exp.Expression) -> exp.Expression:
        """01 or 00."""

    @abstractmethod
    def number(self, value: exp.Expression, kind: DataType, width: int, high_first: bool) -> exp.Expression:
        """A number, date or timestamp of so many bytes."""

    @abstractmethod
    def decimal(self, value: exp.Expression, kind: Decimal, span: Span, high_first: bool) -> exp.Expression:
        """The digits of a decimal without its point."""

    @abstractmethod
    def field(self, value: exp.Expression, name: str) -> exp.Expression:
        """A field of a struct."""

    @abstractmethod
    def joined(self, parts: Sequence[exp.Expression]) -> exp.Expression:
        """Bytes one after the other; nulls add none."""

    @abstractmethod
    def items(self, array: exp.Expression, name: str, item: exp.Expression) -> exp.Expression:
        """The bytes of an array's items one after the other: ``item`` over the variable ``name``."""

    def of(self, value: exp.Expression, kind: DataType, call: Call, *, high_first: bool = False) -> exp.Expression:
        """The bytes of a value. Raises ProblemFound for a type that has none."""
        return self._of(value, kind, call, high_first, 0)

    def _of(self, value: exp.Expression, kind: DataType, call: Call, high_first: bool, depth: int) -> exp.Expression:
        if kind == STRING:
            return self.text(value)
        if kind == BINARY:
            return self.binary(value)
        if kind == BOOLEAN:
            return self.boolean(value)
        if kind in _WIDTHS:
            return self.number(value, kind, _WIDTHS[kind], high_first)
        if isinstance(kind, Decimal):
            return self.decimal(value, kind, call.span, high_first)
        if isinstance(kind, Array | Map | Struct) and not high_first:
            return self._parts(value, kind, call, depth)
        raise ProblemFound(f"{call.function}() does not take {kind}", call.span, expected="a value that has bytes")

    def _parts(self, value: exp.Expression, kind: Array | Map | Struct, call: Call, depth: int) -> exp.Expression:
        if isinstance(kind, Struct):
            fields = [self._of(self.field(value, name), inner, call, False, depth) for name, inner in kind.fields]
            return fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, self.joined(fields)], self.dialect)
        name = f"hashed_{depth}"
        if isinstance(kind, Map):
            value = fill("map_entries(_1)", [value], self.dialect)
            kind = Array(Struct((("key", kind.key), ("value", kind.value))))
        return self.items(value, name, self._of(exp.column(name), kind.element, call, False, depth + 1))
