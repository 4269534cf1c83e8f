"""The types that columns of text turn out to have: for each the narrowest type that all its values have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.sql_text import identifier, quoted
from mapping_dataflow import INTEGRAL_TYPES, TextTypes, engine_type, text_as_column

_WHOLE = r"[+-]?\d+"
_FRACTION = r"[+-]?(\d+\.?\d*|\.\d+)"
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(INTEGRAL_TYPES, _WHOLE),
    "float": rf"{_FRACTION}([eE][+-]?\d+)?",
    "double": rf"{_FRACTION}([eE][+-]?\d+)?",
    "decimal": _FRACTION,
    "boolean": r"(?i)true|false",
    "date": r"\d{4}-\d{1,2}-\d{1,2}",
    "timestamp": r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}.*",
}
"""What texts of a type look like when no pattern of the source says so."""
_MOST_DIGITS = 38


def inferred_columns(
    connection: duckdb.DuckDBPyConnection, query: str, names: Sequence[str], types: TextTypes
) -> Mapping[str, str]:
    """SQL for the columns of a query that are not text alone, each as its type; functions that it calls are registered.

    Whole numbers come before fractions, and those before booleans, dates and timestamps.
    """
    if not names:
        return {}
    columns = {name: list(_candidates(name, types)) for name in names}
    pieces: list[str] = []
    for name, candidates in columns.items():
        pieces += [f"bool_and({_on_values(name, fits)})" for _, _, fits in candidates]
        pieces += [_whole_digits(name), _places(name)]
    _register_functions(connection, types)
    values = iter(connection.execute(f"SELECT {', '.join(pieces)} FROM ({query})").fetchone() or ())
    found: dict[str, str] = {}
    for name, candidates in columns.items():
        fitting = [next(values) for _ in candidates]
        digits = (next(values), next(values))
        column = _chosen(name, candidates, fitting, digits)
        if column is not None:
            found[name] = column
    return found


_Candidate = tuple[str, str, str]
"""A type, the column as this type, and the condition that a text is one."""


def _candidates(name: str, types: TextTypes) -> Iterator[_Candidate]:
    column = identifier(name)
    fractional = {"float": ("float", "double"), "double": ("double",), "decimal": ("decimal", "double")}
    whole = INTEGRAL_TYPES[INTEGRAL_TYPES.index(types.integral) :]
    for kind in (*whole, *fractional[types.fractional], "boolean", "date", "timestamp"):
        if (kind == "date" and types.dates) or (kind == "timestamp" and types.timestamps):
            converted = text_as_column(name, kind, types).sql
            yield kind, converted, f"({converted}) IS NOT NULL"
            continue
        if kind == "boolean" and types.booleans:
            converted = text_as_column(name, kind, types).sql
            yield kind, converted, f"({converted}) IS NOT NULL"
            continue
        looks = f"regexp_full_match({column}, {quoted(_WORDS[kind])})"
        if kind == "decimal":  # its precision is known when all values have been seen
            yield kind, "", looks
            continue
        converted = f"TRY_CAST({column} AS {engine_type(kind)})"
        yield kind, converted, f"{looks} AND {converted} IS NOT NULL{_finite(kind, converted)}"


def _finite(kind: str, converted: str) -> str:
    """DuckDB makes infinity of what is too large for a float."""
    return f" AND isfinite({converted})" if kind in ("float", "double") else ""


def _on_values(name: str, condition: str) -> str:
    """A condition on values: whether it holds for all of them is null, which is no, where there is none."""
    return f"CASE WHEN {identifier(name)} IS NOT NULL THEN {condition} END"


def _whole_digits(name: str) -> str:
    return f"max(length(ltrim(split_part({identifier(name)}, '.', 1), '+-0')))"


def _places(name: str) -> str:
    return f"max(length(split_part({identifier(name)}, '.', 2)))"


def _chosen(
    name: str, candidates: Sequence[_Candidate], fitting: Sequence[bool | None], digits: tuple[Any, Any]
) -> str | None:
    for (kind, converted, _), fits in zip(candidates, fitting, strict=True):
        if not fits:
            continue
        if kind != "decimal":
            return converted
        whole, places = digits
        precision = max(1, whole + places)
        if precision <= _MOST_DIGITS:
            return f"TRY_CAST({identifier(name)} AS DECIMAL({precision}, {places}))"
    return None


def _register_functions(connection: duckdb.DuckDBPyConnection, types: TextTypes) -> None:
    """Makes the functions in Python known that the patterns need."""
    kinds = [kind for kind, patterns in (("date", types.dates), ("timestamp", types.timestamps)) if patterns]
    functions = [function for kind in kinds for function in text_as_column("value", kind, types).python_functions]
    register(connection, functions)
