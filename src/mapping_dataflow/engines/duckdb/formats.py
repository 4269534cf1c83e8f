"""Java's patterns in DuckDB's own terms, where it has such: strptime and strftime for dates, format() for numbers.

What has no equivalent is left to the functions in Python, which know every pattern.
"""

from __future__ import annotations

from itertools import product

from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.java.dates import DatePatternError, Field, Optional, Part, date_pattern
from mapping_dataflow.java.locales import UnknownLocaleError, locale_of
from mapping_dataflow.java.numbers import NumberPattern, NumberPatternError, number_pattern

_READ = {"d": "%d", "H": "%H", "m": "%M", "s": "%S", "h": "%I", "a": "%p"}
_WRITE = {
    **{letter * 2: directive for letter, directive in _READ.items() if letter != "a"},
    **{letter: directive.replace("%", "%-") for letter, directive in _READ.items() if letter != "a"},
    "a": "%p",
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%-m",
    "MMM": "%b",
    "MMMM": "%B",
    "E": "%a",
    "EE": "%a",
    "EEE": "%a",
    "EEEE": "%A",
    "DDD": "%j",
    "D": "%-j",
    "SSS": "%g",
}
_MOST_FORMATS = 8


def _parsed(pattern: str, span: Span) -> tuple[Part, ...]:
    try:
        return date_pattern(pattern)
    except DatePatternError as error:
        raise ProblemFound(str(error), span, expected="a pattern of Java's SimpleDateFormat") from error


def _is_english(locale: str | None) -> bool:
    return locale is None or locale.lower() in ("", "en", "en-us", "en-gb")


def check_locale(locale: str | None, span: Span) -> None:
    """Raises ProblemFound when there is no such locale."""
    try:
        locale_of(locale)
    except UnknownLocaleError as error:
        raise ProblemFound(str(error), span, expected="a language tag such as en-US or de") from error


def reading_formats(pattern: str, locale: str | None, span: Span) -> list[str] | None:
    """strptime's formats for a pattern, one for every choice it leaves; None when only Python can read it.

    Raises ProblemFound for what is no pattern.
    """
    parts = _parsed(pattern, span)
    letters = _letters(parts)
    if not _is_english(locale) or ("h" in letters) != ("a" in letters) or len(letters) > len(set(letters)):
        return None
    choices: list[str] = [""]
    for part in parts:
        pieces = _reading(part)
        if pieces is None:
            return None
        choices = [before + piece for before, piece in product(choices, pieces)]
    return choices if len(choices) <= _MOST_FORMATS and all(choices) else None


def _letters(parts: tuple[Part, ...]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if isinstance(part, Field):
            found.append(part.letter)
        elif isinstance(part, Optional):
            found.extend(_letters(part.parts))
    return found


def _reading(part: Part) -> list[str] | None:
    if isinstance(part, str):
        return [part.replace("%", "%%")]
    if isinstance(part, Optional):
        inner = [_reading(one) for one in part.parts]
        if None in inner:
            return None
        return ["".join(pieces) for pieces in product(*(one for one in inner if one is not None))] + [""]
    if part.letter == "y":
        return ["%y", "%Y"] if part.count == 2 else ["%Y"]
    if part.letter == "M":
        return ["%b", "%B"] if part.count > 2 else ["%m"]
    if part.letter == "S":
        return ["%g"] if part.count == 3 else ["%f"] if part.count == 6 else None
    directive = _READ.get(part.letter)
    return None if directive is None else [directive]


def writing_format(pattern: str, locale: str | None, span: Span) -> str | None:
    """strftime's format for a pattern; None when only Python can write it. Raises ProblemFound for no pattern."""
    parts = _parsed(pattern, span)
    if not _is_english(locale) or not parts:
        return None
    pieces = [_writing(part) for part in parts]
    return None if None in pieces else "".join(piece for piece in pieces if piece is not None)


def _writing(part: Part) -> str | None:
    if isinstance(part, str):
        return part.replace("%", "%%")
    if isinstance(part, Optional):
        return None
    return _WRITE.get(part.letter * part.count)


_PLAIN_SIGNS = {".": ",", ",": "."}
"""The decimal sign -> the sign between groups, of locales whose numbers DuckDB can write."""


def checked_number_pattern(pattern: str, locale: str | None, span: Span) -> NumberPattern:
    """The parts of a pattern. Raises ProblemFound for no pattern or no locale."""
    try:
        return number_pattern(pattern, locale)
    except (NumberPatternError, UnknownLocaleError) as error:
        raise ProblemFound(str(error), span, expected="a pattern of Java's DecimalFormat") from error


def is_plain(parts: NumberPattern) -> bool:
    """True for a pattern that DuckDB can write."""
    signs = parts.signs
    return (
        parts.exponent is None
        and parts.factor == 1
        and parts.grouping in (0, 3)
        and signs.minus == "-"
        and _PLAIN_SIGNS.get(signs.decimal) == signs.group
        and parts.negative_prefix == "-" + parts.prefix
        and parts.negative_suffix == parts.suffix
        and (parts.least_whole > 0 or parts.least_fraction > 0)
    )
