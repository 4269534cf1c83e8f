"""Documents in columns: JSON, XML and delimited text."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import STRING
from mapping_dataflow.engines.documents import parse_document, write_document
from mapping_dataflow.engines.python_functions.definition import PythonFunction

FUNCTIONS = (
    PythonFunction("parse_document", (STRING, STRING), STRING, parse_document),
    PythonFunction("write_document", (STRING, STRING), STRING, write_document),
)
