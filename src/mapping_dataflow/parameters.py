"""Values of a flow's parameters: given ones converted to the declared types, defaults, and secrets kept apart."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal as PythonDecimal

from mapping_dataflow.analysis.constants import NotConstantError, Value, converted, fold
from mapping_dataflow.analysis.datatypes import UNKNOWN, DataType, from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import NOWHERE, ProblemCollector, ProblemFound
from mapping_dataflow.expressions import Literal, SecretParameter, TypedExpression
from mapping_dataflow.flow import Flow
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_expression


@dataclass(frozen=True)
class BoundParameters:
    """Parameters as expressions, and the values of the secret ones, which stay out of the SQL."""

    expressions: Mapping[str, TypedExpression]
    secrets: Mapping[str, Value]


def bind(
    flow: Flow,
    given: Mapping[str, object],
    secret: frozenset[str],
    problems: ProblemCollector,
    *,
    lenient: bool = False,
) -> BoundParameters:
    """The flow's parameters with their values; problems are kept. ``lenient`` leaves missing values as null."""
    expressions: dict[str, TypedExpression] = {}
    secrets: dict[str, Value] = {}
    for declaration in flow.script.parameters:
        try:
            kind = from_syntax(declaration.type)
            value = _value(declaration, kind, given, expressions, lenient=lenient)
        except ProblemFound as found:
            problems.add(found.problem)
            expressions[declaration.name] = Literal(None, UNKNOWN)  # its uses are no further problems
            continue
        if declaration.name in secret:
            expressions[declaration.name] = SecretParameter(declaration.name, kind)
            secrets[declaration.name] = value
        else:
            expressions[declaration.name] = Literal(value, kind)
    declared = {declaration.name for declaration in flow.script.parameters}
    for name in sorted({*given, *secret} - declared):
        listed = ", ".join(sorted(declared))
        problems.report(
            f"the flow declares no parameter {name!r}", NOWHERE, expected=f"one of {listed}" if listed else ""
        )
    return BoundParameters(expressions, secrets)


def _value(
    declaration: syntax.ParameterDeclaration,
    kind: DataType,
    given: Mapping[str, object],
    earlier: Mapping[str, TypedExpression],
    *,
    lenient: bool,
) -> Value:
    if declaration.name in given:
        value = given[declaration.name]
        result = converted(value, kind) if fits(value) else None
        if value is not None and result is None:
            # The value itself is not shown: it may be a secret.
            raise ProblemFound(f"the value given for parameter {declaration.name!r} is no {kind}", declaration.span)
        return result
    if declaration.default is None:
        if lenient:
            return None
        raise ProblemFound(f"the parameter {declaration.name!r} has no value", declaration.span, hint="give it a value")
    typed = widened(check(declaration.default, Environment(parameters=earlier)), kind)
    try:
        return fold(typed)
    except NotConstantError as error:
        raise ProblemFound(
            f"the default of parameter {declaration.name!r} is not a constant: {error.reason}", declaration.span
        ) from error


def fits(value: object) -> bool:
    """True for the Python values that parameters may have."""
    return isinstance(value, str | bool | int | float | PythonDecimal | datetime.date | list | dict | bytes)


def evaluate_constant(text: str) -> Value:
    """The Python value of a constant expression of the language, such as ``'text'`` or ``toDate('2020-01-01')``.

    Pipelines give parameters of data flows as such expressions. Raises MappingDataFlowErrors.
    """
    problems = ProblemCollector("evaluating", "the expression", text)
    node = parse_expression(text)
    try:
        return fold(check(node, Environment()))
    except ProblemFound as found:
        problems.add(found.problem)
    except NotConstantError as error:
        problems.report(f"it is not a constant: {error.reason}", node.span)
    problems.raise_if_any()
    return None
