"""Names, signs and periods of the day by locale (BCP 47 tags such as ``de`` or ``pt-BR``), from Unicode's CLDR."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale

DEFAULT = "en-US"
"""The service's own locale, as far as examples show it."""


class UnknownLocaleError(ValueError):
    """No locale has that tag."""


@dataclass(frozen=True)
class NumberSigns:
    """The characters of which numbers are written."""

    decimal: str
    group: str
    minus: str
    percent: str
    per_mille: str
    exponent: str
    infinity: str
    not_a_number: str
    currency: str
    currency_code: str


def locale_of(tag: str | None) -> Locale:
    """The locale of a tag, the service's own when it is empty. Raises UnknownLocaleError."""
    from babel import Locale
    from babel import UnknownLocaleError as Unknown

    written = (tag or DEFAULT).replace("_", "-")
    try:
        return Locale.parse(written, sep="-")
    except (Unknown, ValueError) as error:
        raise UnknownLocaleError(f"there is no locale {tag!r}") from error


@lru_cache(maxsize=64)
def language(tag: str | None) -> str | None:
    """A tag that is a locale, None for another text: where a date is read, a time zone may stand in its place."""
    try:
        locale_of(tag)
    except UnknownLocaleError:
        return None
    return tag


def _data(locale: Locale) -> Any:
    """What CLDR has about a locale, as a copy: Babel writes what it looks up for one locale where others look it up."""
    from babel import localedata

    known: Any = localedata.load(str(locale))
    return localedata.LocaleDataDict(deepcopy(known))


@lru_cache(maxsize=64)
def number_signs(tag: str | None) -> NumberSigns:
    """The signs of a locale. Raises UnknownLocaleError."""
    locale = locale_of(tag)
    signs: Any = _data(locale)["number_symbols"]
    known = signs.get("latn", signs)
    symbol, code = _currency(locale)
    return NumberSigns(
        decimal=known["decimal"],
        group=known["group"],
        minus=known["minusSign"],
        percent=known["percentSign"],
        per_mille=known["perMille"],
        exponent=known["exponential"],
        infinity=known["infinity"],
        not_a_number=known["nan"],
        currency=symbol,
        currency_code=code,
    )


def _currency(locale: Locale) -> tuple[str, str]:
    from babel.numbers import get_currency_symbol, get_territory_currencies

    codes = get_territory_currencies(locale.territory) if locale.territory else []
    if not codes:
        return "¤", "XXX"
    return get_currency_symbol(codes[-1], locale), codes[-1]


@dataclass(frozen=True)
class DateNames:
    """Names of months (January first; within a date, and alone), days (Monday first), halves of the day and eras
    (before Christ first)."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    months_alone: tuple[str, ...]
    short_months_alone: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    halves: tuple[str, str]
    eras: tuple[str, str]
    first_day: int
    least_days: int


@lru_cache(maxsize=64)
def date_names(tag: str | None) -> DateNames:
    """The names of a locale, and where its weeks begin. Raises UnknownLocaleError."""
    locale = locale_of(tag)
    data = _data(locale)
    months, alone, days = data["months"]["format"], data["months"]["stand-alone"], data["days"]["format"]
    periods, eras = data["day_periods"]["format"]["abbreviated"], data["eras"]["abbreviated"]
    return DateNames(
        tuple(months["wide"][number] for number in range(1, 13)),
        tuple(months["abbreviated"][number] for number in range(1, 13)),
        tuple(alone["wide"][number] for number in range(1, 13)),
        tuple(alone["abbreviated"][number] for number in range(1, 13)),
        tuple(days["wide"][number] for number in range(7)),
        tuple(days["abbreviated"][number] for number in range(7)),
        (_spaced(periods["am"]), _spaced(periods["pm"])),
        (eras[0], eras[1]),
        locale.first_week_day,
        locale.min_week_days,
    )


def _spaced(text: str) -> str:
    """With the space that Java's own data has where newer data has a narrow one."""
    return text.replace("\u202f", "\u00a0")
