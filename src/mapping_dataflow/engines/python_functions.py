"""Functions in Python for what the SQL of an engine lacks; SQL calls them by name.

Whoever runs a query registers those that it uses (``CompiledSink.python_functions``) with the engine first. They are
pure: equal arguments give equal results, and nothing outside is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import STRING, DataType
from mapping_dataflow.engines.documents import parse_document, write_document


@dataclass(frozen=True)
class PythonFunction:
    """One function: its name in SQL, the types of its arguments (at least one) and of its result, and its rule.

    ``compute`` gets Python values as pyarrow gives them (None for null) and returns such a value.
    """

    name: str
    parameters: tuple[DataType, ...]
    result: DataType
    compute: Callable[..., object]


PYTHON_FUNCTIONS: Mapping[str, PythonFunction] = {
    "parse_document": PythonFunction("parse_document", (STRING, STRING), STRING, parse_document),
    "write_document": PythonFunction("write_document", (STRING, STRING), STRING, write_document),
}
"""All of them by name."""


def used_in(tree: exp.Expression) -> tuple[PythonFunction, ...]:
    """The functions that a query calls, each once, by name."""
    names = {node.name for node in tree.find_all(exp.Anonymous)} & PYTHON_FUNCTIONS.keys()
    return tuple(PYTHON_FUNCTIONS[name] for name in sorted(names))
