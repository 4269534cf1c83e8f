"""Functions against independent definitions in Python, on random values."""

from __future__ import annotations

import calendar
import hashlib
import math
import struct
from datetime import date, datetime, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

import pytest
from dataflow_bench import Table, evaluate, run_script
from hypothesis import example, given, settings
from hypothesis import strategies as st

_SOME = settings(max_examples=30, deadline=None)
doubles = st.floats(allow_nan=False, allow_infinity=False)
usual = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)).map(  # noqa: DTZ001 - timestamps have no zone
    lambda found: found.replace(microsecond=found.microsecond // 1000 * 1000)
)
texts = st.text(st.sampled_from("abcXYZ äß€😀-1'\"\\{}`$\n"), max_size=9)


def quoted(text: str) -> str:
    """A string literal of the language."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def column(kind: str, values: list[object], expression: str) -> list[object]:
    """The values of an expression over a column ``x`` with these values, in their order."""
    script = "source(output(n as integer, x as {0})) ~> a\na derive(y = {1}) ~> d\nd sort(asc(n, true)) ~> s\n"
    script = script.format(kind, expression) + "s sink(mapColumn(y)) ~> out"
    table = Table({"n": "integer", "x": kind}, list(enumerate(values)))
    return [row[0] for row in run_script(script, {"a": table})["out"].rows]


# ---------------------------------------------------------------- numbers


def java_text(value: float) -> str:
    """``Double.toString`` of Java 19 and later: the shortest digits that mean the same number."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(Decimal(repr(value)), "f")
        return plain if "." in plain else plain + ".0"
    mantissa, _, exponent = f"{Decimal(repr(value)).normalize():E}".partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


@_SOME
@given(st.lists(doubles | usual, min_size=1, max_size=30))
@example([0.0, -0.0, 1e7, 9999999.0, 0.001, 0.00099, 1.5e300, 5e-324, 123456789.125, 1e21, 1e-4])
def test_doubles_are_written_as_java_writes_them(values: list[float]) -> None:
    assert column("double", list(values), "toString(x)") == [java_text(value) for value in values]


@_SOME
@given(st.lists(usual, min_size=1, max_size=30), st.integers(0, 4))
def test_numbers_are_formatted_with_halves_to_the_even_digit(values: list[float], places: int) -> None:
    pattern = "#,##0" + ("." + "0" * places if places else "")
    expected = []
    for value in values:
        rounded = abs(Decimal(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=60))
        expected.append(("-" if math.copysign(1, value) < 0 else "") + f"{rounded:,f}")
    assert column("double", list(values), f"toString(x, '{pattern}')") == expected


_MODES = [ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN]


@pytest.mark.parametrize("mode", range(1, 8))
@settings(max_examples=15, deadline=None)
@given(st.lists(usual | st.integers(-40, 40).map(lambda n: n / 8), min_size=1, max_size=30), st.integers(0, 4))
def test_numbers_are_rounded_in_the_modes_of_java(mode: int, values: list[float], places: int) -> None:
    context = Context(prec=60)
    expected = [
        float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), _MODES[mode - 1], context)) for value in values
    ]
    assert column("double", list(values), f"round(x, {places}, {mode})") == expected


@_SOME
@given(st.lists(usual | st.integers(-40, 40).map(lambda n: n / 8), min_size=1, max_size=30))
@example([1.005, 2.345, -2.345, 380261.0])
def test_doubles_become_decimals_by_their_written_digits(values: list[float]) -> None:
    expected = [Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP) for value in values]
    assert column("double", list(values), "toDecimal(x, 20, 2)") == expected


@_SOME
@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1, max_size=30))
def test_whole_numbers_wrap_around_in_narrower_types(values: list[int]) -> None:
    halves = (1 << 7, 1 << 15, 1 << 31)
    expected = [[(value + half) % (2 * half) - half for half in halves] for value in values]
    assert column("long", list(values), "[toInteger(toByte(x)), toInteger(toShort(x)), toInteger(x)]") == expected


@_SOME
@given(st.integers(-1000, 1000), st.integers(-50, 50))
def test_the_two_remainders(left: int, right: int) -> None:
    if right == 0:
        assert evaluate(f"({left}) % 0") is evaluate(f"pMod({left}, 0)") is None
        return
    rest = int(math.fmod(left, right))
    assert evaluate(f"({left}) % ({right})") == rest
    assert evaluate(f"pMod({left}, {right})") == (int(math.fmod(rest + right, right)) if rest < 0 else rest)


# ---------------------------------------------------------------- dates


def shifted(day: date, months: int) -> date:
    """The day that many months later; the last day of a month stays the last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))


@_SOME
@given(days, st.integers(-600, 600))
@example(date(2016, 9, 30), -1)
@example(date(2020, 2, 29), 12)
def test_months_are_added_with_the_last_day_sticking(day: date, months: int) -> None:
    assert evaluate(f"addMonths(toDate('{day}'), {months})") == shifted(day, months)
    assert evaluate(f"subMonths(toDate('{day}'), {months})") == shifted(day, -months)


@_SOME
@given(st.lists(moments, min_size=1, max_size=20))
def test_parts_of_timestamps(found: list[datetime]) -> None:
    numbers = "[year(x), month(x), dayOfMonth(x), hour(x), minute(x), second(x), millisecond(x)]"
    expected = [[*one.timetuple()[:6], one.microsecond // 1000] for one in found]
    assert column("timestamp", list(found), numbers) == expected
    places = "[dayOfWeek(x), dayOfYear(x), weekOfYear(x)]"
    assert column("timestamp", list(found), places) == [
        [one.isoweekday() % 7 + 1, one.timetuple().tm_yday, one.isocalendar().week] for one in found
    ]


@pytest.mark.parametrize("pattern", ["yyyy-MM-dd HH:mm:ss.SSS", "yyyyMMddHHmmssSSS", "d/M/yyyy hh:mm:ss.SSS a"])
@settings(max_examples=20, deadline=None)
@given(st.lists(moments, min_size=1, max_size=20))
def test_a_timestamp_is_read_as_it_is_written(pattern: str, found: list[datetime]) -> None:
    assert column("timestamp", list(found), f"toTimestamp(toString(x, '{pattern}'), '{pattern}')") == found
    assert column("timestamp", list(found), "toTimestamp(toString(x))") == found


@_SOME
@given(st.lists(st.tuples(moments, moments), min_size=1, max_size=20))
def test_differences_of_timestamps_are_milliseconds(pairs: list[tuple[datetime, datetime]]) -> None:
    kind = "(a as timestamp, b as timestamp)"
    values: list[object] = [{"a": first, "b": second} for first, second in pairs]
    expected = [(first - second) // timedelta(milliseconds=1) for first, second in pairs]
    assert column(kind, values, "x.a - x.b") == expected
    assert column(kind, values, "x.b + (x.a - x.b) == x.a") == [True] * len(pairs)


# ---------------------------------------------------------------- text


@_SOME
@given(texts, st.integers(-3, 12), st.integers(-2, 12))
def test_pieces_of_text(text: str, start: int, count: int) -> None:
    literal = quoted(text)
    assert evaluate(literal) == text
    assert evaluate(f"left({literal}, {count})") == text[: max(count, 0)]
    assert evaluate(f"right({literal}, {count})") == (text[-count:] if count > 0 else "")
    assert evaluate(f"dropLeft({literal}, {count})") == text[max(count, 0) :]
    assert evaluate(f"length({literal})") == len(text)
    if start > 0:
        assert evaluate(f"substring({literal}, {start}, {count})") == text[start - 1 : start - 1 + max(count, 0)]


@_SOME
@given(texts, texts.filter(bool), texts)
def test_text_in_text(text: str, part: str, other: str) -> None:
    literal, found, replacement = quoted(text), quoted(part), quoted(other)
    assert evaluate(f"instr({literal}, {found})") == text.find(part) + 1
    assert evaluate(f"locate({found}, {literal})") == text.find(part) + 1
    assert evaluate(f"startsWith({literal}, {found})") is text.startswith(part)
    assert evaluate(f"endsWith({literal}, {found})") is text.endswith(part)
    assert evaluate(f"replace({literal}, {found}, {replacement})") == text.replace(part, other)
    assert evaluate(f"split({literal}, {found})") == text.split(part)
    assert evaluate(f"{literal} + {replacement}") == text + other


# ---------------------------------------------------------------- digests


@_SOME
@given(st.integers(-(1 << 31), (1 << 31) - 1), doubles, texts, st.booleans(), days)
def test_digests_are_over_the_little_endian_bytes_of_the_values(
    number: int, fraction: float, text: str, flag: bool, day: date
) -> None:
    epoch_days = (day - date(1970, 1, 1)).days
    data = struct.pack("<i", number) + text.encode() + struct.pack("<d", fraction)
    data += bytes([flag]) + struct.pack("<i", epoch_days)
    values: list[object] = [{"i": number, "s": text, "d": fraction, "b": flag, "t": day}]
    kind = "(i as integer, s as string, d as double, b as boolean, t as date)"
    calls = ", ".join(f"{call}x.i, x.s, x.d, x.b, x.t)" for call in ("md5(", "sha1(", "sha2(256, "))
    expected = [digest(data).hexdigest() for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256)]
    assert column(kind, values, f"[{calls}]") == [expected]
