"""Conversions between data types in DuckDB. A value that does not convert is null; whole numbers truncate.

Used for the ``toX`` functions, for implicit widening and for the columns of sources.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import (
    BOOLEAN,
    DATE,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    DataType,
    Decimal,
    Simple,
)
from mapping_dataflow.engines.base import called, fill
from mapping_dataflow.engines.conversions import Conversions, text
from mapping_dataflow.engines.duckdb.formats import is_plain, reading_formats, writing_format
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.engines.java_patterns import check_locale, checked_number_pattern
from mapping_dataflow.errors import ProblemFound, Span


def struct(fields: Sequence[tuple[str, exp.Expression]]) -> exp.Expression:
    """A struct from named values."""
    items = [exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value) for name, value in fields]
    return exp.Struct(expressions=items)


def struct_field(value: exp.Expression, name: str) -> exp.Expression:
    """``struct.field``."""
    return fill("struct_extract(_1, _2)", [value.copy(), text(name)])


_WRAPS = {"byte": (128, 255), "short": (32768, 65535), "integer": (2147483648, 4294967295)}


def _to_date(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source != STRING:
        return cast(value, DATE, safe=True)
    if pattern is not None:
        return cast(_parsed(value, pattern, locale, span), DATE)
    # The documented default is yyyy-[M]M-[d]d; yyyy, yyyy-M and a trailing time are accepted as well.
    return fill(
        r"""CASE WHEN regexp_full_match(_1, '\s*\d{4}-\d{1,2}-\d{1,2}([T ].*)?\s*')
                 THEN CAST(try_strptime(regexp_extract(_1, '\d{4}-\d{1,2}-\d{1,2}'), '%Y-%m-%d') AS DATE)
                 WHEN regexp_full_match(_1, '\s*\d{4}(-\d{1,2})?\s*')
                 THEN CAST(try_strptime(trim(_1), ['%Y-%m', '%Y']) AS DATE) END""",
        [value],
    )


def _to_timestamp(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if datatypes.is_integral(source):
        return fill("make_timestamp(CAST(_1 AS BIGINT) * 1000)", [value])
    if source != STRING:
        return cast(value, TIMESTAMP, safe=True)
    if pattern is not None:
        return fill("date_trunc('millisecond', _1)", [_parsed(value, pattern, locale, span)])
    # DuckDB drops an offset behind a text that shall become a timestamp without one.
    return fill(
        r"""date_trunc('millisecond', CASE WHEN regexp_matches(_1, ':\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)\s*$')
                 THEN timezone('UTC', TRY_CAST(_1 AS TIMESTAMPTZ)) ELSE TRY_CAST(_1 AS TIMESTAMP) END)""",
        [value],
    )


_IN_CENTURY = "CASE WHEN _1 >= timezone('UTC', now()) + INTERVAL 20 YEARS THEN _1 - INTERVAL 100 YEARS ELSE _1 END"
"""Java puts a year of two digits between 80 years before and 20 years after today."""


def _parsed(value: exp.Expression, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    """The timestamp that a text written by a pattern means."""
    formats = reading_formats(pattern, locale, span)
    if formats is None:
        check_locale(locale, span)
        found = called("java_read_date", [value, text(pattern), text(locale or "")])
    else:
        listed = exp.Array(expressions=[text(one) for one in formats]) if len(formats) > 1 else text(formats[0])
        found = cast(fill("try_strptime(_1, _2)", [value, listed]), TIMESTAMP)
    return fill(_IN_CENTURY, [found]) if re.search(r"(?<!y)yy(?!y)", pattern) else found


def _to_number(
    value: exp.Expression, source: DataType, target: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source == STRING and pattern is not None:
        checked_number_pattern(pattern, locale, span)
        value = called("java_read_number", [value, text(pattern), text(locale or "")])
    if source == STRING:
        # DuckDB takes 1_000 for a number.
        value = fill("CASE WHEN NOT contains(_1, '_') THEN trim(_1) END", [value])
        if datatypes.is_integral(target):
            # Doubles hold every whole number that the narrower types do, and are read three times as fast.
            exact = "DECIMAL(38, 10)" if target == LONG else "DOUBLE"
            value = fill(f"trunc(TRY_CAST(_1 AS {exact}))", [value])
        return cast(value, target, safe=True)
    if source == BOOLEAN:
        return cast(value, target, safe=True)
    if source == TIMESTAMP:
        return _seconds(value, target)
    if not datatypes.is_number(source):
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)
    if datatypes.is_integral(target) and datatypes.is_integral(source):
        return _narrowed(value, source, target)
    if datatypes.is_integral(target):
        return cast(fill("trunc(_1)", [value]), target, safe=True)
    if isinstance(target, Decimal):
        return to_decimal(value, source, target)
    return cast(value, target)


def _seconds(value: exp.Expression, target: DataType) -> exp.Expression:
    """The seconds since 1970 of a timestamp, as Spark casts it; whole ones are rounded down, null beyond the type."""
    if datatypes.is_integral(target):
        return cast(fill("floor(epoch_ms(_1) / 1000)", [value]), target, safe=True)
    if isinstance(target, Decimal):
        return cast(
            fill("CAST(epoch_ms(_1) AS DECIMAL(18, 0)) * CAST(0.001 AS DECIMAL(3, 3))", [value]), target, safe=True
        )
    return cast(fill("epoch_ms(_1) / 1000", [value]), target)


def to_decimal(value: exp.Expression, source: DataType, target: Decimal) -> exp.Expression:
    """A number as a decimal, null where it does not fit. Fractions keep the digits they are written with."""
    # DuckDB scales doubles in binary: 1.005 would become 1.00.
    given = cast(value, STRING) if source in (datatypes.FLOAT, datatypes.DOUBLE) else value
    return cast(given, target, safe=True)


def _narrowed(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    """Whole numbers that do not fit wrap around, as ``toByte(0xFF)`` is documented to do."""
    if datatypes.wider_number(source, target) == target:
        return cast(value, target)
    half, mask = _WRAPS[str(target)]
    return cast(fill(f"xor(_1 & {mask}, {half}) - {half}", [cast(value, LONG)]), target)


def _to_text(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    """``toString``: dates as yyyy-MM-dd, doubles as Java prints them, or by a Java pattern. Raises ProblemFound."""
    if source in (STRING, NULL):
        return cast(value, STRING) if source == NULL else value
    if pattern is not None and datatypes.is_datetime(source):
        format_ = writing_format(pattern, locale, span)
        if format_ is not None:
            return fill("strftime(_1, _2)", [value, text(format_)])
        check_locale(locale, span)
        return called("java_write_date", [cast(value, TIMESTAMP), text(pattern), text(locale or "")])
    if pattern is not None and datatypes.is_number(source):
        return _formatted(value, source, pattern, locale, span)
    if source in (datatypes.DOUBLE, datatypes.FLOAT):
        return _java_double(value)
    if datatypes.is_complex(source) or source == datatypes.BINARY:
        raise ProblemFound(f"{source} has no text form", span, expected="a simple value")
    return cast(value, STRING)


_DIGITS = r"regexp_replace(_2, '^-|\.0$|\.', '', 'g')"
_JAVA_DOUBLE = f"""CASE
    WHEN contains(_2, 'e') THEN split_part(_2, 'e', 1) || CASE WHEN contains(_2, '.') THEN 'E' ELSE '.0E' END
        || CAST(CAST(split_part(_2, 'e', 2) AS INTEGER) AS VARCHAR)
    WHEN abs(_1) >= 1e7 AND isfinite(_1) THEN CASE WHEN _1 < 0 THEN '-' ELSE '' END || left({_DIGITS}, 1) || '.'
        || coalesce(nullif(rtrim(substr({_DIGITS}, 2), '0'), ''), '0') || 'E'
        || CAST(length(regexp_extract(_2, '[0-9]+')) - 1 AS VARCHAR)
    WHEN abs(_1) < 0.001 AND _1 <> 0
        THEN regexp_replace(regexp_replace(_2, '0\\.000([0-9])', '\\1.'), '\\.$', '.0') || 'E-4'
    WHEN isinf(_1) THEN CASE WHEN _1 < 0 THEN '-Infinity' ELSE 'Infinity' END
    WHEN isnan(_1) THEN 'NaN'
    ELSE _2 END"""


def _java_double(value: exp.Expression) -> exp.Expression:
    """Java prints 1.0E7 and 1.0E-4 where DuckDB prints 10000000.0 and 0.0001."""
    return fill(_JAVA_DOUBLE, [value, cast(value, STRING)])


def _formatted(value: exp.Expression, source: DataType, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    """A number by a DecimalFormat pattern: halves go to the even digit, the sign stands before everything."""
    parts = checked_number_pattern(pattern, locale, span)
    is_double = source in (datatypes.DOUBLE, datatypes.FLOAT)
    if is_double:
        python = called("java_write_double", [cast(value, datatypes.DOUBLE), text(pattern), text(locale or "")])
    else:
        python = called("java_write_decimal", [cast(value, STRING), text(pattern), text(locale or "")])
    if not is_plain(parts):
        return python
    size = fill("abs(_1)", [value])
    if not isinstance(source, Simple) or datatypes.is_integral(source):
        size = fill(f"round_even(CAST(_1 AS DECIMAL(38, 15)), {parts.most_fraction})", [size])
    comma = "," if parts.grouping else ""
    result = fill(f"format('{{:{comma}.{parts.most_fraction}f}}', CAST(_1 AS DOUBLE))", [size])
    optional = parts.most_fraction - parts.least_fraction
    if optional:
        result = fill(f"regexp_replace(_1, '0{{1,{optional}}}$', '')", [result])
    if parts.most_fraction and not parts.least_fraction:
        result = fill("rtrim(_1, '.')", [result])
    if parts.least_whole == 0:
        result = fill("ltrim(_1, '0')", [result])
    elif parts.least_whole > 1:
        fraction = "CASE WHEN contains(_1, '.') THEN length(_1) - strpos(_1, '.') + 1 ELSE 0 END"
        least = f"CAST(greatest(length(_1), {parts.least_whole} + {fraction}) AS INTEGER)"
        result = fill(f"lpad(_1, {least}, '0')", [result])
    if parts.signs.decimal != ".":
        result = fill("translate(_1, '.,', ',.')", [result])
    if parts.prefix or parts.suffix:
        result = fill("_2 || _1 || _3", [result, text(parts.prefix), text(parts.suffix)])
    # The sign is that of the number before rounding; a double has a negative zero.
    negative = "signbit(_1)" if is_double else "_1 < 0"
    result = fill(f"CASE WHEN {negative} THEN '-' ELSE '' END || _2", [value, result])
    exact = "abs(_1) < 1e9" if is_double or source == LONG or isinstance(source, Decimal) else ""
    return (
        fill(f"CASE WHEN {exact} THEN _2 WHEN _1 IS NOT NULL THEN _3 END", [value, result, python]) if exact else result
    )


class DuckdbConversions(Conversions):
    """Conversions in DuckDB."""

    dialect = "duckdb"

    def cast(self, value: exp.Expression, kind: DataType, *, safe: bool = False) -> exp.Expression:
        """``CAST`` or ``TRY_CAST``."""
        return cast(value, kind, safe=safe)

    def struct(self, fields: Sequence[tuple[str, exp.Expression]]) -> exp.Expression:
        """``{'name': value, …}``."""
        return struct(fields)

    def struct_field(self, value: exp.Expression, name: str) -> exp.Expression:
        """``struct_extract(value, 'name')``."""
        return struct_field(value, name)

    def mapped(self, array: exp.Expression, function: exp.Lambda) -> exp.Expression:
        """``list_transform(array, function)``."""
        return fill("list_transform(_1, _2)", [array, function])

    def to_utf8(self, value: exp.Expression) -> exp.Expression:
        """The bytes of a text."""
        return fill("encode(_1)", [value])

    def to_text(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None = None, locale: str | None = None
    ) -> exp.Expression:
        """``toString``."""
        return _to_text(value, source, span, pattern, locale)

    def to_date(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
    ) -> exp.Expression:
        """``toDate``."""
        return _to_date(value, source, span, pattern, locale)

    def to_timestamp(
        self, value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
    ) -> exp.Expression:
        """``toTimestamp``."""
        return _to_timestamp(value, source, span, pattern, locale)

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
        return _to_number(value, source, target, span, pattern, locale)


CONVERSIONS = DuckdbConversions()
