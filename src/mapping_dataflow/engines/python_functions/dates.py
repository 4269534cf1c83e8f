"""Dates and timestamps as Java's patterns write and read them."""

from __future__ import annotations

from datetime import datetime

from mapping_dataflow.analysis.datatypes import STRING, TIMESTAMP
from mapping_dataflow.engines.python_functions.definition import strict
from mapping_dataflow.java import dates
from mapping_dataflow.java.locales import language


def _read(text: str, pattern: str, locale: str) -> datetime | None:
    return dates.read(text, pattern, language(locale))


FUNCTIONS = (
    strict("java_write_date", (TIMESTAMP, STRING, STRING), STRING, dates.write),
    strict("java_read_date", (STRING, STRING, STRING), TIMESTAMP, _read),
)
