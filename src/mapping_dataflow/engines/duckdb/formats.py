"""Java patterns in DuckDB's terms: SimpleDateFormat as strptime/strftime formats, DecimalFormat as its parts.

What has no equivalent is refused. The patterns are those of the Java 8 documentation, to which the service's links go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mapping_dataflow.errors import ProblemFound, Span

_DATE_LETTERS = {
    "yyyy": "%Y",
    "yyy": "%Y",
    "y": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "DDD": "%j",
    "D": "%-j",
    "EEEE": "%A",
    "EEE": "%a",
    "EE": "%a",
    "E": "%a",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "SSSSSSSSS": "%n",
    "SSSSSS": "%f",
    "SSS": "%g",
    "a": "%p",
    "Z": "%z",
    "XXX": "%z",
    "X": "%z",
    "XX": "%z",
}
_NAMES = ("%a", "%A", "%b", "%B")
_DATE_PARTS = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|(\[)|(\])|([^A-Za-z'\[\]]+)")


def date_formats(pattern: str, span: Span) -> list[str]:
    """strptime/strftime formats for a Java date pattern, one for every choice of its optional ``[…]`` parts.

    Raises ProblemFound for a letter without an equivalent.
    """
    formats = [""]
    open_parts: list[list[str]] = []
    offset = 0
    while offset < len(pattern):
        found = _DATE_PARTS.match(pattern, offset)
        if found is None:
            raise ProblemFound(f"the date pattern {pattern!r} has a quote without an end", span)
        offset = found.end()
        if found.group(4):
            open_parts.append(list(formats))
        elif found.group(5):
            if not open_parts:
                raise ProblemFound(f"the date pattern {pattern!r} closes a bracket it did not open", span)
            formats = formats + open_parts.pop()
        else:
            text = _date_text(found, pattern, span)
            formats = [one + text for one in formats]
    return formats


def _date_text(found: re.Match[str], pattern: str, span: Span) -> str:
    if found.group(2):
        text = _DATE_LETTERS.get(found.group(2))
        if text is None:
            raise ProblemFound(
                f"DuckDB has no equivalent for {found.group(2)!r} in the date pattern {pattern!r}",
                span,
                expected="letters out of y M d D E H h m s S a Z X",
            )
        return text
    literal = found.group(6) if found.group(6) else (found.group(1).replace("''", "'") or "'")
    return literal.replace("%", "%%")


def check_names(formats: list[str], locale: str | None, span: Span) -> None:
    """Raises ProblemFound when the formats hold names of months or days in a language other than English."""
    english = locale is None or locale.lower().startswith("en")
    if not english and any(name in one for one in formats for name in _NAMES):
        raise ProblemFound(f"DuckDB has no names of months and days for the locale {locale!r}", span)


@dataclass(frozen=True)
class NumberPattern:
    """A Java DecimalFormat pattern in parts; separators are those of the locale."""

    prefix: str
    suffix: str
    whole_digits: int
    least_fraction: int
    most_fraction: int
    grouping: int
    decimal_separator: str
    group_separator: str


_NUMBER = re.compile(r"(?P<prefix>[^#0.,E;]*)(?P<number>[#0.,]+)(?P<suffix>[^#0.,E;]*)\Z")
_COMMA_LOCALES = frozenset({"de", "fr", "es", "it", "nl", "pt", "da", "nb", "sv", "fi", "pl", "cs", "ru", "tr"})


def number_pattern(pattern: str, locale: str | None, span: Span) -> NumberPattern:
    """The parts of a DecimalFormat pattern. Raises ProblemFound for exponents, percent and two-part patterns."""
    found = _NUMBER.match(pattern)
    if found is None or "%" in pattern or "‰" in pattern:
        raise ProblemFound(
            f"DuckDB has no equivalent for the number pattern {pattern!r}",
            span,
            expected="digits (# and 0), one '.', grouping ',' and text around them",
        )
    language = (locale or "en").partition("-")[0].lower()
    comma = language in _COMMA_LOCALES
    number = found.group("number")
    whole, _, fraction = number.partition(".")
    return NumberPattern(
        prefix=found.group("prefix"),
        suffix=found.group("suffix"),
        whole_digits=whole.count("0") if "0" in number else min(len(whole), 1),
        least_fraction=fraction.count("0"),
        most_fraction=len(fraction),
        grouping=len(whole) - whole.rfind(",") - 1 if "," in whole else 0,
        decimal_separator="," if comma else ".",
        group_separator="." if comma else ",",
    )
