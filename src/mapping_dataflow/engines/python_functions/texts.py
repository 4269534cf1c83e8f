"""Text in charsets, escaped for formats, and in Unicode's decomposed form."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import BINARY, INTEGER, STRING
from mapping_dataflow.engines.python_functions.definition import strict
from mapping_dataflow.java import texts

FUNCTIONS = (
    strict("charset_encode", (STRING, STRING), BINARY, texts.encode),
    strict("charset_decode", (BINARY, STRING), STRING, texts.decode),
    strict("text_escape", (STRING, STRING), STRING, texts.escape),
    strict("text_unescape", (STRING, STRING), STRING, texts.unescape),
    strict("substring_index", (STRING, STRING, INTEGER), STRING, texts.substring_index),
    strict("text_normalize", (STRING,), STRING, texts.normalize),
)
