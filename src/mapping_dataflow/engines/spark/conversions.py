"""Conversions between data types in Spark. A value that does not convert is null; whole numbers wrap around.

Used for the ``toX`` functions, for implicit widening and for the columns of sources.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    DataType,
    Decimal,
)
from mapping_dataflow.engines.base import called
from mapping_dataflow.engines.conversions import FARTHEST, Conversions, text
from mapping_dataflow.engines.java_patterns import check_locale, checked_number_pattern, is_english
from mapping_dataflow.engines.spark.formats import (
    reading_paddings,
    reading_pattern,
    reading_shape,
    without_blanks,
    writing_pattern,
)
from mapping_dataflow.engines.spark.types import DIALECT, cast, sql, struct, struct_field
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.errors import ProblemFound, Span

_PLAIN_SCALE = 6
"""Up to this scale Java writes decimals without an exponent."""

_PLAIN = r"""CASE WHEN contains(_1, 'E')
    THEN concat(CASE WHEN startswith(_1, '-') THEN '-' ELSE '' END, '0.',
        lpad(regexp_replace(_1, '^-?(\\d)\\.?(\\d*)E.*$', '$1$2'), {scale}, '0'))
    ELSE _1 END"""

_IN_CENTURY = """CASE WHEN _1 >= current_timestamp() + make_ym_interval(20, 0)
    THEN _1 - make_ym_interval(100, 0) ELSE _1 END"""
"""Java puts a year of two digits between 80 years before and 20 years after today."""

_BEGINS_WITH_YEAR = r"_1 RLIKE '^[\\x00-\\x20\\x7f]*[+-]?[0-9]{4}'"
"""Spark takes a clock alone for a time of the present day, and words such as today; the documented form is a year."""
_DEFAULT_DATE = f"CASE WHEN {_BEGINS_WITH_YEAR} THEN CAST(_1 AS DATE) END"
_DEFAULT_TIMESTAMP = f"CASE WHEN {_BEGINS_WITH_YEAR} THEN date_trunc('MILLISECOND', CAST(_1 AS TIMESTAMP)) END"


class SparkConversions(Conversions):
    """Conversions in Spark."""

    dialect = DIALECT

    def cast(self, value: exp.Expression, kind: DataType, *, safe: bool = False) -> exp.Expression:
        """``CAST``, which gives null for what does not convert: ANSI mode is off."""
        return cast(value, kind)

    def struct(self, fields: Sequence[tuple[str, exp.Expression]]) -> exp.Expression:
        """``named_struct('name', value, …)``."""
        return struct(fields)

    def struct_field(self, value: exp.Expression, name: str) -> exp.Expression:
        """``value.`name```."""
        return struct_field(value, name)

    def mapped(self, array: exp.Expression, function: exp.Lambda) -> exp.Expression:
        """``transform(array, function)``."""
        return sql("transform(_1, _2)", [array, function])

    def to_utf8(self, value: exp.Expression) -> exp.Expression:
        """The bytes of a text."""
        return sql("encode(_1, 'UTF-8')", [value])

    def to_boolean(self, value: exp.Expression, source: DataType) -> exp.Expression:
        """``toBoolean``."""
        return cast(value, BOOLEAN)

    def to_text(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None = None, locale: str | None = None
    ) -> exp.Expression:
        """``toString``."""
        if source in (STRING, NULL):
            return cast(value, STRING) if source == NULL else value
        if source == BINARY:
            return sql("decode(_1, 'UTF-8')", [value])
        if pattern is not None and datatypes.is_datetime(source):
            return _written_date(value, pattern, locale, span)
        if pattern is not None and datatypes.is_number(source):
            return self._written_number(value, source, pattern, locale, span)
        if datatypes.is_complex(source):
            raise ProblemFound(f"{source} has no text form", span, expected="a simple value")
        if isinstance(source, Decimal) and source.scale > _PLAIN_SCALE:
            # All digits of the scale, never an exponent.
            return sql(_PLAIN.format(scale=source.scale), [cast(value, STRING)])
        return cast(value, STRING)

    def _written_number(
        self, value: exp.Expression, source: DataType, pattern: str, locale: str | None, span: Span
    ) -> exp.Expression:
        checked_number_pattern(pattern, locale, span)
        if is_english(locale):
            return named_call("format_number", value, text(pattern))
        formats = [text(pattern), text(locale or "")]
        if source in (DOUBLE, FLOAT):
            return called("java_write_double", [cast(value, DOUBLE), *formats])
        return called("java_write_decimal", [self.to_text(value, source, span), *formats])

    def to_date(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
    ) -> exp.Expression:
        """``toDate``."""
        if source != STRING:
            return cast(value, DATE)
        if pattern is not None:
            return cast(_read_date(value, pattern, locale, span), DATE)
        return sql(_DEFAULT_DATE, [value])

    def to_timestamp(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
    ) -> exp.Expression:
        """``toTimestamp``."""
        if datatypes.is_integral(source):
            wide = cast(value, LONG)
            return sql(f"CASE WHEN abs(_1 DIV 1000) < {FARTHEST} THEN timestamp_millis(_1) END", [wide])
        if source != STRING:
            return cast(value, TIMESTAMP)
        if pattern is not None:
            return sql("date_trunc('MILLISECOND', _1)", [_read_date(value, pattern, locale, span)])
        return sql(_DEFAULT_TIMESTAMP, [value])

    def to_number(
        self,
        value: exp.Expression,
        source: DataType,
        target: DataType,
        span: Span,
        pattern: str | None,
        locale: str | None,
    ) -> exp.Expression:
        """``toInteger`` and the like."""
        if source == STRING and pattern is not None:
            checked_number_pattern(pattern, locale, span)
            value = called("java_read_number", [value, text(pattern), text(locale or "")])
        if source == STRING:
            return cast(value, target)
        if source == TIMESTAMP:
            # Whole seconds since 1970 are rounded down; timestamps have milliseconds.
            return cast(value, target)
        if source != datatypes.BOOLEAN and not datatypes.is_number(source):
            raise ProblemFound(f"there is no conversion from {source} to {target}", span)
        # Whole numbers and decimals that do not fit wrap around, as toByte(0xFF) is documented to do; doubles stop at
        # the ends of integer and long.
        return cast(value, target)


def _read_date(value: exp.Expression, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    """The timestamp that a text written by a pattern means."""
    format_ = reading_pattern(pattern, locale, span)
    if format_ is not None:
        # Java passes over blanks before a field.
        shape = text(reading_shape(pattern, span))
        given = sql("regexp_replace(_1, _2, _3)", [value, shape, text(without_blanks(pattern, span))])
        for short, padded in reading_paddings(pattern, span):
            given = sql("regexp_replace(_1, _2, _3)", [given, text(short), text(padded)])
        return sql("CASE WHEN _1 RLIKE _2 THEN to_timestamp(_3, _4) END", [value, shape, given, text(format_)])
    check_locale(locale, span)
    found = called("java_read_date", [value, text(pattern), text(locale or "")])
    return sql(_IN_CENTURY, [found]) if re.search(r"(?<!y)yy(?!y)", pattern) else found


def _written_date(value: exp.Expression, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    format_ = writing_pattern(pattern, locale, span)
    if format_ is not None:
        return sql("date_format(_1, _2)", [value, text(format_)])
    check_locale(locale, span)
    return called("java_write_date", [cast(value, TIMESTAMP), text(pattern), text(locale or "")])


CONVERSIONS = SparkConversions()
