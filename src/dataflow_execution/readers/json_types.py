"""The types that JSON values have by themselves: texts are texts, whatever DuckDB takes them for.

DuckDB finds them in one of two ways. Its reader looks for them fast, but keeps a buffer of at least 32 MB for each
file; its function `json_group_structure` needs no more memory for many files, and takes three times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import duckdb
from duckdb.sqltypes import DuckDBPyType

from dataflow_execution.column_spelling import differ_in_more
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.sql_text import identifier, listed, quoted

WHOLE = "json"
"""DuckDB's name of a column that holds whole documents."""
_AS_WRITTEN = "convert_strings_to_integers = false, dateformat = 'none', timestampformat = 'none'"
"""It sees no dates in texts then, but for words such as infinity; it sees times of day and UUIDs."""
_AS_STRUCTURES = "map_inference_threshold = -1"
"""Else DuckDB takes an object with 200 fields of like types, even a whole document, for a map."""
_ALL_DOCUMENTS = "sample_size = -1"
_SEEN_IN_TEXTS = frozenset({"date", "time", "timestamp", "uuid"})
_WIDE = "HUGEINT"
"""What both ways call whole numbers of both signs, and those beyond 64 bits."""
_NOTHING = '"NULL"'
"""DuckDB's type of what is null in all documents."""
_OTHERWISE_CALLED = {"UBIGINT": _WIDE, "NULL": _NOTHING}
"""What `json_group_structure` calls otherwise than the reader."""
_FILES_AT_ONCE = 8
"""Of more the reader shall not keep the buffers."""
_LAST_OF_64_BITS = str(2**63 - 1)
_ALIKE_WITHIN = re.compile(r'Duplicate name ""(.*)"" in struct')

_Kind = str | list["_Kind"] | dict[str, "_Kind"]
"""A type: a scalar by DuckDB's name, an array of its elements' type, a structure by the names of its fields."""


def json_query(files: Sequence[Path], *options: str) -> str:
    """A query over JSON files by some options of `read_json`, and by those that leave values as they are written."""
    common = (_AS_WRITTEN, _AS_STRUCTURES, "hive_partitioning = false")
    return f"SELECT * FROM read_json({listed(files)}, {', '.join((*options, *common))})"


def whole_documents(files: Sequence[Path], *options: str) -> str:
    """A query over JSON files with each document in the column WHOLE."""
    return json_query(files, *options, "records = 'false'", f"columns = {{{WHOLE}: 'JSON'}}")


def types_as_written(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], options: Sequence[str], *, bounded: bool = False
) -> dict[str, str]:
    """The columns of JSON files by all their documents; of documents that are no objects the column WHOLE.

    Whole numbers have 64 bits, or 128 where one of them needs more. ``bounded``: memory is short.

    Raises DataFlowRunError for a structure with two fields whose names differ in case alone.
    """
    documents = whole_documents(files, *options)
    if len(files) <= (1 if bounded else _FILES_AT_ONCE):
        found = _seen_by_reader(connection, json_query(files, *options, _ALL_DOCUMENTS))
    else:
        found = _columns(_structure(connection, WHOLE, documents))
    if any(_is_wide(kind) for kind in found.values()):
        needed = _needed_width(connection, documents)
        found = {name: _narrowed(kind, needed.get(name)) for name, kind in found.items()}
    return {name: _type_text(kind) for name, kind in found.items()}


def columns_option(types: Mapping[str, str]) -> str:
    """The option of `read_json` that gives the columns their types."""
    return f"columns = {{{', '.join(f'{quoted(name)}: {quoted(kind)}' for name, kind in types.items())}}}"


def _seen_by_reader(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, _Kind]:
    try:
        described = connection.execute(f"{query} LIMIT 0").description or ()
    except duckdb.NotImplementedException as error:
        within = _ALIKE_WITHIN.search(str(error))
        if within is None:
            raise
        raise _alike_within(within[1]) from error
    return {str(name): _of_reader(kind) for name, kind, *_ in described}


def _of_reader(kind: DuckDBPyType) -> _Kind:
    """With texts where DuckDB sees dates, times of day or UUIDs in them."""
    if kind.id not in ("struct", "list"):
        return "VARCHAR" if kind.id in _SEEN_IN_TEXTS else str(kind)
    parts = [(name, _of_reader(part)) for name, part in cast(list[tuple[str, DuckDBPyType]], kind.children)]
    return [parts[0][1]] if kind.id == "list" else dict(parts)


def _structure(connection: duckdb.DuckDBPyConnection, document: str, documents: str) -> _Kind:
    """The type of all documents. Its whole numbers are wide: it does not tell those of 64 bits without a sign."""
    ((found,),) = connection.execute(f"SELECT json_group_structure({document}) FROM ({documents})").fetchall()
    return "JSON" if found is None else _of_structure(json.loads(found))


def _of_structure(kind: Any) -> _Kind:
    if isinstance(kind, list):
        return [_of_structure(kind[0])]
    if isinstance(kind, dict):
        return {name: _of_structure(part) for name, part in kind.items()}
    return _OTHERWISE_CALLED.get(str(kind), str(kind))


def _columns(kind: _Kind) -> dict[str, _Kind]:
    """As the reader makes columns of documents: of objects, but of none with a field that has no name."""
    if isinstance(kind, dict):
        return {WHOLE: "JSON"} if "" in kind else kind
    return {WHOLE: kind}


def _is_wide(kind: _Kind) -> bool:
    if isinstance(kind, str):
        return kind == _WIDE
    return any(map(_is_wide, kind.values() if isinstance(kind, dict) else kind))


def _needed_width(connection: duckdb.DuckDBPyConnection, documents: str) -> dict[str, _Kind]:
    """The columns, where whole numbers are wide only if all of them have 64 bits; empty if all of all columns have."""
    beyond = f"regexp_matches({WHOLE}, {quoted(_BEYOND_64_BITS)})"
    ((found,),) = connection.execute(f"SELECT bool_or({beyond}) FROM ({documents})").fetchall()
    if not found:
        return {}
    fractions = rf"regexp_replace({WHOLE}, {quoted(_BEYOND_64_BITS)}, '\1 0.5 \2', 'g')::JSON"
    return _columns(_structure(connection, fractions, documents))


def _beyond_64_bits() -> str:
    """A pattern of whole numbers that are larger than any of 64 bits, with what stands before and after a number."""
    larger = [
        f"{_LAST_OF_64_BITS[:place]}[{int(digit) + 1}-9][0-9]{{{len(_LAST_OF_64_BITS) - place - 1}}}"
        for place, digit in enumerate(_LAST_OF_64_BITS)
        if digit != "9"
    ]
    longer = f"[0-9]{{{len(_LAST_OF_64_BITS) + 1},}}"
    return rf"((?:^|[:\[,])\s*)-?(?:{'|'.join([*larger, longer])})(\s*(?:[,\]}}]|$))"


_BEYOND_64_BITS = _beyond_64_bits()


def _narrowed(kind: _Kind, needed: _Kind | None) -> _Kind:
    """With 64 bits for whole numbers that need no more; None: none does."""
    if isinstance(kind, dict):
        parts = needed if isinstance(needed, dict) else {}
        return {name: _narrowed(part, parts.get(name)) for name, part in kind.items()}
    if isinstance(kind, list):
        return [_narrowed(kind[0], needed[0] if isinstance(needed, list) else None)]
    return "BIGINT" if kind == _WIDE and needed in (None, _WIDE) else kind


def _type_text(kind: _Kind) -> str:
    """Raises DataFlowRunError for a structure with two fields whose names differ in case alone."""
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list):
        return f"{_type_text(kind[0])}[]"
    if not differ_in_more(kind):
        raise _alike_within(max(kind, key=lambda name: sum(name.lower() == other.lower() for other in kind)))
    return f"STRUCT({', '.join(f'{identifier(name)} {_type_text(part)}' for name, part in kind.items())})"


def _alike_within(name: str) -> DataFlowRunError:
    return not_supported(
        f"a structure in the documents has two fields that differ from {name!r} in case at most",
        expected="names that differ in more",
        hint="rename one of them",
    )
