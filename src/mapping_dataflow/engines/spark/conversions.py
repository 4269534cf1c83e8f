"""Conversions between data types in Spark. A value that does not convert is null; whole numbers wrap around.

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
from mapping_dataflow.engines.base import Builder
from mapping_dataflow.engines.spark.date_patterns import parsing_pattern, printing_pattern
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql, struct, struct_field, text
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call, Literal


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
        return sql("transform(_1, _2)", [value, exp.Lambda(this=body, expressions=[exp.to_identifier(name)])])
    if isinstance(target, Map) and isinstance(source, Map):
        return cast(value, target)
    if datatypes.is_complex(source) or datatypes.is_complex(target):
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)
    return _simple(value, source, target, span, pattern, None)


def _struct(value: exp.Expression, source: Struct, target: Struct, span: Span, depth: int) -> exp.Expression:
    fields: list[tuple[str, exp.Expression]] = []
    for name, kind in target.fields:
        inner = source.field(name)
        if inner is None:
            item: exp.Expression = cast(exp.null(), kind)
        else:
            item = convert(struct_field(value, name), inner, kind, span, None, depth + 1)
        fields.append((name, item))
    return sql("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, struct(fields)])


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
        return sql("encode(_1, 'UTF-8')", [value])
    raise ProblemFound(f"there is no conversion from {source} to {target}", span)


def _to_boolean(value: exp.Expression, source: DataType) -> exp.Expression:
    if source == STRING:
        yes, no = (", ".join(f"'{word}'" for word in words) for words in (TRUE_WORDS, FALSE_WORDS))
        return sql(f"CASE WHEN lower(_1) IN ({yes}) THEN TRUE WHEN lower(_1) IN ({no}) THEN FALSE END", [value])
    return cast(value, BOOLEAN)


def _to_date(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source != STRING:
        return cast(value, DATE)
    if pattern is not None:
        _english(pattern, locale, span)
        return sql("to_date(_1, _2)", [value, text(parsing_pattern(pattern, span))])
    # The documented default is yyyy-[M]M-[d]d; yyyy, yyyy-M and a trailing time are accepted as well.
    return sql(
        r"CASE WHEN _1 RLIKE '^\\s*\\d{4}(-\\d{1,2}(-\\d{1,2}([T ].*)?)?)?\\s*$' THEN CAST(_1 AS DATE) END", [value]
    )


def _to_timestamp(value: exp.Expression, source: DataType, span: Span, pattern: str | None) -> exp.Expression:
    if datatypes.is_integral(source):
        return sql("timestamp_millis(CAST(_1 AS BIGINT))", [value])
    if source != STRING:
        return cast(value, TIMESTAMP)
    if pattern is not None:
        return sql("date_trunc('MILLISECOND', to_timestamp(_1, _2))", [value, text(parsing_pattern(pattern, span))])
    return sql("date_trunc('MILLISECOND', CAST(_1 AS TIMESTAMP))", [value])


def _to_number(
    value: exp.Expression, source: DataType, target: DataType, span: Span, pattern: str | None, locale: str | None
) -> exp.Expression:
    if source == STRING:
        if pattern is not None:
            raise ProblemFound(f"Spark cannot read numbers by the pattern {pattern!r}", span)
        if datatypes.is_integral(target):
            return cast(cast(value, Decimal(38, 10)), target, safe=True)
        return cast(value, target)
    if source != BOOLEAN and not datatypes.is_number(source):
        raise ProblemFound(f"there is no conversion from {source} to {target}", span)
    # Whole numbers that do not fit wrap around, as toByte(0xFF) is documented to do; of fractions nothing is left.
    cut = datatypes.is_integral(target) and datatypes.is_fractional(source)
    return cast(value, target, safe=cut)


def to_text(
    value: exp.Expression, source: DataType, span: Span, pattern: str | None = None, locale: str | None = None
) -> exp.Expression:
    """``toString``: dates as yyyy-MM-dd, doubles as Java prints them, or by a Java pattern. Raises ProblemFound."""
    if source in (STRING, NULL):
        return cast(value, STRING) if source == NULL else value
    if pattern is not None and datatypes.is_datetime(source):
        _english(pattern, locale, span)
        return sql("date_format(_1, _2)", [value, text(printing_pattern(pattern, span))])
    if pattern is not None and datatypes.is_number(source):
        if locale is not None and not locale.lower().startswith("en"):
            raise ProblemFound(f"Spark cannot print numbers for the locale {locale!r}", span)
        return named_call("format_number", value, text(pattern))
    if datatypes.is_complex(source) or source == datatypes.BINARY:
        raise ProblemFound(f"{source} has no text form", span, expected="a simple value")
    if isinstance(source, Decimal) and source.scale > _PLAIN_SCALE:
        return _plain_decimal(value, source)
    return cast(value, STRING)


_PLAIN_SCALE = 6
"""Up to this scale Java writes decimals without an exponent."""

_PLAIN = r"""CASE WHEN contains(_1, 'E')
    THEN concat(CASE WHEN _1 LIKE '-%' THEN '-' ELSE '' END, '0.',
        lpad(regexp_replace(_1, '^-?(\\d)\\.?(\\d*)E.*$', '$1$2'), {scale}, '0'))
    ELSE _1 END"""


def _plain_decimal(value: exp.Expression, source: Decimal) -> exp.Expression:
    """All digits of the scale, never an exponent."""
    return sql(_PLAIN.format(scale=source.scale), [cast(value, STRING)])


def _english(pattern: str, locale: str | None, span: Span) -> None:
    names = "MMM" in pattern or "E" in pattern or "LLL" in pattern
    if locale is not None and names and not locale.lower().startswith("en"):
        raise ProblemFound(f"Spark has no names of months and days for the locale {locale!r}", span)


def _constant_text(call: Call, index: int) -> str | None:
    if index >= len(call.arguments):
        return None
    argument = call.arguments[index]
    value = argument.value if isinstance(argument, Literal) else None
    return None if value is None else str(value)


def _conversion(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
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
    return sql("_1 IS NOT NULL", [value])


_TO = "toBoolean toByte toDate toDecimal toDouble toFloat toInteger toLong toShort toString toTimestamp".split()
_IS = "isBoolean isByte isDate isDecimal isDouble isFloat isInteger isLong isShort isTimestamp".split()
FUNCTIONS: dict[str, str | Builder] = {**dict.fromkeys(_TO, _conversion), **dict.fromkeys(_IS, _test)}
