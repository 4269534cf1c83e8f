"""Sources of a data flow: files found in the lake, downloaded, and registered in DuckDB as tables.

Hidden files: names that begin with `_` or `.` are not read, as in Spark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset
from local_azure.services.synapse_workspace.file_selection import Selected, match_files, select_files
from local_azure.services.synapse_workspace.flow_errors import flow_failure
from local_azure.services.synapse_workspace.tabular_files import (
    delimited_relation,
    identifier,
    json_relation,
    parquet_relation,
    quoted,
    refuse_compression,
)
from mapping_dataflow import SourceRequest, SourceSchema, engine_type

_TYPES = {
    "boolean": "boolean",
    "tinyint": "byte",
    "smallint": "short",
    "integer": "integer",
    "bigint": "long",
    "utinyint": "short",
    "usmallint": "integer",
    "uinteger": "long",
    "ubigint": "decimal(20,0)",
    "hugeint": "decimal(38,0)",
    "float": "float",
    "double": "double",
    "varchar": "string",
    "json": "string",
    "uuid": "string",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
    "timestamp with time zone": "timestamp",
    "blob": "binary",
}
_JSON_FORMS = {"documentPerLine": "newline_delimited", "arrayOfDocuments": "array", "singleDocument": "unstructured"}


@dataclass(frozen=True)
class LoadedSource:
    """A source as a DuckDB table; `rows` is what the run's metrics show."""

    stream: str
    schema: SourceSchema
    rows: int


def load_source(
    work: Work, connection: duckdb.DuckDBPyConnection, request: SourceRequest, dataset: Dataset, number: int
) -> LoadedSource:
    """Find, download and register one source; raises ActivityFailure with the service's code when nothing is found."""
    selected = [each for each in _select(work, request, dataset) if not _hidden(each)]
    if not selected and not request.ignore_no_files_found:
        raise flow_failure(
            "DF-Executor-InvalidPath",
            f"at Source '{request.stream}': Path does not resolve to any file(s). Please make sure the "
            f"file/folder exists and is not hidden. Dataset: '{dataset.name}', path: '{_shown_path(request, dataset)}'",
        )
    table = f"source_{number}"
    files = [_download(work, each, number, index) for index, each in enumerate(selected)]
    query = _query(connection, request, dataset, files, selected)
    connection.execute(f"CREATE TABLE {identifier(table)} AS {query}")
    relation = connection.table(table)
    columns = {name: _language_type(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}
    counted = connection.execute(f"SELECT count(*) FROM {identifier(table)}").fetchone()
    return LoadedSource(request.stream, SourceSchema(columns, table), int(counted[0]) if counted else 0)


def _select(work: Work, request: SourceRequest, dataset: Dataset) -> Sequence[Selected]:
    if request.partition_root_path:
        raise flow_failure("DF-Local-NotSupported", f"at Source '{request.stream}': partitionRootPath is not supported")
    location = dataset.files
    if request.wildcard_paths:
        found = {
            each.entry.location.path: each
            for pattern in request.wildcard_paths
            for each in match_files(work.lake, location.root, pattern.strip("/"))
        }
        return [found[path] for path in sorted(found)]
    if location.file:
        if work.lake.properties(location.path) is None:
            return []
        return select_files(work.lake, location, {})
    if work.lake.properties(location.folder_path) is None:
        return []
    return select_files(work.lake, location, {"recursive": True})


def _hidden(selected: Selected) -> bool:
    name = selected.entry.location.name
    return name.startswith(("_", "."))


def _shown_path(request: SourceRequest, dataset: Dataset) -> str:
    return ", ".join(request.wildcard_paths) or dataset.files.path.path


def _download(work: Work, selected: Selected, number: int, index: int) -> Path:
    target = work.folder / f"source-{number}" / f"{index}-{selected.entry.location.name}"
    work.lake.download(selected.entry.location, target)
    return target


def _query(
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    dataset: Dataset,
    files: Sequence[Path],
    selected: Sequence[Selected],
) -> str:
    if not files:
        return _empty(request)
    name_column = request.file_name_column
    if not name_column:
        return _relation(request, dataset, files)
    singles = [
        f"SELECT *, {quoted('/' + each.entry.location.path)} AS {identifier(name_column)} "
        f"FROM ({_relation(request, dataset, [file])})"
        for file, each in zip(files, selected, strict=True)
    ]
    return " UNION ALL BY NAME ".join(singles)


def _empty(request: SourceRequest) -> str:
    """No rows, with the columns and types that the source declares, so that the flow still compiles."""
    columns = [f"CAST(NULL AS {engine_type(kind)}) AS {identifier(name)}" for name, kind in request.columns.items()]
    if request.file_name_column and request.file_name_column not in request.columns:
        columns.append(f"CAST(NULL AS VARCHAR) AS {identifier(request.file_name_column)}")
    return f"SELECT {', '.join(columns) or 'CAST(NULL AS VARCHAR) AS empty'} WHERE FALSE"


def _relation(request: SourceRequest, dataset: Dataset, files: Sequence[Path]) -> str:
    settings: Mapping[str, Any] = dataset.settings
    refuse_compression(settings, dataset.name, ("snappy", "gzip", "zstd") if dataset.type == "Parquet" else ())
    if dataset.type == "Parquet":
        return parquet_relation(files)
    if dataset.type == "Json":
        form = request.document_form or "documentPerLine"
        if form not in _JSON_FORMS:
            expected = ", ".join(_JSON_FORMS)
            raise flow_failure(
                "DF-JSON-WrongDocumentForm", f"the documentForm '{form}' is unknown; expected {expected}"
            )
        return json_relation(files, _JSON_FORMS[form])
    if dataset.type == "DelimitedText":
        return delimited_relation(files, settings, headerless_prefix="Column_", quoted_nulls=True)
    raise flow_failure("DF-Executor-InvalidType", f"the dataset '{dataset.name}' of type {dataset.type} is no source")


def _language_type(kind: Any) -> str:
    """A DuckDB type (a DuckDBPyType, whose stubs leave its children open) in the text form of the language."""
    if kind.id == "list":
        return f"{_language_type(dict(kind.children)['child'])}[]"
    if kind.id == "struct":
        fields = ", ".join(f"{_field(str(name))} as {_language_type(inner)}" for name, inner in kind.children)
        return f"({fields})"
    if kind.id == "map":
        parts = dict(kind.children)
        return f"[{_language_type(parts['key'])},{_language_type(parts['value'])}]"
    if kind.id == "decimal":
        parts = dict(kind.children)
        return f"decimal({parts['precision']},{parts['scale']})"
    name = str(kind).lower()
    if name not in _TYPES:
        raise flow_failure("DF-Local-NotSupported", f"the data has a column of type {kind}, which is not supported")
    return _TYPES[name]


def _field(name: str) -> str:
    return name if name.isidentifier() else "{" + name + "}"
