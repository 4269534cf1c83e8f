"""Documents in columns: JSON, XML and delimited text."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import STRING
from mapping_dataflow.engines.python_functions.definition import PythonFunction


def _parsed(text: str | None, options: str | None) -> str | None:
    from mapping_dataflow.engines.documents import parse_document

    return parse_document(text, options)


def _written(value: str | None, options: str | None) -> str | None:
    from mapping_dataflow.engines.documents import write_document

    return write_document(value, options)


FUNCTIONS = (
    PythonFunction("parse_document", (STRING, STRING), STRING, _parsed),
    PythonFunction("write_document", (STRING, STRING), STRING, _written),
)
