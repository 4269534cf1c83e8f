"""Values of a flow's parameters: given ones converted to the declared types, defaults, and secrets kept apart.

What a pipeline gives may be an expression, as a default may: it may name columns, other parameters and the clock.
https://learn.microsoft.com/azure/data-factory/parameters-data-flow
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal as PythonDecimal
from graphlib import CycleError, TopologicalSorter

from mapping_dataflow.analysis.constants import NotConstantError, Value, converted, fold
from mapping_dataflow.analysis.datatypes import (
    INTEGER,
    LONG,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    DataType,
    from_syntax,
    is_integral,
)
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import NOWHERE, ProblemCollector, ProblemFound
from mapping_dataflow.expressions import Call, LateParameter, Literal, SecretParameter, TypedExpression, rebuilt, walk
from mapping_dataflow.flow import Flow
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_expression

_OF_ROWS = frozenset(
    """asserterrormessages byitem byname bynames byorigin byorigins bypath byposition columnnames columns hascolumn
    haserror haspath isdelete iserror isignore isinsert ismatch isupdate isupsert origincolumns""".split()
)
"""Functions whose value depends on the rows where they stand, in lower case."""
_OPEN = (syntax.CacheCall, syntax.ColumnName, syntax.ParameterName)

_EXAMPLES = {
    "boolean": "true()",
    "date": "toDate('2024-01-31')",
    "timestamp": "toTimestamp('2024-01-31 10:30:00')",
}
"""Values of the types that have no literals of their own, or such as are often written in another way."""


@dataclass(frozen=True)
class ParameterExpression:
    """What is given to a parameter when it is no constant: the text of an expression."""

    text: str


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
    declarations = [_with_expression(declaration, given) for declaration in flow.script.parameters]
    values = {name: value for name, value in given.items() if not isinstance(value, ParameterExpression)}
    for declaration in _in_order(declarations, given, problems):
        try:
            if declaration.name not in given:
                _check_before(declaration, declarations)
            found = _expression(declaration, values, expressions, lenient=lenient)
            if declaration.name in secret:
                secrets[declaration.name] = _secret_value(found, declaration)
                found = SecretParameter(declaration.name, found.type)
        except ProblemFound as problem:
            problems.add(problem.problem)
            found = Literal(None, UNKNOWN)  # its uses are no further problems
        expressions[declaration.name] = found
    declared = {declaration.name for declaration in flow.script.parameters}
    _check_names(flow.script.parameters, problems)
    for name in declared - expressions.keys():  # their problem is known
        expressions[name] = Literal(None, UNKNOWN)
    for name in sorted({*given, *secret} - declared):
        listed = ", ".join(sorted(declared))
        problems.report(
            f"the flow declares no parameter {name!r}", NOWHERE, expected=f"one of {listed}" if listed else ""
        )
    return BoundParameters(expressions, secrets)


def _check_names(declarations: Sequence[syntax.ParameterDeclaration], problems: ProblemCollector) -> None:
    known: set[str] = set()
    for declaration in declarations:
        if declaration.name in known:
            problems.report(f"two parameters are called {declaration.name!r}", declaration.span)
        known.add(declaration.name)


def _with_expression(
    declaration: syntax.ParameterDeclaration, given: Mapping[str, object]
) -> syntax.ParameterDeclaration:
    """The declaration with the expression that is given instead of its default."""
    value = given.get(declaration.name)
    if not isinstance(value, ParameterExpression):
        return declaration
    return replace(declaration, default=syntax.placed(parse_expression(value.text), declaration.span))


def _in_order(
    declarations: Sequence[syntax.ParameterDeclaration], given: Mapping[str, object], problems: ProblemCollector
) -> Sequence[syntax.ParameterDeclaration]:
    """The declarations, those first that the expressions of others refer to. A default sees what stands before it, what
    is given sees every other parameter."""
    by_name = {declaration.name: declaration for declaration in declarations}
    needed: dict[str, list[str]] = {}
    for number, declaration in enumerate(declarations):
        value = given.get(declaration.name)
        seen = by_name.keys() if isinstance(value, ParameterExpression) else [one.name for one in declarations[:number]]
        used = [] if value is not None and not isinstance(value, ParameterExpression) else _used(declaration.default)
        needed[declaration.name] = [name for name in used if name in seen]
    try:
        return [by_name[name] for name in TopologicalSorter(needed).static_order()]
    except CycleError as error:
        names = error.args[1]
        problems.report("the parameters " + " -> ".join(names) + " refer to each other", by_name[names[0]].span)
        return ()


def _used(expression: syntax.Expression | None) -> list[str]:
    """The names of parameters in an expression."""
    return [part.name for part in syntax.nested(expression) if isinstance(part, syntax.ParameterName)]


def _check_before(
    declaration: syntax.ParameterDeclaration, declarations: Sequence[syntax.ParameterDeclaration]
) -> None:
    """Raises ProblemFound for a default that refers to itself, or to what is declared after it."""
    names = [one.name for one in declarations]
    number = declarations.index(declaration)
    for part in syntax.nested(declaration.default):
        if isinstance(part, syntax.ParameterName) and part.name in names and part.name not in names[:number]:
            itself = "itself" if part.name == declaration.name else f"{part.name!r}, which is declared after it"
            raise ProblemFound(
                f"the default of {declaration.name!r} refers to {itself}",
                part.span,
                hint="a default sees what is declared before it; a value that is given takes its place",
            )


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
        result = converted(value, kind) if fits(value) and _is_within(value, kind) else None
        if value is not None and result is None:
            # The value itself is not shown: it may be a secret.
            cause = f"the value given for parameter {declaration.name!r} is no {kind}"
            example = _EXAMPLES.get(str(kind))
            raise ProblemFound(cause, declaration.span, expected=f"it as in {example}" if example else "")
        return Literal(result, kind)
    if declaration.default is None:
        if lenient:
            return Literal(None, kind)
        raise ProblemFound(f"the parameter {declaration.name!r} has no value", declaration.span, hint="give it a value")
    if _depends_on_rows(declaration.default, earlier):
        return LateParameter(declaration.name, kind, declaration, dict(earlier))
    written = check(declaration.default, Environment(parameters=earlier))
    typed = rebuilt(widened(written, kind), _once)
    try:
        value = fold(typed)
        if value is None and fold(written) not in (None, ""):  # an empty text stands for no value
            raise ProblemFound(f"the default of parameter {declaration.name!r} is no {kind}", declaration.span)
        return Literal(value, kind)
    except NotConstantError as error:
        if _is_one_value(typed):
            return typed
        raise ProblemFound(
            f"the expression of parameter {declaration.name!r} is not a constant: {error.reason}", declaration.span
        ) from error


def _is_within(value: object, kind: DataType) -> bool:
    """False for a fraction that is more, or no number, where a whole number is asked for: nobody means the bounds."""
    if not isinstance(value, float) or not is_integral(kind):
        return True
    return converted(value, LONG) == converted(converted(value, kind), LONG) and abs(value) < 1 << 63


def _depends_on_rows(expression: syntax.Expression, earlier: Mapping[str, TypedExpression]) -> bool:
    """True for what has no value by itself: it names columns, or asks what is known about rows or groups of them."""
    return any(
        isinstance(part, syntax.CacheCall | syntax.ColumnName)
        or (isinstance(part, syntax.ParameterName) and isinstance(earlier.get(part.name), LateParameter))
        or (isinstance(part, syntax.FunctionCall) and _is_of_rows(part.name))
        for part in syntax.nested(expression)
    )


def _is_of_rows(function: str) -> bool:
    declared = catalogue.find(function)
    return function.lower() in _OF_ROWS or (declared is not None and declared.kind is not Kind.SCALAR)


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


def parameter_value(text: str) -> Value | ParameterExpression:
    """What an expression gives a parameter: its value when it is a constant, else the expression itself.

    Raises MappingDataFlowErrors for what is no expression, and for constants with mistakes.
    """
    node = parse_expression(text)
    if any(isinstance(part, _OPEN) for part in syntax.nested(node)) or _depends_on_rows(node, {}):
        return ParameterExpression(text)
    try:
        return fold(check(node, Environment()))
    except NotConstantError:
        return ParameterExpression(text)
    except ProblemFound:
        return evaluate_constant(text)


def evaluate_constant(text: str) -> Value:
    """The Python value of a constant expression of the language, such as ``'text'`` or ``toDate('2020-01-01')``.

    Raises MappingDataFlowErrors.
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
