"""Columns whose names differ in case alone: two for the service, one for DuckDB, where such a name has a mark behind.

Readers mark names, so that every query is about columns that DuckDB tells apart; the view of a source takes the marks
away again (`SourceSchema` tells how it calls such columns).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dataflow_execution.errors import DataFlowRunError, not_supported

_MARK = "\x1fspelling "
_NUMBERED = re.compile(r"(?s)(.*)_\d+")
_MARKED = re.compile(rf"(?s)(.*){_MARK}\d+")


def spelled(names: Iterable[str]) -> Mapping[str, str]:
    """How each name stands in DuckDB: as it is, or marked when another one differs in case alone.

    The order of the names does not matter, so that files with other orders agree.
    """
    alike: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        alike.setdefault(name.lower(), []).append(name)
    return {
        name: f"{name}{_MARK}{number}" if number else name
        for variants in alike.values()
        for number, name in enumerate(variants)
    }


def marked(names: Sequence[str]) -> list[str]:
    """The names of columns as they stand in DuckDB, in their order."""
    spelling = spelled(names)
    return [spelling[name] for name in names]


def name_of(column: str) -> str:
    """The name of a column, without its mark."""
    found = _MARKED.fullmatch(column)
    return found[1] if found else column


def differ_in_more(names: Iterable[str]) -> bool:
    """True when no two names differ in case alone."""
    return all(column == name for name, column in spelled(names).items())


def may_be_renamed(columns: Iterable[str]) -> bool:
    """True when DuckDB may have told columns apart by itself: the second of such names has a number then."""
    known = {column.lower() for column in columns}
    numbered = (_NUMBERED.fullmatch(column) for column in known)
    return any(found and found[1] in known for found in numbered)


def alike(names: Iterable[str], what: str) -> DataFlowRunError:
    """The refusal of names of which two differ in case alone; ``what`` has them."""
    listed = sorted(set(names))
    first, second = next(
        (one, other)
        for number, one in enumerate(listed)
        for other in listed[number + 1 :]
        if one.lower() == other.lower()
    )
    return not_supported(
        f"the columns {first!r} and {second!r} of {what} differ in case alone",
        expected="names that differ in more",
        hint="rename one of them",
    )
