"""JSON files as queries, in the three forms of documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataflow_execution.errors import WRONG_DOCUMENT_FORM, DataFlowRunError
from dataflow_execution.formats import Json
from dataflow_execution.readers.plain_files import decoded
from dataflow_execution.readers.source_files import FILE_COLUMN
from dataflow_execution.sql_text import listed, quoted

FORMS = {"documentPerLine": "newline_delimited", "arrayOfDocuments": "array", "singleDocument": "unstructured"}
"""The service's word -> DuckDB's."""
_LARGEST_DOCUMENT = 67_108_864


def json_relation(files: Sequence[Path], form: Json, folder: Path, *, file_column: bool = False) -> str:
    """A query over files of JSON documents, typed by all of them. Raises DataFlowRunError for an unknown form."""
    if form.form not in FORMS:
        expected = "one of " + ", ".join(FORMS)
        raise DataFlowRunError(
            f"the documentForm {form.form!r} is unknown", expected=expected, code=WRONG_DOCUMENT_FORM
        )
    readable, compression, _ = decoded(list(files), form.compression, form.encoding, folder, encodings=("utf-8",))
    options = [
        f"format = {quoted(FORMS[form.form])}",
        "union_by_name = true",
        "hive_partitioning = false",
        "sample_size = -1",
        f"maximum_object_size = {_LARGEST_DOCUMENT}",
        "convert_strings_to_integers = false",
        "dateformat = 'none'",
        "timestampformat = 'none'",
        f"compression = {quoted(compression)}",
    ]
    if file_column:
        options.append(f"filename = {quoted(FILE_COLUMN)}")
    return f"SELECT * FROM read_json({listed(readable)}, {', '.join(options)})"
