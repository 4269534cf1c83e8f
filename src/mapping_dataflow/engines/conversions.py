"""What the engines share in conversions: complex types part by part, and how the ``toX`` functions take their formats.

A value that does not convert is null; whole numbers are cut off and wrap around.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import (
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    NULL,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    Array,
    DataType,
    Decimal,
    Map,
    Struct,
)
from mapping_dataflow.engines.base import Builder, called, constant, depends_on_rows, fill, known_or
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call, Literal
from mapping_dataflow.java.locales import language

_TO = "toBoolean toByte toDate toDecimal toDouble toFloat toInteger toLong toShort toString toTimestamp".split()
FARTHEST = 9_000_000_000_000
"""Seconds from 1970: every engine can count as many in microseconds, and a number beyond is no timestamp."""
_IS = "isBoolean isByte isDate isDecimal isDouble isFloat isInteger isLong isShort isTimestamp".split()


def text(value: str) -> exp.Expression:
    """A string literal."""
    return exp.Literal.string(value)


class Conversions(ABC):
    """Conversions of one engine."""

    dialect: str

    @abstractmethod
    def cast(self, value: exp.Expression, kind: DataType, *, safe: bool = False) -> exp.Expression:
        """``CAST(value AS type)``; ``safe`` gives null for a value that does not convert."""

    @abstractmethod
    def struct(self, fields: Sequence[tuple[str, exp.Expression]]) -> exp.Expression:
        """A struct from named values."""

    @abstractmethod
    def struct_field(self, value: exp.Expression, name: str) -> exp.Expression:
        """A field of a struct."""

    @abstractmethod
    def mapped(self, array: exp.Expression, function: exp.Lambda) -> exp.Expression:
        """The array with a function applied to every item."""

    @abstractmethod
    def to_text(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None = None, locale: str | None = None
    ) -> exp.Expression:
        """``toString``: dates as yyyy-MM-dd, doubles as Java prints them, or by a Java pattern. Raises ProblemFound."""

    @abstractmethod
    def to_date(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
    ) -> exp.Expression:
        """A text or timestamp as a date."""

    @abstractmethod
    def to_timestamp(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
    ) -> exp.Expression:
        """A text, date or number of milliseconds as a timestamp."""

    @abstractmethod
    def to_number(
        self,
        value: exp.Expression,
        source: DataType,
        target: DataType,
        span: Span,
        pattern: str | None,
        locale: str | None,
    ) -> exp.Expression:
        """Anything as a number."""

    # ------------------------------------------------------------ between types

    def convert(
        self,
        value: exp.Expression,
        source: DataType,
        target: DataType,
        span: Span,
        pattern: str | None = None,
        depth: int = 0,
    ) -> exp.Expression:
        """SQL for a value of one type as another type. Raises ProblemFound when there is no conversion."""
        if source == target or UNKNOWN in (source, target):
            return value
        if source == NULL:
            return self.cast(value, target)
        if isinstance(target, Struct) and isinstance(source, Struct):
            return self._struct(value, source, target, span, depth)
        if isinstance(target, Array) and isinstance(source, Array):
            name = f"element_{depth}"
            body = self.convert(exp.column(name), source.element, target.element, span, pattern, depth + 1)
            return self.mapped(value, exp.Lambda(this=body, expressions=[exp.to_identifier(name)]))
        if isinstance(target, Map) and isinstance(source, Map):
            return self.cast(value, target, safe=True)
        if datatypes.is_complex(source) or datatypes.is_complex(target):
            raise ProblemFound(f"there is no conversion from {source} to {target}", span)
        return self.simple(value, source, target, span, pattern, None)

    def _struct(self, value: exp.Expression, source: Struct, target: Struct, span: Span, depth: int) -> exp.Expression:
        fields: list[tuple[str, exp.Expression]] = []
        for name, kind in target.fields:
            inner = source.field(name)
            if inner is None:
                item: exp.Expression = self.cast(exp.null(), kind)
            else:
                item = self.convert(self.struct_field(value, name), inner, kind, span, None, depth + 1)
            fields.append((name, item))
        return fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, self.struct(fields)], self.dialect)

    def simple(
        self,
        value: exp.Expression,
        source: DataType,
        target: DataType,
        span: Span,
        pattern: str | None,
        locale: str | None,
    ) -> exp.Expression:
        """A value without parts as another such type. Raises ProblemFound when there is no conversion."""
        if target == STRING:
            return self.to_text(value, source, span, pattern, locale)
        if target == BOOLEAN:
            return self.to_boolean(value, source)
        if target == DATE:
            return self.to_date(value, source, span, pattern, locale)
        if target == TIMESTAMP:
            return self.to_timestamp(value, source, span, pattern, locale)
        if datatypes.is_number(target):
            return self.to_number(value, source, target, span, pattern, locale)
        if source == STRING and target == datatypes.BINARY:
            return self.to_utf8(value)
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)

    @abstractmethod
    def to_utf8(self, value: exp.Expression) -> exp.Expression:
        """The bytes of a text."""

    @abstractmethod
    def to_boolean(self, value: exp.Expression, source: DataType) -> exp.Expression:
        """A text or number as a boolean."""

    # ------------------------------------------------------------ functions

    def conversion(self, call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        """A ``toX`` function."""
        first = call.arguments[0].type
        formats = 3 if call.function == "toDecimal" else 1
        if first == NULL:
            return self.cast(exp.null(), call.type)
        if depends_on_rows(call, formats) or depends_on_rows(call, formats + 1):
            return self._with_varying_format(call, arguments, formats)
        if len(arguments) > formats and constant(call, formats) is None:
            return self.cast(exp.null(), call.type)
        pattern, locale = _constant_text(call, formats), _constant_text(call, formats + 1)
        if first == call.type and pattern is None:
            return arguments[0]
        if call.type in (DATE, TIMESTAMP):
            locale = language(locale)  # a time zone, which stands there too, moves nothing
        return self.simple(arguments[0], first, call.type, call.span, pattern, locale)

    def _with_varying_format(self, call: Call, arguments: Sequence[exp.Expression], formats: int) -> exp.Expression:
        """A conversion whose format comes from the rows."""
        source, target = call.arguments[0].type, call.type
        dated = target in (DATE, TIMESTAMP)
        locale = known_or(call, arguments, formats + 1, text(""))
        pattern = arguments[formats]
        if source == STRING and dated:
            return self.cast(called("java_read_date", [arguments[0], pattern, locale]), target)
        if source == STRING and datatypes.is_number(target):
            read = called("java_read_number", [arguments[0], pattern, locale])
            return self.to_number(read, STRING, target, call.span, None, None)
        if target == STRING and datatypes.is_datetime(source):
            return called("java_write_date", [self.cast(arguments[0], TIMESTAMP), pattern, locale])
        if target == STRING and source in (DOUBLE, FLOAT):
            return called("java_write_double", [self.cast(arguments[0], DOUBLE), pattern, locale])
        if target == STRING and datatypes.is_number(source):
            return called("java_write_decimal", [self.cast(arguments[0], STRING), pattern, locale])
        return self.simple(arguments[0], source, target, call.span, None, None)

    def test(self, call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        """An ``isX`` function: whether ``toX`` would give a value."""
        name = call.function[2:].lower()
        if name == "decimal":
            first, *formats = call.arguments
            places = (Literal(10, INTEGER), Literal(2, INTEGER))
            call = Call("toDecimal", (first, *places, *formats), Decimal(10, 2), call.span)
            arguments = [arguments[0], exp.Literal.number(10), exp.Literal.number(2), *arguments[1:]]
        else:
            call = Call("to" + call.function[2:], call.arguments, datatypes.from_name(name), call.span)
        return fill("_1 IS NOT NULL", [self.conversion(call, arguments)], self.dialect)

    def functions(self) -> dict[str, str | Builder]:
        """Entries of the capability table."""
        return {**dict.fromkeys(_TO, self.conversion), **dict.fromkeys(_IS, self.test)}


def _constant_text(call: Call, index: int) -> str | None:
    value = constant(call, index)
    return None if value is None else str(value)
