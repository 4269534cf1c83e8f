"""All functions of the language by name: declared ones, those that the type check knows, those of cache sinks.

Function names are matched without regard to case, as the service does (``pmod``, ``stdDev``, ``currentTimeStamp``), and
to underscores, with which its pages write some (``TO_DATE``, ``regex_replace``) and flows others.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from mapping_dataflow.functions import aggregates, arrays, conversions, dates, nulls, numbers, text, windows
from mapping_dataflow.functions.signatures import Function

_DECLARED = {
    function.name.lower(): function
    for family in (aggregates, arrays, conversions, dates, nulls, numbers, text, windows)
    for function in family.FUNCTIONS
}

SPECIAL = frozenset(
    """add assertErrorMessages associate at bitwiseXor byItem byName byNames byOrigin byOrigins byPath byPosition case
    columnNames columns divide expr flatten hasColumn hasError hasPath isDelete isError isIgnore isInsert isMatch
    isUpdate isUpsert minus mod multiply null originColumns pMod syntax typeMatch xor""".split()
)
"""Functions whose typing needs more than a signature."""

CACHED = frozenset("lookup mlookup output outputs".split())
"""What can be asked of a cache sink, as ``sink#lookup(key)`` only."""

_SPECIAL_BY_LOWER = {name.lower(): name for name in SPECIAL}
_CACHED_BY_LOWER = {name.lower(): name for name in CACHED}
ALL_NAMES = frozenset(function.name for function in _DECLARED.values()) | SPECIAL | CACHED


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def find(name: str) -> Function | None:
    """The declared function of that name in any case."""
    return _DECLARED.get(_plain(name))


def special_name(name: str) -> str | None:
    """Canonical name of a function typed by the type check itself."""
    return _SPECIAL_BY_LOWER.get(_plain(name))


def cached_name(name: str) -> str | None:
    """Canonical name of what can be asked of a cache sink only."""
    return _CACHED_BY_LOWER.get(_plain(name))


def close_names(name: str) -> list[str]:
    """Supported functions whose names resemble a name, best first."""
    by_lower = {known.lower(): known for known in ALL_NAMES}
    return [by_lower[match] for match in get_close_matches(name.lower(), by_lower, n=2, cutoff=0.75)]
