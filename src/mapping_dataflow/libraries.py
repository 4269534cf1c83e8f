"""The functions of libraries that users wrote, from their documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mapping_dataflow.analysis.environment import UserFunction
from mapping_dataflow.analysis.user_functions import parse_library
from mapping_dataflow.errors import ProblemCollector, ProblemFound
from mapping_dataflow.flow import Flow, library_text
from mapping_dataflow.functions import catalogue
from mapping_dataflow.script import syntax

_OWN_NAMES = frozenset(name.lower() for name in catalogue.ALL_NAMES)


def functions_of(libraries: Sequence[Mapping[str, object]]) -> Mapping[str, UserFunction]:
    """The functions of all libraries by their names in lower case. Raises MappingDataFlowErrors."""
    functions: dict[str, UserFunction] = {}
    for library in libraries:
        functions.update(_functions(library))
    return functions


def may_need_libraries(flow: Flow) -> bool:
    """True for a flow that calls what has no name of the language's own functions, or flowlets, which may do so."""
    return flow.composes or _calls_other_functions(flow)


def _calls_other_functions(flow: Flow) -> bool:
    calls = (part for part in syntax.nested(flow.script) if isinstance(part, syntax.FunctionCall))
    return any(call.name.lower() not in _OWN_NAMES for call in calls)


def _functions(library: Mapping[str, object]) -> Mapping[str, UserFunction]:
    """The functions of a library's document. Raises MappingDataFlowErrors."""
    name = str(library.get("name", "(without name)"))
    text = library_text(library)
    problems = ProblemCollector("reading the functions of", f"library {name!r}", text)
    try:
        return parse_library(text)
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    return {}
