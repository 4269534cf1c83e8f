"""Java's patterns in DuckDB's own terms, where it has such: strptime and strftime for dates, format() for numbers.

What has no equivalent is left to the functions in Python, which know every pattern.
"""

from __future__ import annotations

from itertools import pairwise, product

from mapping_dataflow.engines.java_patterns import date_parts, is_english, letters_of
from mapping_dataflow.errors import Span
from mapping_dataflow.java.dates import Optional, Part
from mapping_dataflow.java.numbers import NumberPattern

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
_DIGITS = {"y": 4, "S": 3}
"""How many digits strptime reads of a number, where they are not two."""


def reading_formats(pattern: str, locale: str | None, span: Span) -> list[str] | None:
    """strptime's formats for a pattern, one for every choice it leaves; None when only Python can read it.

    Raises ProblemFound for what is no pattern.
    """
    parts = date_parts(pattern, span)
    letters = letters_of(parts)
    if not is_english(locale) or ("h" in letters) != ("a" in letters) or len(letters) > len(set(letters)):
        return None
    if "y" not in letters:
        return None  # strptime's own year is 1900, Java's 1970
    if any(_runs_over(part, following) for part, following in pairwise(parts)):
        return None
    choices: list[str] = [""]
    for part in parts:
        pieces = _reading(part)
        if pieces is None:
            return None
        choices = [before + piece for before, piece in product(choices, pieces)]
    return choices if len(choices) <= _MOST_FORMATS and all(choices) else None


def _runs_over(part: Part, following: Part) -> bool:
    """True for numbers that stand together, where strptime would read more digits of the first one than Java."""
    if isinstance(part, str) or isinstance(following, str):
        return False
    if isinstance(part, Optional) or isinstance(following, Optional):
        return True
    return part.count != _DIGITS.get(part.letter, 2)


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
    parts = date_parts(pattern, span)
    if not is_english(locale) or not parts:
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
        and not parts.shows_point
    )
