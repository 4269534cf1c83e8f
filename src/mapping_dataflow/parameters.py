"""Values of a flow's parameters: given ones converted to the declared types, defaults, and secrets kept apart."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal as PythonDecimal

from mapping_dataflow.analysis.constants import NotConstantError, Value, converted, fold
from mapping_dataflow.analysis.datatypes import INTEGER, STRING, TIMESTAMP, UNKNOWN, from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import NOWHERE, ProblemCollector, ProblemFound
from mapping_dataflow.expressions import Call, LateParameter, Literal, SecretParameter, TypedExpression, rebuilt, walk
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
            found = _expression(declaration, given, expressions, lenient=lenient)
            if declaration.name in secret:
                secrets[declaration.name] = _secret_value(found, declaration)
                found = SecretParameter(declaration.name, found.type)
        except ProblemFound as problem:
            problems.add(problem.problem)
            found = Literal(None, UNKNOWN)  # its uses are no further problems
        expressions[declaration.name] = found
    declared = {declaration.name for declaration in flow.script.parameters}
    for name in sorted({*given, *secret} - declared):
        listed = ", ".join(sorted(declared))
        problems.report(
            f"the flow declares no parameter {name!r}", NOWHERE, expected=f"one of {listed}" if listed else ""
        )
    return BoundParameters(expressions, secrets)


def _expression(
    declaration: syntax.ParameterDeclaration,
    given: Mapping[str, object],
    earlier: Mapping[str, TypedExpression],
    *,
    lenient: bool,
) -> TypedExpression:
    kind = from_syntax(declaration.type)
    if declaration.name in given:
        value = given[declaration.name]
        result = converted(value, kind) if fits(value) else None
        if value is not None and result is None:
            # The value itself is not shown: it may be a secret.
            raise ProblemFound(f"the value given for parameter {declaration.name!r} is no {kind}", declaration.span)
        return Literal(result, kind)
    if declaration.default is None:
        if lenient:
            return Literal(None, kind)
        raise ProblemFound(f"the parameter {declaration.name!r} has no value", declaration.span, hint="give it a value")
    if _names_columns(declaration.default):
        return LateParameter(declaration.name, kind, declaration, dict(earlier))
    typed = rebuilt(widened(check(declaration.default, Environment(parameters=earlier)), kind), _once)
    try:
        return Literal(fold(typed), kind)
    except NotConstantError as error:
        if _is_one_value(typed):
            return typed
        raise ProblemFound(
            f"the default of parameter {declaration.name!r} is not a constant: {error.reason}", declaration.span
        ) from error


def _names_columns(default: syntax.Expression) -> bool:
    return any(isinstance(part, syntax.ColumnName) for part in syntax.nested(default))


def _once(part: TypedExpression) -> TypedExpression:
    """``uuid()`` as a value that is one for the run: a digest of the run's time in the form of an identifier."""
    if not isinstance(part, Call) or part.function != "uuid":
        return part
    now = Call("toString", (Call("currentTimestamp", (), TIMESTAMP),), STRING)
    digest = Call("md5", (now,), STRING)
    groups = [
        Call("substring", (digest, Literal(start, INTEGER), Literal(length, INTEGER)), STRING)
        for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    ]
    dashed: list[TypedExpression] = [groups[0]]
    for group in groups[1:]:
        dashed += [Literal("-", STRING), group]
    return Call("concat", tuple(dashed), STRING)


def _is_one_value(expression: TypedExpression) -> bool:
    """True when the expression is the same for all rows of a run, as clock functions are."""
    return not any(
        isinstance(part, SecretParameter) or (isinstance(part, Call) and part.function in ("random", "uuid"))
        for part in walk(expression)
    )


def _secret_value(expression: TypedExpression, declaration: syntax.ParameterDeclaration) -> Value:
    if isinstance(expression, Literal):
        return expression.value
    raise ProblemFound(f"the secret parameter {declaration.name!r} has no constant value", declaration.span)


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
