"""Java's DecimalFormat: its patterns, numbers written by them and read by them.

A number is written with halves to the even digit, a double by its shortest digits (a tie of those is decided by the
exact value). Reading is strict where Java is not: the whole text has to be the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

from mapping_dataflow.java.locales import NumberSigns, number_signs

_WIDE = Context(prec=2000)
_NUMBER = "#0,."
_FACTORS = {"%": 100, "‰": 1000}


class NumberPatternError(ValueError):
    """Java would refuse the pattern. The message says why."""


@dataclass(frozen=True)
class NumberPattern:
    """A pattern in parts. Affixes hold the signs of a locale already; ``exponent`` is None or its least digits;
    ``shows_point``: the decimal sign stands even where no fraction does."""

    prefix: str
    suffix: str
    negative_prefix: str
    negative_suffix: str
    least_whole: int
    most_whole: int
    least_fraction: int
    most_fraction: int
    grouping: int
    exponent: int | None
    factor: int
    signs: NumberSigns
    shows_point: bool


@lru_cache(maxsize=256)
def number_pattern(pattern: str, locale: str | None) -> NumberPattern:
    """The parts of a pattern. Raises NumberPatternError, UnknownLocaleError."""
    signs = number_signs(locale)
    prefix, offset, factor = _affix(pattern, 0, signs)
    end = offset
    while end < len(pattern) and pattern[end] in _NUMBER:
        end += 1
    digits = pattern[offset:end]
    exponent = re.compile(r"E(0+)").match(pattern, end)
    suffix, end, factor = _affix(pattern, exponent.end() if exponent else end, signs, factor)
    negative_prefix, negative_suffix = signs.minus + prefix, suffix
    if end < len(pattern):
        if pattern[end] != ";":
            raise NumberPatternError(f"the number pattern {pattern!r} has digits in two places")
        explicit = _negative(pattern, end + 1, signs)
        if explicit != (prefix, suffix):  # what looks like the positive form is written with a minus sign all the same
            negative_prefix, negative_suffix = explicit
    whole, point, fraction = digits.partition(".")
    _check(pattern, digits, whole, fraction)
    if exponent and not whole + fraction:
        raise NumberPatternError(f"the number pattern {pattern!r} has an exponent and no digits")
    places = whole.replace(",", "")
    least_whole, hashes = places.count("0"), places.count("#")
    if not point and least_whole == 0 and hashes:
        least_whole = 0 if exponent else 1
    if point and least_whole == 0 and fraction.count("0") == 0:
        least_whole = 1 if hashes else 0
    return NumberPattern(
        prefix=prefix,
        suffix=suffix,
        negative_prefix=negative_prefix,
        negative_suffix=negative_suffix,
        least_whole=least_whole,
        most_whole=len(places),
        least_fraction=fraction.count("0") or (1 if fraction and not places else 0),
        most_fraction=len(fraction),
        grouping=len(whole) - whole.rfind(",") - 1 if "," in whole else 0,
        exponent=len(exponent[1]) if exponent else None,
        factor=factor,
        signs=signs,
        shows_point=bool(point) and not (places and fraction),
    )


def _check(pattern: str, digits: str, whole: str, fraction: str) -> None:
    if not digits:
        raise NumberPatternError(f"the number pattern {pattern!r} has no digits")
    misplaced = re.search(r"0[,#]*#", whole) or "#0" in fraction or "." in fraction or "," in fraction
    if misplaced or whole.endswith(","):
        raise NumberPatternError(f"the digits of the number pattern {pattern!r} stand in no order that has a meaning")


def _negative(pattern: str, start: int, signs: NumberSigns) -> tuple[str, str]:
    prefix, offset, factor = _affix(pattern, start, signs)
    while offset < len(pattern) and pattern[offset] in _NUMBER + "E":
        offset += 1
    suffix, end, _ = _affix(pattern, offset, signs, factor)
    if end < len(pattern):
        raise NumberPatternError(f"the number pattern {pattern!r} goes on behind its form for negative numbers")
    return prefix, suffix


def _affix(pattern: str, start: int, signs: NumberSigns, factor: int = 1) -> tuple[str, int, int]:
    """Text around the digits: what it stands for, where it ends, and the factor of a percent sign in it, or of the one
    before."""
    special = {"%": signs.percent, "‰": signs.per_mille, "-": signs.minus}
    parts: list[str] = []
    offset = start
    while offset < len(pattern) and pattern[offset] not in _NUMBER + ";":
        character = pattern[offset]
        if character == "'":
            quoted = re.compile(r"'((?:[^']|'')*)'").match(pattern, offset)
            if quoted is None:
                raise NumberPatternError(f"the number pattern {pattern!r} has a quote without an end")
            parts.append(quoted[1].replace("''", "'") or "'")
            offset = quoted.end()
            continue
        if pattern.startswith("¤¤", offset):
            parts.append(signs.currency_code)
            offset += 2
            continue
        if character in _FACTORS and factor != 1:
            raise NumberPatternError(f"the number pattern {pattern!r} has two signs of percent or per mille")
        factor = _FACTORS.get(character, factor)
        parts.append(signs.currency if character == "¤" else special.get(character, character))
        offset += 1
    return "".join(parts), offset, factor


# ---------------------------------------------------------------- writing


def write(value: float | Decimal, pattern: str, locale: str | None) -> str:
    """A number as a pattern writes it."""
    parts = number_pattern(pattern, locale)
    if isinstance(value, float) and value != value:
        return parts.signs.not_a_number
    negative = Decimal(value).is_signed()
    if isinstance(value, float):
        value *= parts.factor  # Java multiplies doubles as doubles
        parts = replace(parts, factor=1)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        body = parts.signs.infinity
    elif parts.exponent is None:
        body = _plain(value, parts)
    else:
        body = _scientific(value, parts, parts.exponent)
    if negative:
        return parts.negative_prefix + body + parts.negative_suffix
    return parts.prefix + body + parts.suffix


def _rounded(value: float | Decimal, places: int, factor: int) -> Decimal:
    """The size of a number to so many fractional digits."""
    written = _size(value, factor)
    unit = Decimal(1).scaleb(-places)
    rest = _WIDE.remainder(written, unit)
    if isinstance(value, float) and rest * 2 == unit:
        exact = abs(Decimal(value))
        if exact != written:
            lower = _WIDE.subtract(written, rest)
            return _WIDE.add(lower, unit) if exact > written else lower
    return written.quantize(unit, ROUND_HALF_EVEN, _WIDE)


def _size(value: float | Decimal, factor: int) -> Decimal:
    return _WIDE.multiply(_WIDE.abs(Decimal(repr(value)) if isinstance(value, float) else value), Decimal(factor))


def _plain(value: float | Decimal, parts: NumberPattern) -> str:
    whole, _, fraction = format(_rounded(value, parts.most_fraction, parts.factor), "f").partition(".")
    whole = whole.lstrip("0").rjust(parts.least_whole, "0")
    fraction = fraction[: parts.least_fraction] + fraction[parts.least_fraction :].rstrip("0")
    if not whole and not fraction:
        whole = "0"
    if parts.grouping:
        whole = _grouped(whole, parts)
    return whole + (parts.signs.decimal if fraction or parts.shows_point else "") + fraction


def _grouped(whole: str, parts: NumberPattern) -> str:
    first = len(whole) % parts.grouping or parts.grouping
    pieces = [whole[:first], *(whole[at : at + parts.grouping] for at in range(first, len(whole), parts.grouping))]
    return parts.signs.group.join(pieces)


def _scientific(value: float | Decimal, parts: NumberPattern, least_exponent: int) -> str:
    """With an exponent, a multiple of the whole digits where the pattern has more of them than it needs."""
    least_whole, most_whole = parts.least_whole, parts.most_whole
    size = _size(value, parts.factor)
    digits, exponent = "", 0
    if size:
        significant = max(most_whole + parts.most_fraction, 1)
        places = significant - 1 - size.adjusted()
        size = _rounded(value, places, parts.factor)
        digits = "".join(map(str, size.as_tuple().digits)).rstrip("0")
        exponent = size.adjusted() + 1
    point = exponent
    if most_whole > 1 and most_whole > least_whole:
        exponent = (exponent - 1) // most_whole * most_whole if size else 0
        least_whole = 1
    else:
        exponent = exponent - least_whole if size else 0
    whole_digits = point - exponent if size else least_whole
    digits = digits.ljust(max(whole_digits, parts.least_whole + parts.least_fraction), "0")
    fraction = digits[whole_digits:]
    body = digits[:whole_digits] + (parts.signs.decimal if fraction or parts.shows_point else "") + fraction
    sign = parts.signs.minus if exponent < 0 else ""
    return body + parts.signs.exponent + sign + str(abs(exponent)).rjust(least_exponent, "0")


# ---------------------------------------------------------------- reading

_SPACES = "\u00a0\u202f"
"""French and others group with a narrow space; older versions of Java with a wide one."""


def read(text: str, pattern: str, locale: str | None) -> Decimal | None:
    """The number that a text written by a pattern means; None when it is no such text."""
    parts = number_pattern(pattern, locale)
    for prefix, suffix, sign in sorted(
        ((parts.prefix, parts.suffix, 1), (parts.negative_prefix, parts.negative_suffix, -1)),
        key=lambda one: -len(one[0]),
    ):
        if text.startswith(prefix) and text.endswith(suffix) and len(text) > len(prefix) + len(suffix):
            found = _digits(text[len(prefix) : len(text) - len(suffix)], parts)
            if found is not None:
                return _WIDE.divide(found * sign, Decimal(parts.factor))
    return None


def _digits(text: str, parts: NumberPattern) -> Decimal | None:
    signs = parts.signs
    group = signs.group if signs.group not in _SPACES else _SPACES
    separators = f"[{re.escape(group)}]" if parts.grouping else "(?!)"
    number = rf"(\d(?:\d|{separators}(?=\d))*)?(?:{re.escape(signs.decimal)}(\d*))?"
    exponent = rf"(?:{re.escape(signs.exponent)}({re.escape(signs.minus)})?(\d+))?"
    found = re.fullmatch(number + exponent, text, re.ASCII)
    if found is None or not (found[1] or found[2]):
        return None
    whole = re.sub(r"\D", "", found[1] or "0")
    scale = int(found[4] or 0) * (-1 if found[3] else 1)
    return Decimal(f"{whole}.{found[2] or '0'}").scaleb(scale, _WIDE) if abs(scale) < 400 else None
