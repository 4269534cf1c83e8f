"""What a check of one document finds, before it is known where in the file it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

_MOST_NAMES = 8


@dataclass(frozen=True)
class Finding:
    """One problem of a document; `character` is the place within the text at the pointer, which counts from 0."""

    pointer: str
    cause: str
    expected: str = ""
    hint: str = ""
    character: int | None = None
    fails_at_run: bool = False
    """True where Azure publishes the artifact all the same, and only what runs it fails."""
    is_ignored: bool = False
    """True where Azure publishes the artifact, keeps what is told of and does nothing with it."""


def is_named(name: object, names: frozenset[str]) -> bool:
    """Whether a name is one of some; upper and lower case are one."""
    return str(name).lower() in _in_lower_case(names)


@lru_cache(maxsize=64)
def _in_lower_case(names: frozenset[str]) -> frozenset[str]:
    return frozenset(each.lower() for each in names)


def one_of(name: str, names: Iterable[str]) -> str:
    """What is expected in place of a name: all names when they are few, else those that resemble it; empty: none."""
    known = sorted(names)
    if len(known) > _MOST_NAMES:
        by_lower = {each.lower(): each for each in known}
        known = [by_lower[each] for each in get_close_matches(name.lower(), by_lower, n=4)]
    return f"one of {', '.join(known)}" if known else ""
