"""Regular expressions of Java: finding, extracting, replacing and splitting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from mapping_dataflow.java.patterns import JavaRegexError, translate

if TYPE_CHECKING:
    import regex


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    import regex

    return regex.compile(translate(pattern).python, regex.V1)


def _matches(text: str, pattern: str) -> Iterator[regex.Match[str]]:
    """All matches from left to right; behind an empty one the search goes on one character later."""
    compiled, place = _compiled(pattern), 0
    while place <= len(text):
        found = compiled.search(text, place)
        if found is None:
            return
        yield found
        place = found.end() if found.end() > found.start() else found.end() + 1


def test(text: str, pattern: str) -> bool:
    """True when the pattern is found anywhere in the text."""
    return _compiled(pattern).search(text) is not None


def extract(text: str, pattern: str, group: int) -> str:
    """What a group (0 is the whole) matched first; nothing when there is no match or no such group."""
    found = _compiled(pattern).search(text)
    if found is None or not 0 <= group <= translate(pattern).groups:
        return ""
    return found.group(group) or ""


def groups(text: str, pattern: str) -> tuple[str, ...] | None:
    """The groups of the first match, empty where one matched nothing; None when the pattern is not found."""
    found = _compiled(pattern).search(text)
    return None if found is None else tuple(group or "" for group in found.groups())


_REPLACEMENT = re.compile(r"\\(.)|\$\{(\w+)\}|\$(\d)(\d*)|([\\$])", re.DOTALL)


@lru_cache(maxsize=256)
def replacement_parts(replacement: str, groups: int, names: tuple[str, ...]) -> tuple[str | tuple[int | str], ...]:
    """Literal pieces and group references (in a tuple of one) of a replacement. Raises JavaRegexError with it."""
    try:
        return _parts(replacement, groups, names)
    except JavaRegexError as error:
        raise JavaRegexError(f"the replacement {replacement!r} does not go with its pattern: {error}") from error


def _parts(replacement: str, groups: int, names: tuple[str, ...]) -> tuple[str | tuple[int | str], ...]:
    parts: list[str | tuple[int | str]] = []
    place = 0
    for found in _REPLACEMENT.finditer(replacement):
        parts.append(replacement[place : found.start()])
        place = found.end()
        if found[5]:
            raise JavaRegexError(f"{found[5]!r} in the replacement is followed by nothing that goes with it")
        if found[1] is not None:
            parts.append(found[1])
        elif found[2]:
            if found[2] not in names:
                raise JavaRegexError(f"there is no group {found[2]!r}")
            parts.append((found[2],))
        else:
            number, rest = _group_number(found[3], found[4], groups)
            parts.extend([(number,), rest])
    parts.append(replacement[place:])
    return tuple(part for part in parts if part != "")


def _group_number(first: str, digits: str, groups: int) -> tuple[int, str]:
    """The longest number that is a group, and the digits left over. Raises JavaRegexError."""
    number, kept = int(first), 0
    while kept < len(digits) and number * 10 + int(digits[kept]) <= groups:
        number, kept = number * 10 + int(digits[kept]), kept + 1
    if number > groups:
        raise JavaRegexError(f"there is no group {number}")
    return number, digits[kept:]


def replace(text: str, pattern: str, replacement: str) -> str:
    """Every match replaced; ``$1`` and ``${name}`` are groups, a backslash makes the next character a plain one."""
    known = translate(pattern)
    pieces: list[str] = []
    place = 0
    for found in _matches(text, pattern):
        parts = replacement_parts(replacement, known.groups, known.names)
        pieces.append(text[place : found.start()])
        pieces.extend(part if isinstance(part, str) else found.group(part[0]) or "" for part in parts)
        place = found.end()
    return "".join(pieces) + text[place:]


def split(text: str, pattern: str) -> list[str]:
    """The pieces between the matches, empty ones at the end too; an empty match at the start parts nothing.

    The empty pattern gives the characters, as in Spark.
    """
    if not pattern and text:
        return list(text)
    pieces: list[str] = []
    place = 0
    for found in _matches(text, pattern):
        if found.end() == 0:
            continue
        pieces.append(text[place : found.start()])
        place = found.end()
    return [*pieces, text[place:]]
