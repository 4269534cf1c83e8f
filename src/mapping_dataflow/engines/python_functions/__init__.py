"""Functions in Python for what the SQL of an engine lacks; SQL calls them by name.

Whoever runs a query registers those that it uses (``CompiledSink.python_functions``) with the engine first. They are
pure: equal arguments give equal results, and nothing outside is read. Libraries are imported where they are used, so
that a query without such a function does not wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from mapping_dataflow.engines.python_functions import dates, documents, hashes, numbers, patterns, similarity, texts
from mapping_dataflow.engines.python_functions.definition import PythonFunction

PYTHON_FUNCTIONS: Mapping[str, PythonFunction] = {
    function.name: function
    for family in (dates, documents, hashes, numbers, patterns, similarity, texts)
    for function in family.FUNCTIONS
}
"""All of them by name."""


def used_in(tree: exp.Expression) -> tuple[PythonFunction, ...]:
    """The functions that a query calls, each once, by name."""
    names = {node.name for node in tree.find_all(exp.Anonymous)} & PYTHON_FUNCTIONS.keys()
    return tuple(PYTHON_FUNCTIONS[name] for name in sorted(names))


__all__ = ["PYTHON_FUNCTIONS", "PythonFunction", "used_in"]
