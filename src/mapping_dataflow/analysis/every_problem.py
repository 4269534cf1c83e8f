"""All problems of one expression: the type check ends at the first, here its parts are checked one by one.

Asked only where a problem is known. Parts that mean something within their function alone are not looked at: the items
of lambdas, the names that metafunctions take, the arguments of users' functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mapping_dataflow.analysis import column_functions, row_state
from mapping_dataflow.analysis.environment import Allowed, Environment
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import Problem, ProblemFound
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.script import syntax


def problems_of(node: syntax.Expression, environment: Environment) -> list[Problem]:
    """The problems of the innermost parts that have any; the expression's own where none has."""
    own = _problem(node, environment)
    if own is None:
        return []
    inner = _within(node, environment)
    found = [problem for part in _parts(node, environment) for problem in problems_of(part, inner)]
    if not found:
        return [own]
    if isinstance(node, syntax.FunctionCall) and _is_unknown(node, environment):
        unknown = _problem(replace(node, arguments=()), environment)
        return found if unknown is None else [unknown, *found]
    return found


def _problem(node: syntax.Expression, environment: Environment) -> Problem | None:
    try:
        check(node, environment)
    except ProblemFound as found:
        return found.problem
    return None


def _is_unknown(node: syntax.FunctionCall, environment: Environment) -> bool:
    """True for the call of a function that nobody knows, whatever its arguments are."""
    if node.name.lower() in environment.functions:
        return False
    return catalogue.find(node.name) is None and catalogue.special_name(node.name) is None


def _within(node: syntax.Expression, environment: Environment) -> Environment:
    """No aggregate stands in another, no window function in another."""
    function = catalogue.find(node.name) if isinstance(node, syntax.FunctionCall) else None
    groups = function is not None and function.kind is not Kind.SCALAR
    return replace(environment, allowed=Allowed.NONE) if groups else environment


def _parts(node: syntax.Expression, environment: Environment) -> Iterator[syntax.Expression]:
    """The parts that mean the same wherever they stand."""
    match node:
        case syntax.Binary():
            yield from (node.left, node.right)
        case syntax.Unary():
            yield node.operand
        case syntax.Parenthesised() | syntax.TypeAssertion():
            yield node.expression
        case syntax.Index():
            yield from (node.base, node.index)
        case syntax.ArrayLiteral():
            yield from node.items
        case syntax.MapLiteral():
            yield from (part for entry in node.entries for part in entry)
        case syntax.TemplateLiteral():
            yield from (part for part in node.parts if not isinstance(part, str))
        case syntax.StructLiteral():
            yield from (field.value for field in node.fields if isinstance(field, syntax.Assignment))
        case syntax.FunctionCall() if _is_plain(node, environment):
            yield from (one for one in node.arguments if not _is_spread(one, node))


def _is_spread(argument: syntax.Expression, call: syntax.FunctionCall) -> bool:
    """True for columns that are so many arguments, and nothing by themselves."""
    function = catalogue.find(call.name)
    spreads = function is not None and function.most is None
    several = isinstance(argument, syntax.FunctionCall) and catalogue.special_name(argument.name)
    return spreads and several in ("columns", "originColumns")


def _is_plain(node: syntax.FunctionCall, environment: Environment) -> bool:
    special = catalogue.special_name(node.name)
    if node.name.lower() in environment.functions or special in column_functions.META:
        return False
    function = catalogue.find(node.name)
    with_lambdas = function is not None and any(parameter.variables for parameter in function.parameters)
    return special not in row_state.FUNCTIONS and not with_lambdas
