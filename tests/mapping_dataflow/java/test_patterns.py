"""Java's patterns: what the database computes natively is what the rule in Python says, and reading undoes writing."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from dataflow_bench import Table, run_script
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mapping_dataflow.java import arithmetic, dates, matching, numbers, texts
from mapping_dataflow.java.patterns import JavaRegexError, translate

_SOME = settings(max_examples=40, deadline=None)
TEXTS = st.text(st.sampled_from("aAbB1 _-.,|é\n\r\u2028\t€ß'"), max_size=8)
NATIVE = [
    r"a.b",
    r"[ab]+$",
    r"^\s+|\s+$",
    r"(\w)(\d)?",
    r"(?i)ab",
    r"\bA",
    r"[^\w]",
    r"\p{Alpha}\P{L}",
    r"a{2}|b",
    r"[\s,.]",
    r"\Qa.b\E|_",
    r"(?<first>[a-c])\.",
    r"\u00e9|\x41",
    r"[A-z&&[^_]]",
    r"(a|b)\1",
    r"a*",
    r"(?=b)|$",
    r"\||[|_]",
    r"\Q|\E",
]


def _column(expression: str, values: list[str]) -> list[object]:
    script = f"source(output(n as integer, x as string)) ~> a\na derive(y = {expression}) ~> d\nd sort(asc(n)) ~> s\n"
    table = Table({"n": "integer", "x": "string"}, list(enumerate(values)))
    return [row[0] for row in run_script(script + "s sink(mapColumn(y)) ~> out", {"a": table})["out"].rows]


@pytest.mark.parametrize("pattern", NATIVE)
@settings(max_examples=12, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=20))
@example(["a\n", "b\r\n", "a\u2028", "", "aé", "éA", "A\n\n", " \n", "a\nb", "aBab", "aa", "\n"])
def test_the_engine_searches_extracts_replaces_and_splits_as_java_does(pattern: str, values: list[str]) -> None:
    written = f"`{pattern}`"
    group = min(1, translate(pattern).groups)
    replacement = "<$1>" if group else "<>"
    assert _column(f"regexMatch(x, {written})", values) == [matching.test(one, pattern) for one in values]
    assert _column(f"regexExtract(x, {written}, {group})", values) == [
        matching.extract(one, pattern, group) for one in values
    ]
    assert _column(f"regexReplace(x, {written}, '{replacement}')", values) == [
        matching.replace(one, pattern, replacement) for one in values
    ]
    assert _column(f"regexSplit(x, {written})", values) == [matching.split(one, pattern) for one in values]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a.b", "a\nb", False),  # . matches no line terminator
        ("(?s)a.b", "a\nb", True),
        ("a$", "a\r\n", True),  # $ matches before a last line terminator
        ("(?m)^b", "a\nb", True),
        (r"\d", "٣", False),  # \d is ASCII
        (r"\p{IsAlphabetic}", "é", True),
        (r"\p{IsDigit}", "٣", True),
        (r"\p{Alpha}", "é", False),
        (r"(?U)\p{Alpha}", "é", True),
        (r"(?U)\A\w+\z", "Ünïcode", True),  # not RE2's (?U), with which repetitions take little
        (r"(?U)[\W\d]", "٣", True),
        (r"(?U)\s", "\u2003", True),
        (r"(?U:\d)\d", "٣3", True),
        (r"(?U:\d)\d", "٣٣", False),
        (r"\p{gc=Nd}", "٣", True),
        (r"\P{LD}", "٣", False),
        ("(?i)É", "é", False),  # (?i) is ASCII without u
        ("(?iu)É", "é", True),
        ("[a-c&&[^b]]", "b", False),
        ("[a[x]]", "x", True),
        (r"(?<=\d)a", "1a", True),
        ("a*+a", "aaa", False),
        (r"\Q[\E", "[", True),
        ("[+--]", ",", True),
    ],
)
def test_a_pattern_matches_as_the_documents_of_java_say(pattern: str, text: str, found: bool) -> None:
    assert matching.test(text, pattern) is found


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "a)",
        "[a",
        "a{",
        r"\y",
        r"\1",
        "a\\",
        "*a",
        r"\p{Nothing}",
        r"\p{Latin}",
        r"\p{IsNothing}",
        r"\p{gc=X}",
        "(?z)",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(JavaRegexError):
        translate(pattern)


# ---------------------------------------------------------------- numbers

DOUBLES = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e6, 1e6).map(lambda value: round(value, 4))


@pytest.mark.parametrize("locale", ["", "de", "fr", "de-CH", "pt-BR"])
@pytest.mark.parametrize("pattern", ["#,##0.00", "0.###", "¤#,##0.##", "#,##0.0;(#)", "'n' 0.00"])
@settings(max_examples=25, deadline=None)
@given(DOUBLES)
@example(-0.0)
@example(2.675)
@example(0.125)
def test_a_number_is_read_as_it_was_written(pattern: str, locale: str, value: float) -> None:
    places = len(pattern.partition(".")[2].partition(";")[0])
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=800))
    found = numbers.read(numbers.write(value, pattern, locale), pattern, locale)
    assert found is not None
    assert float(found) == pytest.approx(float(rounded), rel=1e-15, abs=0.0)


@_SOME
@given(DOUBLES.filter(lambda value: value == 0 or 1e-300 < abs(value) < 1e300), st.integers(1, 4), st.integers(0, 6))
def test_an_exponent_is_a_multiple_of_the_whole_digits(value: float, whole: int, fraction: int) -> None:
    pattern = "#" * (whole - 1) + "0." + "#" * fraction + "E0"
    mantissa, _, exponent = numbers.write(value, pattern, "").partition("E")
    assert int(exponent) % whole == 0
    assert value == 0 or 1 <= abs(float(mantissa)) < 10**whole
    assert float(f"{mantissa}E{exponent}") == pytest.approx(value, rel=10.0 ** -(fraction + whole - 1))


@_SOME
@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=6),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
)
def test_decimals_are_multiplied_and_divided_without_loss(left: Decimal, right: Decimal) -> None:
    wide = Context(prec=4000)
    assert Decimal(arithmetic.multiply(str(left), str(right), 9)) == wide.multiply(left, right)
    quotient = arithmetic.divide(str(left), str(right), 10)
    if right == 0:
        assert quotient is None
    else:
        assert quotient is not None
        error = wide.subtract(wide.multiply(Decimal(quotient), right), left)
        assert abs(error) <= wide.multiply(abs(right), Decimal("0.00000000005"))


# ---------------------------------------------------------------- dates and texts

MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001 - timestamps have no zone
    lambda found: found.replace(microsecond=found.microsecond // 1000 * 1000)
)


@pytest.mark.parametrize("locale", ["en-US", "de", "fr", "ja", "ru"])
@pytest.mark.parametrize(
    "pattern",
    [
        "yyyy-MM-dd HH:mm:ss.SSS",
        "EEEE, d MMMM yyyy H:m:s.SSS",
        "yyyyMMddHHmmssSSS",
        "d-MMM-yyyy hh:mm:ss.SSS a",
        "D/yyyy kk:mm:ss,SSS z",
    ],
)
@settings(max_examples=25, deadline=None)
@given(MOMENTS)
def test_a_time_is_read_as_it_was_written(pattern: str, locale: str, value: datetime) -> None:
    assert dates.read(dates.write(value, pattern, locale), pattern, locale) == value


@pytest.mark.parametrize(
    ("pattern", "text", "day"),
    [
        ("YYYY-'W'ww-u", "2016-W53-6", "2016-12-31"),
        ("YYYY-'W'ww-u", "2016-W01-1", "2015-12-28"),
        ("YYYY ww", "2018 20", "2018-05-13"),  # the first day of a week
        ("YYYY-MM-dd", "2018-05-10", "2017-12-31"),  # a week year without a week
        ("YYYY yyyy-MM-dd", "2017 2018-05-10", "2018-05-10"),  # the year stands last
        ("YYYY ww", "2018 53", None),
        ("yyyy ww EEE", "2018 10 Mon", "2018-03-05"),
        ("yyyy ww EEE", "2018 53 Mon", None),  # is one of 2019
        ("yyyy-MM W EEE", "2018-05 2 Tue", "2018-05-08"),
        ("yyyy-MM F EEE", "2018-05 2 Tue", "2018-05-08"),
        ("yyyy-MM W", "2018-05 2", "2018-05-06"),
        ("yyyy-MM F", "2018-05 2", "2018-05-13"),
        ("yyyy ww W EEE", "2018 20 1 Mon", None),
        ("EEE yyyy", "Tue 2018", "2018-01-02"),
        ("yyyy-MM-dd u", "2018-05-10 4", "2018-05-10"),
        ("yyyy-MM-dd u", "2018-05-10 5", None),
        ("yyyy-MM-dd w", "2018-05-10 20", None),
        ("yyyy D MM", "2018 130 05", "2018-05-10"),
        ("yyyyy.MM.dd", "02001.07.04", "2001-07-04"),
    ],
)
def test_a_day_is_the_one_that_the_fields_of_a_java_calendar_mean(pattern: str, text: str, day: str | None) -> None:
    found = dates.read(text, pattern, "en-US")
    assert (found and found.date().isoformat()) == day


@pytest.mark.parametrize("kind", ["json", "java", "ecmascript", "html", "xml"])
@_SOME
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_a_text_is_unescaped_as_it_was_escaped(kind: str, text: str) -> None:
    kept = text.translate({0xFFFE: None, 0xFFFF: None}) if kind == "xml" else text
    assert texts.unescape(texts.escape(text, kind), kind) == kept


@pytest.mark.parametrize("charset", ["UTF-8", "UTF-16", "UTF-16LE", "UTF-32", "GB18030"])
@_SOME
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=12))
def test_a_text_is_decoded_as_it_was_encoded(charset: str, text: str) -> None:
    assert texts.decode(texts.encode(text, charset), charset) == text
