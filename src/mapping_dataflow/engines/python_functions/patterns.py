"""Regular expressions of Java, for patterns that the SQL of an engine cannot do."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import BOOLEAN, INTEGER, STRING, Array
from mapping_dataflow.engines.python_functions.definition import strict
from mapping_dataflow.java import matching

FUNCTIONS = (
    strict("java_regex_test", (STRING, STRING), BOOLEAN, matching.test),
    strict("java_regex_extract", (STRING, STRING, INTEGER), STRING, matching.extract),
    strict("java_regex_replace", (STRING, STRING, STRING), STRING, matching.replace),
    strict("java_regex_split", (STRING, STRING), Array(STRING), matching.split),
)
