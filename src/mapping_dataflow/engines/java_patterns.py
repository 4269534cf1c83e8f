"""Java's patterns as the engines check them: what is no pattern, locale or zone is a problem of the call."""

from __future__ import annotations

from datetime import timedelta

from mapping_dataflow.engines.base import constant
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call
from mapping_dataflow.java.dates import DatePatternError, Field, Optional, Part, date_pattern
from mapping_dataflow.java.locales import UnknownLocaleError, locale_of
from mapping_dataflow.java.matching import replacement_parts
from mapping_dataflow.java.numbers import NumberPattern, NumberPatternError, number_pattern
from mapping_dataflow.java.patterns import JavaRegexError, Translation, translate
from mapping_dataflow.java.texts import UnknownCharsetError, codec
from mapping_dataflow.java.zones import UnknownZoneError, zone_in_another_case, zone_of


def date_parts(pattern: str, span: Span) -> tuple[Part, ...]:
    """The parts of a date pattern. Raises ProblemFound for no pattern."""
    try:
        return date_pattern(pattern)
    except DatePatternError as error:
        raise ProblemFound(str(error), span, expected="a pattern of Java's SimpleDateFormat") from error


def letters_of(parts: tuple[Part, ...]) -> list[str]:
    """The letters of all fields, those of optional parts too."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Field):
            found.append(part.letter)
        elif isinstance(part, Optional):
            found.extend(letters_of(part.parts))
    return found


def is_english(locale: str | None) -> bool:
    """True for the service's own locale."""
    return locale is None or locale.lower() in ("", "en", "en-us")


def check_locale(locale: str | None, span: Span) -> None:
    """Raises ProblemFound when there is no such locale."""
    try:
        locale_of(locale)
    except UnknownLocaleError as error:
        raise ProblemFound(str(error), span, expected="a language tag such as en-US or de") from error


def checked_number_pattern(pattern: str, locale: str | None, span: Span) -> NumberPattern:
    """The parts of a pattern. Raises ProblemFound for no pattern or no locale."""
    check_locale(locale, span)
    try:
        return number_pattern(pattern, locale)
    except NumberPatternError as error:
        raise ProblemFound(str(error), span, expected="a pattern of Java's DecimalFormat") from error


def checked_zone(call: Call, index: int) -> str | timedelta:
    """The zone that a call names, UTC when it names none. Raises ProblemFound for an unknown one."""
    name = constant(call, index)
    try:
        return zone_of(str(name)) if name else "UTC"
    except UnknownZoneError as error:
        meant = zone_in_another_case(str(name))
        hint = f"did you mean {meant!r}? Case counts in names of zones" if meant else ""
        raise ProblemFound(
            str(error), call.span, expected="a zone such as UTC, PST, America/Cayman or GMT+2", hint=hint
        ) from error


def zone_of_clock(call: Call, index: int) -> str | timedelta:
    """The zone in which a call looks at the clock: UTC for a name of none, as Java's `TimeZone.getTimeZone` has it.

    https://docs.oracle.com/javase/8/docs/api/java/util/TimeZone.html#getTimeZone-java.lang.String-
    """
    name = constant(call, index)
    try:
        return zone_of(str(name)) if name else "UTC"
    except UnknownZoneError:
        return "UTC"


def checked_charset(call: Call) -> str:
    """Python's name of the charset that a call names, UTF-8 when it names none. Raises ProblemFound."""
    name = constant(call, 1)
    try:
        return codec("UTF-8" if name is None else str(name))
    except UnknownCharsetError as error:
        raise ProblemFound(str(error), call.span, expected="a charset such as UTF-8 or Windows-1252") from error


def checked_regex(call: Call, index: int) -> Translation:
    """What is known about a constant regular expression. Raises ProblemFound when it is none."""
    try:
        return translate(str(constant(call, index)))
    except JavaRegexError as error:
        raise ProblemFound(str(error), call.span, expected="a pattern of Java") from error


def checked_replacement(call: Call) -> None:
    """Raises ProblemFound when a constant replacement does not go with its constant pattern."""
    translation = checked_regex(call, 1)
    try:
        replacement_parts(str(constant(call, 2)), translation.groups, translation.names)
    except JavaRegexError as error:
        expected = "$1 for a group, and a backslash before a plain $ or backslash"
        raise ProblemFound(str(error), call.span, expected=expected) from error
