"""Conversions between data types in DuckDB. A value that does not convert is null; whole numbers truncate.

Used for the ``toX`` functions, for implicit widening and for the columns of sources.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.constants import FALSE_WORDS, TRUE_WORDS
from mapping_dataflow.analysis.datatypes import (
    BOOLEAN,
    DATE,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    Array,
    DataType,
    Decimal,
    Map,
    Simple,
    Struct,
)
from mapping_dataflow.engines.base import Builder, fill
from mapping_dataflow.engines.duckdb.formats import check_names, date_formats, number_pattern
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call, Literal

_WRAPS = {"byte": (128, 255), "short": (32768, 65535), "integer": (2147483648, 4294967295)}


def text(value: str) -> exp.Expression:
    """A string literal."""
    return exp.Literal.string(value)


def convert(
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
        return cast(value, target)
    if isinstance(target, Struct) and isinstance(source, Struct):
        return _struct(value, source, target, span, depth)
    if isinstance(target, Array) and isinstance(source, Array):
        name = f"element_{depth}"
        body = convert(exp.column(name), source.element, target.element, span, pattern, depth + 1)
        return fill("list_transform(_1, _2)", [value, exp.Lambda(this=body, expressions=[exp.to_identifier(name)])])
    if isinstance(target, Map) and isinstance(source, Map):
        return cast(value, target, safe=True)
    if datatypes.is_complex(source) or datatypes.is_complex(target):
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)
    return _simple(value, source, target, span, pattern, None)


def _struct(value: exp.Expression, source: Struct, target: Struct, span: Span, depth: int) -> exp.Expression:
    fields: list[exp.Expression] = []
    for name, kind in target.fields:
        inner = source.field(name)
        if inner is None:
            item: exp.Expression = cast(exp.null(), kind)
        else:
            item = convert(struct_field(value, name), inner, kind, span, None, depth + 1)
        fields.append(exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=item))
    return fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, exp.Struct(expressions=fields)])


def struct_field(value: exp.Expression, name: str) -> exp.Expression:
    """``struct.field``."""
    return fill("struct_extract(_1, _2)", [value.copy(), text(name)])


def _simple(
    value: exp.Expression, source: DataType, target: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if target == STRING:
        return to_text(value, source, span, pattern, locale)
    if target == BOOLEAN:
        return _to_boolean(value, source)
    if target == DATE:
        return _to_date(value, source, span, pattern, locale)
    if target == TIMESTAMP:
        return _to_timestamp(value, source, span, pattern)
    if datatypes.is_number(target):
        return _to_number(value, source, target, span, pattern, locale)
    if source == STRING and target == datatypes.BINARY:
        return fill("encode(_1)", [value])
    raise ProblemFound(f"there is no conversion from {source} to {target}", span)


def _to_boolean(value: exp.Expression, source: DataType) -> exp.Expression:
    if source == STRING:
        yes, no = (", ".join(f"'{word}'" for word in words) for words in (TRUE_WORDS, FALSE_WORDS))
        return fill(f"CASE WHEN lower(_1) IN ({yes}) THEN TRUE WHEN lower(_1) IN ({no}) THEN FALSE END", [value])
    return cast(value, BOOLEAN, safe=True)


def _to_date(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source != STRING:
        return cast(value, DATE, safe=True)
    if pattern is not None:
        check_names(date_formats(pattern, span), locale, span)
        return cast(_parsed(value, pattern, span), DATE)
    # The documented default is yyyy-[M]M-[d]d; yyyy, yyyy-M and a trailing time are accepted as well.
    return fill(
        r"""CASE WHEN regexp_full_match(_1, '\s*\d{4}-\d{1,2}-\d{1,2}([T ].*)?\s*')
                 THEN CAST(try_strptime(regexp_extract(_1, '\d{4}-\d{1,2}-\d{1,2}'), '%Y-%m-%d') AS DATE)
                 WHEN regexp_full_match(_1, '\s*\d{4}(-\d{1,2})?\s*')
                 THEN CAST(try_strptime(trim(_1), ['%Y-%m', '%Y']) AS DATE) END""",
        [value],
    )


def _to_timestamp(value: exp.Expression, source: DataType, span: Span, pattern: str | None) -> exp.Expression:
    if datatypes.is_integral(source):
        return fill("make_timestamp(CAST(_1 AS BIGINT) * 1000)", [value])
    if source != STRING:
        return cast(value, TIMESTAMP, safe=True)
    if pattern is not None:
        return fill("date_trunc('millisecond', _1)", [_parsed(value, pattern, span)])
    # DuckDB drops an offset behind a text that shall become a timestamp without one.
    return fill(
        r"""date_trunc('millisecond', CASE WHEN regexp_matches(_1, ':\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)\s*$')
                 THEN timezone('UTC', TRY_CAST(_1 AS TIMESTAMPTZ)) ELSE TRY_CAST(_1 AS TIMESTAMP) END)""",
        [value],
    )


def _parsed(value: exp.Expression, pattern: str, span: Span) -> exp.Expression:
    # Java reads one or two digits for MM, dd, HH …; so does strptime. "%-d" is for printing only.
    formats = [one.replace("%-", "%") for one in date_formats(pattern, span)]
    zoned = any("%z" in one for one in formats)
    listed = exp.Array(expressions=[text(one) for one in formats]) if len(formats) > 1 else text(formats[0])
    parsed = fill("try_strptime(_1, _2)", [value, listed])
    return fill("timezone('UTC', _1)", [parsed]) if zoned else cast(parsed, TIMESTAMP)


def _to_number(
    value: exp.Expression, source: DataType, target: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source == STRING and pattern is not None:
        value = _unformatted(value, pattern, locale, span)
    if source in (STRING, BOOLEAN):
        if source == STRING and datatypes.is_integral(target):
            return cast(fill("trunc(TRY_CAST(trim(_1) AS DECIMAL(38, 10)))", [value]), target, safe=True)
        return cast(fill("trim(_1)", [value]) if source == STRING else value, target, safe=True)
    if not datatypes.is_number(source):
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)
    if datatypes.is_integral(target) and datatypes.is_integral(source):
        return _narrowed(value, source, target)
    if datatypes.is_integral(target):
        return cast(fill("trunc(_1)", [value]), target, safe=True)
    if isinstance(target, Decimal):
        return to_decimal(value, source, target)
    return cast(value, target)


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


def _unformatted(value: exp.Expression, pattern: str, locale: str | None, span: Span) -> exp.Expression:
    parts = number_pattern(pattern, locale, span)
    result = value
    if parts.prefix:
        start = exp.Literal.number(len(parts.prefix) + 1)
        result = fill("CASE WHEN starts_with(_1, _2) THEN substr(_1, _3) END", [result, text(parts.prefix), start])
    if parts.suffix:
        kept = exp.Literal.number(len(parts.suffix))
        result = fill(
            "CASE WHEN ends_with(_1, _2) THEN left(_1, length(_1) - _3) END", [result, text(parts.suffix), kept]
        )
    result = fill("replace(_1, _2, '')", [result, text(parts.group_separator)])
    if parts.decimal_separator != ".":
        result = fill("replace(_1, _2, '.')", [result, text(parts.decimal_separator)])
    return result


def to_text(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None = None, locale: str | None = None
) -> exp.Expression:
    """``toString``: dates as yyyy-MM-dd, doubles as Java prints them, or by a Java pattern. Raises ProblemFound."""
    if source in (STRING, NULL):
        return cast(value, STRING) if source == NULL else value
    if pattern is not None and datatypes.is_datetime(source):
        formats = date_formats(pattern, span)
        check_names(formats, locale, span)
        return fill("strftime(_1, _2)", [value, text(formats[0])])
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
    parts = number_pattern(pattern, locale, span)
    if parts.grouping not in (0, 3):
        raise ProblemFound(f"DuckDB has no equivalent for the grouping in {pattern!r}", span)
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
    if parts.whole_digits == 0:
        result = fill("ltrim(_1, '0')", [result])
    elif parts.whole_digits > 1:
        fraction = "CASE WHEN contains(_1, '.') THEN length(_1) - strpos(_1, '.') + 1 ELSE 0 END"
        least = f"CAST(greatest(length(_1), {parts.whole_digits} + {fraction}) AS INTEGER)"
        result = fill(f"lpad(_1, {least}, '0')", [result])
    if parts.decimal_separator != ".":
        result = fill("translate(_1, '.,', ',.')", [result])
    if parts.prefix or parts.suffix:
        result = fill("_2 || _1 || _3", [result, text(parts.prefix), text(parts.suffix)])
    return fill("CASE WHEN _1 < 0 THEN '-' ELSE '' END || _2", [value, result])


def _constant_text(call: Call, index: int) -> str | None:
    if index >= len(call.arguments):
        return None
    argument = call.arguments[index]
    value = argument.value if isinstance(argument, Literal) else None
    return None if value is None else str(value)


def conversion(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A ``toX`` function."""
    first = call.arguments[0].type
    formats = 3 if call.function == "toDecimal" else 1
    pattern, locale = _constant_text(call, formats), _constant_text(call, formats + 1)
    if first == call.type and pattern is None:
        return arguments[0]
    if first == NULL:
        return cast(exp.null(), call.type)
    return _simple(arguments[0], first, call.type, call.span, pattern, locale)


def _test(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    name = call.function[2:].lower()
    target = Decimal(38, 10) if name == "decimal" else datatypes.from_name(name)
    value = _simple(arguments[0], STRING, target, call.span, _constant_text(call, 1), None)
    return fill("_1 IS NOT NULL", [value])


_TO = "toBoolean toByte toDate toDecimal toDouble toFloat toInteger toLong toShort toString toTimestamp".split()
_IS = "isBoolean isByte isDate isDecimal isDouble isFloat isInteger isLong isShort isTimestamp".split()
FUNCTIONS: dict[str, str | Builder] = {**dict.fromkeys(_TO, conversion), **dict.fromkeys(_IS, _test)}
