"""Functions that users write: libraries of ``name(type, …) as type = expression``, with arguments ``i1``, ``i2`` …"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mapping_dataflow.analysis.datatypes import DataType, from_syntax
from mapping_dataflow.analysis.environment import Environment, UserFunction
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.signature_check import CLASSES_OF_TYPES, check_class
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.script import syntax
from mapping_dataflow.script.lexer import tokenize
from mapping_dataflow.script.parser import ScriptParser

Check = Callable[[syntax.Expression, Environment], TypedExpression]


def call(function: UserFunction, node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    """The body with the arguments of a call; a function sees nothing but its arguments. Raises ProblemFound."""
    if len(node.arguments) != len(function.parameters):
        raise ProblemFound(
            f"{function.name}() has {counted(len(node.arguments), 'argument')}",
            node.span,
            expected=str(len(function.parameters)),
        )
    paths: dict[tuple[str, ...], TypedExpression] = {}
    for number, (argument, kind) in enumerate(zip(node.arguments, function.parameters, strict=True), 1):
        given = check(argument, environment)
        if isinstance(kind, str):
            check_class(kind, given.type, argument.span, f"argument {number} of {function.name}()")
        paths[(f"i{number}",)] = given if isinstance(kind, str) else widened(given, kind)
    others = {name: one for name, one in environment.functions.items() if one is not function}
    inner = Environment(paths=paths, functions=others, traced=environment.traced)
    try:
        return widened(check(function.body, inner), function.result)
    except ProblemFound as found:
        cause = f"in the function {function.name}(): {found.problem.cause}"
        raise ProblemFound(cause, node.span, expected=found.problem.expected, hint=found.problem.hint) from found


def parse_library(text: str) -> Mapping[str, UserFunction]:
    """The functions of a library's script, by their names in lower case. Raises ProblemFound."""
    parser = ScriptParser(text, tokenize(text))
    functions: dict[str, UserFunction] = {}
    while not parser.at_end():
        name = parser.name("the name of a function")
        parser.expect("(")
        parameters: list[DataType | str] = []
        while not parser.at(")"):
            parameters.append(_parameter(parser.type()))
            if not parser.accept(","):
                break
        parser.expect(")")
        if parser.current.text != "as":
            raise parser.unexpected("'as' and a type")
        parser.advance()
        result = from_syntax(parser.type())
        parser.expect("=")
        functions[name.lower()] = UserFunction(name, tuple(parameters), result, parser.expression())
        parser.accept(",")
    return functions


def _parameter(node: syntax.TypeSyntax) -> DataType | str:
    """A type, or the name of a class of types, as the documented functions have them in their signatures."""
    if isinstance(node, syntax.NamedType) and node.name in CLASSES_OF_TYPES:
        return node.name
    return from_syntax(node)
