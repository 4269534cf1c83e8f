"""JSON files as queries, in the three forms of documents."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from dataflow_execution.column_spelling import alike, differ_in_more, may_be_renamed, name_of
from dataflow_execution.errors import WRONG_DOCUMENT_FORM, DataFlowRunError, not_supported
from dataflow_execution.formats import Json
from dataflow_execution.readers.json_types import WHOLE, columns_option, json_query, types_as_written, whole_documents
from dataflow_execution.readers.plain_files import decoded, plain, stored
from dataflow_execution.readers.source_files import FILE_COLUMN, with_original_files
from dataflow_execution.sql_text import quoted
from lenient_json import strict_json

FORMS = {"documentPerLine": "newline_delimited", "arrayOfDocuments": "array", "singleDocument": "unstructured"}
"""The service's word -> DuckDB's."""
NO_DOCUMENTS = "SELECT NULL::VARCHAR AS json WHERE FALSE"
"""The query over files without a document: they have no columns, which no query can have."""
_MARK = b"\xef\xbb\xbf"
_LARGEST_DOCUMENT = 67_108_864
"""Bytes. DuckDB takes the memory of two such documents at once in each thread."""


def json_relation(
    files: Sequence[Path],
    form: Json,
    folder: Path,
    *,
    connection: duckdb.DuckDBPyConnection,
    file_column: bool = False,
    largest: int | None = None,
    unread: Container[str] = frozenset(),
    wanted: Iterable[str] | None = None,
) -> str:
    """A query over files of JSON documents, typed by all of them, but for the columns that stay JSON (``unread``).

    ``largest``: bytes that a document may have; ``wanted``: the only columns that anybody will ask for, in any case.

    Raises DataFlowRunError for an unknown form, for what is not even JSON with the deviations that are allowed, for
    fields whose names differ in case alone, and for a column without a name.
    """
    if form.form not in FORMS:
        expected = "one of " + ", ".join(FORMS)
        raise DataFlowRunError(
            f"the documentForm {form.form!r} is unknown", expected=expected, code=WRONG_DOCUMENT_FORM
        )
    readable, compression, _ = decoded(list(files), form.compression, form.encoding, folder, encodings=("utf-8",))
    if compression == "none":
        readable = [
            _without_mark(file, folder / f"unmarked{number}" / file.name) for number, file in enumerate(readable)
        ]
    if form.deviations:
        readable = [
            _strict(file, form, folder / f"strict{number}" / file.name)
            for number, file in enumerate(plain(readable, compression, folder / "plain"))
        ]
        compression = "none"
    options = [
        f"format = {quoted(FORMS[form.form])}",
        "union_by_name = true",
        f"maximum_object_size = {largest or _LARGEST_DOCUMENT}",
        f"compression = {quoted(compression)}",
    ]
    if file_column:
        options.append(f"filename = {quoted(FILE_COLUMN)}")
    types = _types(connection, readable, options, bounded=largest is not None)
    if list(types) == [WHOLE]:
        kinds = _kinds(connection, readable, options)
        if not kinds:
            return NO_DOCUMENTS
        if kinds != {"OBJECT"}:
            query = _rows_of_arrays(readable, form, types[WHOLE], kinds, options)
            return with_original_files(query, readable, files) if file_column else query
    if wanted is not None:
        types = _of_names(types, wanted)
    types |= {name: "JSON" for name in types if name_of(name) in unread}
    query = json_query(readable, *options, columns_option(types))
    return with_original_files(query, readable, files) if file_column else query


def _types(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], options: Sequence[str], *, bounded: bool
) -> dict[str, str]:
    """The columns with their types. Raises DataFlowRunError for fields whose names differ in case alone, and for one of
    a whole document that has no name."""
    found = types_as_written(connection, files, options, bounded=bounded)
    found.pop(FILE_COLUMN, None)
    names = _names(connection, files, options) if may_be_renamed(found) else list(found)
    if not differ_in_more(names):
        raise alike(names, "the documents")
    if list(found) == [WHOLE] and "" in _names(connection, files, options):
        raise not_supported("a field of the documents has no name", expected="a name for every field")
    return found


def _kinds(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], options: Sequence[str]) -> set[str]:
    """What the documents are: objects, arrays, texts and so on."""
    documents = whole_documents(files, *options)
    return {
        str(row[0]) for row in connection.execute(f"SELECT DISTINCT json_type({WHOLE}) FROM ({documents})").fetchall()
    }


def _rows_of_arrays(files: Sequence[Path], form: Json, kind: str, kinds: set[str], options: Sequence[str]) -> str:
    """A row of each object in documents that are arrays, as Spark reads them. Raises DataFlowRunError for others.

    https://learn.microsoft.com/azure/data-factory/data-flow-troubleshoot-errors#error-code-df-json-wrongdocumentform
    """
    if kinds != {"ARRAY"} or not re.fullmatch(r"STRUCT\(.*\)\[\]", kind, re.DOTALL):
        listed_kinds = " and ".join(sorted(found.lower() for found in kinds))
        raise DataFlowRunError(
            f"documents of the form {form.form} are {listed_kinds}: {', '.join(file.name for file in files[:3])}",
            expected="objects, or arrays of objects",
            hint="look at the documentForm",
            code=WRONG_DOCUMENT_FORM,
        )
    query = json_query(files, *options, "records = 'false'", columns_option({WHOLE: kind}))
    return f"SELECT unnest({WHOLE}, max_depth := 2), * EXCLUDE ({WHOLE}) FROM ({query})"


def _of_names(types: Mapping[str, str], wanted: Iterable[str]) -> dict[str, str]:
    """Those of the columns that are wanted; all of them where the documents have none, for a row stays a row.

    DuckDB reads the text of each type anew whenever a query names the source, half a millisecond a column.
    """
    names = {name.lower() for name in wanted}
    return {name: kind for name, kind in types.items() if name_of(name).lower() in names} or dict(types)


def _names(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], options: Sequence[str]) -> list[str]:
    """The names of the fields of all documents."""
    documents = whole_documents(files, *options)
    rows = connection.execute(f"SELECT DISTINCT unnest(json_keys({WHOLE})) FROM ({documents})").fetchall()
    return [str(row[0]) for row in rows]


def _without_mark(file: Path, target: Path) -> Path:
    """The file without the mark of UTF-8 at its begin, which is no part of the text."""
    with file.open("rb") as stream:
        return stored(stream, target) if stream.read(len(_MARK)) == _MARK else file


def _strict(file: Path, form: Json, target: Path) -> Path:
    """The file as strict JSON; where a document is a line, so is what is read at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = file.read_text(encoding="utf-8-sig")
    parts = re.split(r"[\r\n]+", text) if form.form == "documentPerLine" else [text]
    try:
        target.write_text("\n".join(strict_json(part, form.deviations) for part in parts), encoding="utf-8")
    except ValueError as error:
        raise DataFlowRunError(
            f"{file.name} is no JSON, not even with {', '.join(form.deviations)}: {error}"
        ) from error
    return target
