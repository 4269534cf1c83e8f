"""Types of functions that take lambdas: over items, indexes, keys and values, and the accumulator of reduce()."""

from __future__ import annotations

from collections.abc import Callable

from mapping_dataflow.analysis.datatypes import INTEGER, DataType
from mapping_dataflow.analysis.environment import Environment, LambdaFrame
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.signature_check import Fitting, check_count
from mapping_dataflow.expressions import Call, Lambda, TypedExpression
from mapping_dataflow.functions.signatures import Function
from mapping_dataflow.script import syntax

Check = Callable[[syntax.Expression, Environment], TypedExpression]
_LETTERS = {"item": "T", "item1": "T", "item2": "T", "key": "K", "value": "V", "acc": "A", "result": "A"}
"""The type variable of a signature that a lambda's variable has."""
_TYPES: dict[str, DataType] = {"index": INTEGER}


def with_lambdas(
    function: Function, node: syntax.FunctionCall, environment: Environment, check: Check
) -> TypedExpression:
    """The call of a function some of whose arguments are lambdas."""
    check_count(function, len(node.arguments), node.span)
    fitting = Fitting(function, node.span)
    arguments: list[TypedExpression] = []
    for index, argument in enumerate(node.arguments):
        variables = function.parameter(index).variables
        if not variables:
            typed = check(argument, environment)
            fitting.bind(index, typed, argument.span)
            arguments.append(typed)
        else:
            arguments.append(_lambda(index, argument, fitting, environment, check))
    fitted = tuple(
        argument if isinstance(argument, Lambda) else fitting.fitted(index, argument, node.arguments[index].span)
        for index, argument in enumerate(arguments)
    )
    return Call(function.name, fitted, fitting.result(fitted), node.span)


def _lambda(
    index: int, node: syntax.Expression, fitting: Fitting, environment: Environment, check: Check
) -> TypedExpression:
    """A lambda; one that gives the accumulator is read again where its result is wider than what it began with."""
    parameter = fitting.function.parameter(index)
    accumulates = "acc" in parameter.variables
    before = fitting.variable("A") if accumulates else None
    while True:
        frame = _frame(parameter.variables, fitting, len(environment.lambdas))
        body = check(node, environment.within_lambda(frame))
        fitting.bind(index, body, node.span)
        if not accumulates or fitting.variable("A") == before:
            break
        before = fitting.variable("A")
    names = tuple(engine_name for engine_name, _ in frame.variables.values())
    body = widened(body, before) if before is not None else body
    return Lambda(names, body, body.type)


def _frame(names: tuple[str, ...], fitting: Fitting, depth: int) -> LambdaFrame:
    variables: dict[str, tuple[str, DataType]] = {}
    for name in names:
        letter = _LETTERS.get(name)
        kind = fitting.variable(letter) if letter else _TYPES[name]
        variables[name] = (f"{name}_{depth}", kind)
    return LambdaFrame(variables)
