"""Conversions between data types in DuckDB. A value that does not convert is null; whole numbers truncate.

Used for the ``toX`` functions, for implicit widening and for the columns of sources.
"""

from __future__ import annotations

import itertools
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
from mapping_dataflow.engines.base import called, fill, own
from mapping_dataflow.engines.conversions import FARTHEST, Conversions, text
from mapping_dataflow.engines.duckdb.formats import is_plain, reading_formats, writing_format
from mapping_dataflow.engines.duckdb.types import cast, type_name
from mapping_dataflow.engines.java_patterns import check_locale, checked_number_pattern
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.java.text_casts import BLANKS, FALSE_WORDS, TRUE_WORDS


def struct(fields: Sequence[tuple[str, exp.Expression]]) -> exp.Expression:
    """A struct from named values."""
    items = [exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=own(value)) for name, value in fields]
    return exp.Struct(expressions=items)


def struct_field(value: exp.Expression, name: str) -> exp.Expression:
    """``struct.field``."""
    return fill("struct_extract(_1, _2)", [value.copy(), text(name)])


_BITS = {"byte": 8, "short": 16, "integer": 32, "long": 64}


_SMALL = 8
"""The most nodes of an expression that is written as often as a template names it."""


def _filled(template: str, value: exp.Expression) -> exp.Expression:
    """A template that names its only argument many times; a large one is written, and computed, once."""
    if len(list(itertools.islice(value.walk(), _SMALL + 1))) <= _SMALL:
        return fill(template, [value])
    body = fill(template, [exp.column("given")])
    return fill("list_extract(list_transform([_1], _2), 1)", [value, exp.Lambda(this=body, expressions=[_GIVEN])])


_GIVEN = exp.to_identifier("given")

_USUAL_DATE = "ascii(_1) BETWEEN 48 AND 57 AND _1 LIKE '____-__-__"
"""How most dates look. DuckDB's own cast knows other forms as well, and is asked about this one alone."""
_CLOCK = "[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-9]{2}"
_SECONDS = r":[0-9]{2}(\.[0-9]{1,6})?"
_BEGINS_AS_DATE = rf"regexp_matches(_1, '^{BLANKS}[+-]?[0-9]{{4,7}}(-[0-9]|{BLANKS}$)')"

_TEXT_AS_DATE = f"""coalesce(CASE WHEN {_USUAL_DATE}' THEN TRY_CAST(_1 AS DATE)
    WHEN {_USUAL_DATE}%' AND regexp_full_match(substr(_1, 9), '[0-9]{{2}}[ T].*') THEN TRY_CAST(left(_1, 10) AS DATE)
    WHEN regexp_full_match(_1, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}') THEN TRY_CAST(_1 AS DATE) END,
    CASE WHEN {_BEGINS_AS_DATE} THEN CAST(DATE '1970-01-01' + CAST(text_date_days(_1) AS INTEGER) AS DATE) END)"""

# DuckDB drops an offset behind a text that shall become a timestamp without one.
_TEXT_AS_TIMESTAMP = f"""date_trunc('millisecond', coalesce(CASE
    WHEN {_USUAL_DATE}%' AND regexp_full_match(substr(_1, 9), '[0-9]{{2}}|{_CLOCK}({_SECONDS}Z?)?')
    THEN TRY_CAST(_1 AS TIMESTAMP)
    WHEN {_USUAL_DATE}%' AND regexp_full_match(substr(_1, 9), '{_CLOCK}{_SECONDS}[+-](0[0-9]|1[0-7]):?[0-5][0-9]')
    THEN timezone('UTC', TRY_CAST(_1 AS TIMESTAMPTZ)) END,
    CASE WHEN {_BEGINS_AS_DATE} THEN make_timestamp(text_timestamp_microseconds(_1)) END))"""

_TEXT_AS_WHOLE = rf"""CASE WHEN CAST(TRY_CAST(_1 AS {{type}}) AS VARCHAR) = _1 THEN TRY_CAST(_1 AS {{type}})
    WHEN regexp_full_match(_1, '{BLANKS}[+-]?([0-9]+\.?|\.)[0-9]*{BLANKS}')
    THEN TRY_CAST(regexp_replace(_1, '^{BLANKS}([+-]?)([0-9]*)[^0-9]?.*$', '\10\2', 's') AS {{type}}) END"""

_PLAIN_NUMBER = "ascii(_1) BETWEEN 45 AND 57 AND NOT contains(_1, '_') AND NOT contains(_1, 'n')"
"""DuckDB's own cast takes 1_000, +-1 and -nan for numbers as well."""
_JAVA_NUMBER = r"^[\x00-\x20]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[dDfF]?[\x00-\x20]*$"
_TEXT_AS_FRACTION = rf"""coalesce(CASE WHEN {_PLAIN_NUMBER} THEN TRY_CAST(_1 AS {{type}}) END,
    TRY_CAST(regexp_extract(_1, '{_JAVA_NUMBER}', 1) AS {{type}}),
    CASE WHEN regexp_matches(_1, '(?i)^[\x00-\x20]*[+-]?(nan|inf|0x)') THEN text_{{name}}(_1) END)"""
# DuckDB takes numbers with an exponent that are too large for a decimal.
_TEXT_AS_DECIMAL = rf"""coalesce(
    CASE WHEN {_PLAIN_NUMBER} AND NOT contains(_1, 'e') AND NOT contains(_1, 'E') THEN TRY_CAST(_1 AS {{type}}) END,
    CASE WHEN regexp_matches(_1, '^[\x00-\x20]*[+-]?\.?\p{{{{Nd}}}}')
    THEN TRY_CAST(text_decimal(_1) AS {{type}}) END)"""

_TEXT_AS_BOOLEAN = f"""CASE
    WHEN regexp_full_match(_1, '(?i){BLANKS}({"|".join(TRUE_WORDS)}){BLANKS}') THEN TRUE
    WHEN regexp_full_match(_1, '(?i){BLANKS}({"|".join(FALSE_WORDS)}){BLANKS}') THEN FALSE END"""


def _to_date(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source != STRING:
        return cast(value, DATE, safe=True)
    if pattern is not None:
        return cast(_parsed(value, pattern, locale, span), DATE)
    return _filled(_TEXT_AS_DATE, value)


def _to_timestamp(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if datatypes.is_integral(source):
        wide = cast(value, LONG)
        return fill(f"CASE WHEN abs(_1 // 1000) < {FARTHEST} THEN make_timestamp(_1 * 1000) END", [wide])
    if source != STRING:
        return cast(value, TIMESTAMP, safe=True)
    if pattern is not None:
        return fill("date_trunc('millisecond', _1)", [_parsed(value, pattern, locale, span)])
    return _filled(_TEXT_AS_TIMESTAMP, value)


_IN_CENTURY = "CASE WHEN _1 >= timezone('UTC', now()) + INTERVAL 20 YEARS THEN _1 - INTERVAL 100 YEARS ELSE _1 END"
"""Java puts a year of two digits between 80 years before and 20 years after today."""


def _parsed(value: exp.Expression, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    """The timestamp that a text written by a pattern means."""
    formats = reading_formats(pattern, locale, span)
    check_locale(locale, span)
    found = called("java_read_date", [value, text(pattern), text(locale or "")])
    if formats is not None:
        listed = exp.Array(expressions=[text(one) for one in formats]) if len(formats) > 1 else text(formats[0])
        # strptime passes over line ends in front of the text and blanks behind it, Java does not.
        bare = "ascii(_1) NOT BETWEEN 10 AND 13 AND ascii(right(_1, 1)) > 32"
        given = value if pattern.endswith(" ") else fill(f"CASE WHEN {bare} THEN _1 END", [value])
        fast = cast(fill("try_strptime(_1, _2)", [given, listed]), TIMESTAMP)
        # Java passes over blanks before a field.
        found = fill("coalesce(_1, CASE WHEN contains(_2, ' ') THEN _3 END)", [fast, value, found])
    return fill(_IN_CENTURY, [found]) if re.search(r"(?<!y)yy(?!y)", pattern) else found


def _to_number(
    value: exp.Expression, source: DataType, target: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source == STRING and pattern is not None:
        checked_number_pattern(pattern, locale, span)
        value = called("java_read_number", [value, text(pattern), text(locale or "")])
    if source == STRING:
        template = _TEXT_AS_WHOLE if datatypes.is_integral(target) else _TEXT_AS_FRACTION
        if isinstance(target, Decimal):
            template = _TEXT_AS_DECIMAL
        return _filled(template.format(type=type_name(target), name=target), value)
    if source == BOOLEAN:
        return cast(value, target, safe=True)
    if source == TIMESTAMP:
        return _seconds(value, target)
    if not datatypes.is_number(source):
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)
    return _as_number(value, source, target)


def _as_number(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    """A number as one of another type."""
    if datatypes.is_integral(target) and datatypes.is_integral(source):
        return _narrowed(value, source, target)
    if datatypes.is_integral(target) and isinstance(source, Decimal):
        return _low_bits(fill("CAST(trunc(_1) AS HUGEINT)", [value]), target)
    if datatypes.is_integral(target):
        return _bounded(value, target)
    if isinstance(target, Decimal):
        return to_decimal(value, source, target)
    if target == datatypes.FLOAT and source == datatypes.DOUBLE:
        return fill(_SINGLE, [value])
    return cast(value, target)


_SINGLE = """coalesce(TRY_CAST(_1 AS FLOAT), CASE WHEN _1 > 0 THEN CAST('Infinity' AS FLOAT)
    WHEN _1 < 0 THEN CAST('-Infinity' AS FLOAT) END)"""
"""What is too large for single precision is infinite; DuckDB fails."""


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
    if source not in (datatypes.FLOAT, datatypes.DOUBLE):
        return cast(value, target, safe=True)
    # DuckDB scales doubles in binary: 1.005 would become 1.00; of texts with an exponent it takes too large ones.
    # Spark takes a float for the double that it is.
    wide = cast(value, datatypes.DOUBLE) if source == datatypes.FLOAT else value
    written = cast(cast(wide, STRING), target, safe=True)
    return fill(f"CASE WHEN abs(_1) < 1e{target.precision - target.scale} THEN _2 END", [wide, written])


def _narrowed(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    """Whole numbers that do not fit wrap around, as ``toByte(0xFF)`` is documented to do."""
    if datatypes.wider_number(source, target) == target:
        return cast(value, target)
    return _low_bits(cast(value, LONG), target)


def _low_bits(value: exp.Expression, target: DataType) -> exp.Expression:
    """What is left of a whole number in the bits of a type, as Java narrows it."""
    half = 1 << _BITS[str(target)] - 1
    return cast(fill(f"xor(_1 & {2 * half - 1}, {half}) - {half}", [value]), target)


_BOUNDED = """coalesce(TRY_CAST(trunc(_1) AS {type}), CASE WHEN isnan(_1) THEN 0 WHEN _1 > 0 THEN {most} WHEN _1 < 0
    THEN -{most} - 1 END)"""


def _bounded(value: exp.Expression, target: DataType) -> exp.Expression:
    """A double as a whole number, cut off and within the ends of integer or long; narrower types take the bits of an
    integer. What is no number is 0: https://docs.oracle.com/javase/specs/jls/se17/html/jls-5.html#jls-5.1.3
    """
    wide = LONG if target == LONG else datatypes.INTEGER
    most = (1 << _BITS[str(wide)] - 1) - 1
    found = _filled(_BOUNDED.format(type=type_name(wide), most=most), value)
    return found if wide == target else _narrowed(found, wide, target)


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
    if datatypes.is_datetime(source):
        rest = "strftime(_1, '-%m-%d')"
        if source == TIMESTAMP:
            rest += r" || regexp_replace(strftime(_1, ' %H:%M:%S.%f'), '\.?0*$', '')"
        return _filled(_DATE_AS_TEXT.format(type=type_name(source), rest=rest), value)
    if source == datatypes.BINARY:
        python = called("charset_decode", [value, text("UTF-8")])
        return fill("coalesce(TRY(decode(_1)), _2)", [value, python])
    if datatypes.is_complex(source):
        raise ProblemFound(f"{source} has no text form", span, expected="a simple value")
    return cast(value, STRING)


_DATE_AS_TEXT = r"""CASE WHEN _1 >= {type} '0001-01-01' AND _1 < {type} '10000-01-01' THEN CAST(_1 AS VARCHAR)
    ELSE CASE WHEN year(_1) > 9999 THEN '+' WHEN year(_1) < 0 THEN '-' ELSE '' END
        || printf('%04d', abs(year(_1))) || {rest} END"""
"""Java writes years beyond 1 to 9999 with a sign, DuckDB with BC."""

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


_SURE_PLACES = 6
"""Doubles below a billion have no more places that DuckDB writes as Java does, which takes the shortest digits."""


def _formatted(value: exp.Expression, source: DataType, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    """A number by a DecimalFormat pattern: halves go to the even digit, the sign stands before everything."""
    parts = checked_number_pattern(pattern, locale, span)
    is_double = source in (datatypes.DOUBLE, datatypes.FLOAT)
    if is_double:
        python = called("java_write_double", [cast(value, datatypes.DOUBLE), text(pattern), text(locale or "")])
    else:
        python = called("java_write_decimal", [cast(value, STRING), text(pattern), text(locale or "")])
    if not is_plain(parts) or (is_double and parts.most_fraction > _SURE_PLACES):
        return python
    size = fill("abs(_1)", [value])
    if not isinstance(source, Simple) or datatypes.is_integral(source):
        size = fill(f"round_even(abs(CAST(_1 AS DECIMAL(38, 15))), {parts.most_fraction})", [value])
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
    exact = "_1 > -1e9 AND _1 < 1e9" if is_double or source == LONG or isinstance(source, Decimal) else ""
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

    def to_boolean(self, value: exp.Expression, source: DataType) -> exp.Expression:
        """``toBoolean``."""
        return _filled(_TEXT_AS_BOOLEAN, value) if source == STRING else cast(value, BOOLEAN, safe=True)

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
