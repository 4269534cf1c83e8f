"""Pieces of SQL text: names and values in quotes."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(value: object) -> str:
    """A SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(values: Iterable[object]) -> str:
    """A SQL list of string literals."""
    return f"[{', '.join(map(quoted, values))}]"
