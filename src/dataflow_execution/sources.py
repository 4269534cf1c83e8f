"""Sources of a flow as views of DuckDB over files: nothing is read before a query asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from dataflow_execution.column_spelling import name_of, spelled
from dataflow_execution.drifted_types import inferred_columns
from dataflow_execution.errors import DataFlowRunError, cause_of, not_supported
from dataflow_execution.formats import (
    Avro,
    CompressedAsWhole,
    DelimitedText,
    Delta,
    Excel,
    FileFormat,
    Json,
    Orc,
    Parquet,
    Xml,
)
from dataflow_execution.language_types import language_type
from dataflow_execution.readers.columnar_files import delta_relation, orc_relation, spelled_parquet_relation
from dataflow_execution.readers.delimited_text import NO_COLUMNS, TextReading, delimited_relation
from dataflow_execution.readers.json_documents import NO_DOCUMENTS, json_relation
from dataflow_execution.readers.plain_files import ARCHIVES, unpacked
from dataflow_execution.readers.source_files import (
    SourceFile,
    needs_file_column,
    with_file_columns,
    with_original_files,
)
from dataflow_execution.sql_text import identifier
from mapping_dataflow import SourceRequest, SourceSchema, engine_type, relation_columns


@dataclass(frozen=True)
class Reading:
    """How a run reads: the folder for files that are written anew, a buffer in bytes (None: the readers' own), a limit
    of rows."""

    folder: Path
    buffer: int | None = None
    limit: int | None = None


def create_source(
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    files: Sequence[SourceFile],
    form: FileFormat,
    name: str,
    reading: Reading,
) -> SourceSchema:
    """A view of the source's rows, called ``name``. Raises DataFlowRunError for what cannot be read."""
    return create_source_of(
        connection, request, lambda: _rows(connection, request, files, form, name, reading), name, reading
    )


def create_source_of(
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    query: Callable[[], str],
    name: str,
    reading: Reading,
) -> SourceSchema:
    """A view, called ``name``, of the rows of a query, as the source's settings say. Raises DataFlowRunError."""
    try:
        return create_view(connection, name, _limited(_typed(connection, query(), request), request, reading))
    except DataFlowRunError as error:
        raise error.at(f"Source '{request.stream}'") from error
    except duckdb.Error as error:
        raise DataFlowRunError(f"at Source '{request.stream}': {cause_of(error)}") from error


def create_view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> SourceSchema:
    """A view over a query, with the types of its columns in the language's words. Marks of spelling are taken away."""
    connection.execute(f"CREATE OR REPLACE VIEW {identifier(name)} AS {query}")
    relation = connection.table(name)
    names = [name_of(column) for column in relation.columns]
    if names != relation.columns:
        listed = ", ".join(map(identifier, relation_columns(names)))
        connection.execute(f"CREATE OR REPLACE VIEW {identifier(name)}({listed}) AS {query}")
    return SourceSchema(dict(zip(names, map(language_type, relation.types), strict=True)), name)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    files: Sequence[SourceFile],
    form: FileFormat,
    name: str,
    reading: Reading,
) -> str:
    if not files:
        return _empty(request)
    named = needs_file_column(files, request.file_name_column)
    paths = originals = [file.path for file in files]
    if isinstance(form, CompressedAsWhole) and form.compression in ARCHIVES:
        entries = unpacked(originals, form.compression, reading.folder / name / "archives")
        paths, originals = [entry for entry, _ in entries], [archive for _, archive in entries]
        form = replace(form, compression="none")
    query = _relation(connection, request, paths, form, name, reading, named)
    if query in (NO_COLUMNS, NO_DOCUMENTS):
        return _empty(request, dict.fromkeys(name for file in files for name in file.columns))
    if not named:
        return query
    if paths is not originals:
        query = with_original_files(query, paths, originals)
    return with_file_columns(query, files, request.file_name_column)


def _empty(request: SourceRequest, of_folders: Iterable[str] = ()) -> str:
    """No rows, with the columns and types that the source declares, so that the flow still compiles."""
    names = spelled(request.columns)
    columns = [
        f"CAST(NULL AS {engine_type(kind)}) AS {identifier(names[name])}" for name, kind in request.columns.items()
    ]
    further = [request.file_name_column] if request.file_name_column else []
    columns += [
        f"CAST(NULL AS VARCHAR) AS {identifier(name)}"
        for name in dict.fromkeys([*further, *of_folders])
        if name not in request.columns
    ]
    return f"SELECT {', '.join(columns) or 'CAST(NULL AS VARCHAR) AS empty'} WHERE FALSE"


def _relation(
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    paths: list[Path],
    form: FileFormat,
    name: str,
    reading: Reading,
    file_column: bool,
) -> str:
    folder = reading.folder / name
    match form:
        case DelimitedText():
            text = TextReading(headerless=_positional(request))
            if reading.buffer is not None:
                text = replace(text, buffer=reading.buffer)
            return delimited_relation(paths, form, folder, text, file_column=file_column)
        case Json():
            form = replace(form, form=request.document_form or form.form or "documentPerLine")
            return json_relation(
                paths,
                form,
                folder,
                connection=connection,
                file_column=file_column,
                largest=reading.buffer,
                unread=_with_maps(request),
                wanted=request.columns if request.only_declared else None,
            )
        case Parquet():
            return spelled_parquet_relation(connection, paths, file_column=file_column)
        case Orc():
            return orc_relation(connection, f"{name}_rows", paths, file_column=file_column)
        case Delta():
            if len(paths) != 1 or file_column:
                raise not_supported("a Delta table is one folder, and its rows tell no files")
            return delta_relation(connection, f"{name}_rows", paths[0], form)
        case _:
            return _row_by_row(connection, paths, form, f"{name}_rows", folder, file_column)


def _row_by_row(
    connection: duckdb.DuckDBPyConnection,
    paths: list[Path],
    form: Avro | Excel | Xml,
    name: str,
    folder: Path,
    file_column: bool,
) -> str:
    """Formats that Python reads; what reads them is loaded when it is needed."""
    if isinstance(form, Avro):
        from dataflow_execution.readers.avro import avro_relation

        return avro_relation(connection, name, paths, file_column=file_column)
    if isinstance(form, Excel):
        from dataflow_execution.readers.excel import excel_relation
        from dataflow_execution.readers.plain_files import plain

        return excel_relation(connection, name, plain(paths, form.compression, folder), form, file_column=file_column)
    from dataflow_execution.readers.xml_documents import xml_relation

    return xml_relation(connection, paths, form, folder, file_column=file_column)


def _positional(request: SourceRequest) -> Any:
    """Names of columns of files without a header: the declared ones in their order."""
    declared = list(request.columns)
    return lambda index: declared[index] if index < len(declared) else f"_col{index}_"


def _limited(query: str, request: SourceRequest, reading: Reading) -> str:
    limits = [int(limit) for limit in (request.settings.get("limit"), reading.limit) if limit is not None]
    return f"SELECT * FROM ({query}) LIMIT {min(limits)}" if limits else query


def _typed(connection: duckdb.DuckDBPyConnection, query: str, request: SourceRequest) -> str:
    """JSON values of changing types become text, instants timestamps in UTC, drifted text what all its values are."""
    columns = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {query}").fetchall()}
    vague = [name for name, kind in columns.items() if any(word in kind for word in _VAGUE)]
    replaced = {name: _from_json(name, columns[name], request) for name in vague}
    replaced |= {
        name: f"timezone('UTC', {identifier(name)})"
        for name, kind in columns.items()
        if kind == "TIMESTAMP WITH TIME ZONE"
    }
    if request.settings.get("inferDriftedColumnTypes"):
        drifted = [name for name, kind in columns.items() if kind == "VARCHAR" and name_of(name) not in request.columns]
        unknown = [name for name in drifted if name != request.file_name_column]
        replaced |= inferred_columns(connection, query, unknown, request.text_types)
    if not replaced:
        return query
    pieces = ", ".join(f"{value} AS {identifier(name)}" for name, value in replaced.items())
    return f"SELECT * REPLACE ({pieces}) FROM ({query})"


_VAGUE = ("JSON", '"NULL"')
"""What the type of a column says where its documents differ, or say too little: nothing but null and empty lists."""


def _with_maps(request: SourceRequest) -> frozenset[str]:
    """The columns that are declared to hold maps: the keys of objects there are values, no names of fields."""
    return frozenset(name for name, kind in request.columns.items() if "MAP(" in engine_type(kind))


def _from_json(name: str, kind: str, request: SourceRequest) -> str:
    """A column whose documents differ, or say too little (an empty list): as it is declared, else as text."""
    declared = request.columns.get(name_of(name), "string")
    if declared.endswith("]") or declared.startswith("("):
        return f"TRY_CAST(to_json({identifier(name)}) AS {engine_type(declared)})"
    return f"json_extract_string({identifier(name)}, '$')" if kind == "JSON" else identifier(name)
