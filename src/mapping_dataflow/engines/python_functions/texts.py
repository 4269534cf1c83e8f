"""Text in charsets, escaped for formats, in Unicode's decomposed form, and as dates, timestamps and numbers."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import BINARY, DOUBLE, FLOAT, INTEGER, LONG, STRING
from mapping_dataflow.engines.python_functions.definition import strict
from mapping_dataflow.java import text_casts, texts

FUNCTIONS = (
    strict("charset_encode", (STRING, STRING), BINARY, texts.encode),
    strict("charset_decode", (BINARY, STRING), STRING, texts.decode),
    strict("text_escape", (STRING, STRING), STRING, texts.escape),
    strict("text_unescape", (STRING, STRING), STRING, texts.unescape),
    strict("substring_index", (STRING, STRING, INTEGER), STRING, texts.substring_index),
    strict("text_date_days", (STRING,), LONG, text_casts.date_days),
    strict("text_timestamp_microseconds", (STRING,), LONG, text_casts.timestamp_microseconds),
    strict("text_double", (STRING,), DOUBLE, text_casts.double),
    strict("text_float", (STRING,), FLOAT, text_casts.single),
    strict("text_decimal", (STRING,), STRING, text_casts.decimal_text),
    strict("text_lower", (STRING,), STRING, str.lower),
    strict("text_upper", (STRING,), STRING, str.upper),
    strict("text_capitalised", (STRING,), STRING, texts.capitalised),
    strict("text_normalize", (STRING,), STRING, texts.normalize),
)
