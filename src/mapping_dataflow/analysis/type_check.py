"""Turns syntax into typed expressions: resolves names, checks calls against the catalogue, widens operands.

Raises ProblemFound at the innermost construct that is wrong; callers collect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from mapping_dataflow.analysis import (
    column_functions,
    datatypes,
    lambdas,
    patterns,
    row_state,
    special_functions,
    traced_calls,
    user_functions,
)
from mapping_dataflow.analysis.datatypes import (
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    NULL,
    STRING,
    UNKNOWN,
    Array,
    DataType,
    Map,
    Struct,
)
from mapping_dataflow.analysis.environment import Allowed, CachedRows, Environment, PatternColumn
from mapping_dataflow.analysis.operators import ARITHMETIC, FUNCTION_OF_OPERATOR, arithmetic, widened
from mapping_dataflow.analysis.signature_check import Fitting, check_count
from mapping_dataflow.errors import ProblemFound, Span, counted
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    Lambda,
    LambdaVariable,
    LateParameter,
    Literal,
    StructOf,
    TypedExpression,
)
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Function, Kind
from mapping_dataflow.script import syntax
from mapping_dataflow.script.familiar_words import function_hint

_PATTERN_NAMES = ("name", "type", "stream", "origin", "position")


def check(node: syntax.Expression, environment: Environment) -> TypedExpression:
    """The typed expression that a piece of syntax means here."""
    return _CHECKS[type(node)](node, environment)


# ---------------------------------------------------------------- names and literals


def number(node: syntax.NumberLiteral) -> Literal:
    """A number literal: whole numbers are integer or long, others double; a suffix decides. Raises ProblemFound."""
    text = node.text
    if text[:2] in ("0x", "0X"):
        value = _held(int(text, 16), LONG, node)
        return Literal(value, INTEGER if value < 1 << 31 else LONG)
    suffix = text[-1].lower() if text[-1].isalpha() else ""
    digits = text[:-1] if suffix else text
    if suffix in ("f", "d") or not digits.isdigit():
        if suffix not in ("", "f", "d"):
            raise ProblemFound(f"the suffix {suffix!r} does not go with a fraction", node.span)
        return Literal(float(digits), FLOAT if suffix == "f" else DOUBLE)
    kind = {"l": LONG, "s": datatypes.SHORT, "b": datatypes.BYTE}.get(suffix)
    # Python refuses to read numbers of thousands of digits.
    value = _held(int(digits) if len(digits) < _MOST_DIGITS else 1 << 63, kind or LONG, node)
    return Literal(value, kind or (INTEGER if value < 1 << 31 else LONG))


_MOST_DIGITS = 1000
_BITS: dict[DataType, int] = {LONG: 63, datatypes.SHORT: 15, datatypes.BYTE: 7}


def _held(value: int, kind: DataType, node: syntax.NumberLiteral) -> int:
    """The value. Raises ProblemFound where the type cannot hold it."""
    if value >= 1 << _BITS[kind]:
        raise ProblemFound(f"the number does not fit into a {kind}", node.span)
    return value


def column(node: syntax.ColumnName, environment: Environment) -> TypedExpression:
    """A column reference, or the property of the pattern's column that has this name."""
    if environment.pattern is not None and node.stream is None and node.name in _PATTERN_NAMES:
        return _pattern_property(node.name, environment)
    if node.stream is None and (node.name,) in environment.paths:
        return environment.paths[(node.name,)]
    if (unknown := column_functions.unknown_column(node, environment)) is not None:
        return unknown
    if environment.traced and not environment.first_duplicate and node.stream is None:
        candidates = environment.scope.candidates(node)
        if len(candidates) > 1:
            return traced_calls.either_column(candidates, node.span)
    try:
        found = environment.scope.resolve(node, first=environment.first_duplicate)
    except ProblemFound as missing:
        hint = "" if node.stream is not None else _other_meaning(node.name, environment)
        if not hint:
            raise
        problem = missing.problem
        raise ProblemFound(problem.cause, problem.span, expected=problem.expected, hint=hint) from missing
    return ColumnReference(found.column.key, found.column.type, found.input)


def _other_meaning(name: str, environment: Environment) -> str:
    """What a name that no column has may be meant for."""
    if name in environment.locals:
        return f"did you mean the local :{name}?"
    if name in environment.parameters:
        return f"did you mean the parameter ${name}?"
    if name.lower() in ("true", "false", "null"):
        return f"did you mean {name.lower()}()?"
    if name in environment.made:
        return (
            f"{name} is made by this statement, whose expressions see its input alone: use a local, or a second derive"
        )
    close = get_close_matches(name, _PATTERN_NAMES) if environment.pattern is not None else []
    return f"did you mean {' or '.join(close)}, which patterns know of each column?" if close else ""


def _pattern_property(name: str, environment: Environment) -> Literal:
    pattern = environment.pattern
    assert pattern is not None  # noqa: S101 - guarded by the caller
    if name == "position":
        return Literal(pattern.position, INTEGER)
    found = pattern.column
    stream = environment.scope.inputs[pattern.input].streams[0] if environment.scope.inputs else ""
    kind = found.type
    type_name = "complex" if isinstance(kind, Struct | Map) else "array" if isinstance(kind, Array) else str(kind)
    return Literal({"name": found.name, "type": type_name, "stream": stream, "origin": found.origin}[name], STRING)


def _parameter(node: syntax.ParameterName, environment: Environment) -> TypedExpression:
    if node.name in ("$", "#") or node.name.isdigit():
        return _sign_of_pattern(node, environment.pattern)
    if node.name not in environment.parameters:
        raise ProblemFound(
            f"the flow has no parameter {node.name!r}",
            node.span,
            expected="one of " + ", ".join(environment.parameters) if environment.parameters else "",
        )
    value = environment.parameters[node.name]
    return _late_parameter(value, environment) if isinstance(value, LateParameter) else value


def _sign_of_pattern(node: syntax.ParameterName, pattern: PatternColumn | None) -> TypedExpression:
    """``$$``, ``$#``, ``$0`` and the groups ``$1``, ``$2`` …"""
    if node.name == "$" or (node.name == "1" and pattern is not None and pattern.by_condition):
        if pattern is None:
            raise ProblemFound("$$ stands for a column only inside a pattern", node.span, expected="each(match(…), …)")
        return _matched_column(pattern)
    if node.name == "#":
        if pattern is None:
            cause = "$# stands for the position of a column only inside a pattern"
            raise ProblemFound(cause, node.span, expected="each(match(…), …)")
        return Literal(pattern.position, INTEGER)
    if node.name == "0" and pattern is not None:
        return Literal(pattern.path, STRING)
    if pattern is None or int(node.name) > len(pattern.groups):
        raise ProblemFound(f"${node.name} is no group of a patternMatch here", node.span)
    return Literal(pattern.groups[int(node.name) - 1], STRING)


def _matched_column(pattern: PatternColumn) -> TypedExpression:
    if pattern.value_is_name:
        return Literal(pattern.column.name, STRING)
    if pattern.value is not None:
        return pattern.value
    return ColumnReference(pattern.column.key, pattern.column.type, pattern.input)


def _late_parameter(parameter: LateParameter, environment: Environment) -> TypedExpression:
    declaration = parameter.declaration
    if declaration.default is None:
        raise AssertionError("internal-error: a parameter without an expression is evaluated")
    try:
        found = check(declaration.default, replace(environment, parameters=parameter.earlier))
    except ProblemFound as problem:
        cause = f"in the expression of parameter {parameter.name!r}: {problem.problem.cause}"
        raise ProblemFound(
            cause, problem.problem.span, expected=problem.problem.expected, hint=problem.problem.hint
        ) from problem
    return widened(found, parameter.type)


def _lambda_variable(node: syntax.LambdaName, environment: Environment) -> LambdaVariable:
    name, _, level = node.name.partition("_")
    if not level.isdigit():
        name, level = node.name, "0"
    frames = [frame for frame in reversed(environment.lambdas) if name in frame.variables]
    if int(level) >= len(frames):
        known = sorted({f"#{one}" for frame in environment.lambdas for one in frame.variables})
        raise ProblemFound(
            f"#{node.name} means nothing here",
            node.span,
            expected="one of " + ", ".join(known) if known else "it inside a function such as map() or filter()",
        )
    engine_name, kind = frames[int(level)].variables[name]
    return LambdaVariable(engine_name, kind)


def _template(node: syntax.TemplateLiteral, environment: Environment) -> TypedExpression:
    parts: list[TypedExpression] = []
    for part in node.parts:
        if isinstance(part, str):
            parts.append(Literal(part, STRING))
        else:
            parts.append(special_functions.to_text(check(part, environment), part.span))
    if not parts:
        return Literal("", STRING)
    return parts[0] if len(parts) == 1 else Call("concat", tuple(parts), STRING, node.span)


def member(node: syntax.Member, environment: Environment) -> TypedExpression:
    """``struct.field``; a path that was unrolled by a flatten means the unrolled item."""
    path = syntax.dotted_path(node)
    if path is not None and path in environment.paths:
        return environment.paths[path]
    base = check(node.base, environment)
    kind, depth = base.type, 0
    while isinstance(kind, Array):
        kind, depth = kind.element, depth + 1
    if kind == UNKNOWN:
        return FieldAccess(base, node.name, UNKNOWN)
    if kind == NULL:
        return Literal(None, NULL)
    found = kind.field(node.name) if isinstance(kind, Struct) else None
    if found is None:
        fields = ", ".join(name for name, _ in kind.fields) if isinstance(kind, Struct) else ""
        raise ProblemFound(
            f"there is no field {node.name!r} in {base.type}", node.span, expected=f"one of {fields}" if fields else ""
        )
    for _ in range(depth):
        found = Array(found)
    return FieldAccess(base, node.name, found)


def _map(node: syntax.MapLiteral, environment: Environment) -> TypedExpression:
    flat = [part for entry in node.entries for part in entry]
    return special_functions.associate([check(part, environment) for part in flat], node.span)


def _struct(node: syntax.StructLiteral, environment: Environment) -> TypedExpression:
    fields: list[tuple[str, TypedExpression]] = []
    for argument in node.fields:
        if isinstance(argument, syntax.Block) and argument.name == "each":
            taken = dict(fields)
            for match in patterns.expand(argument, environment, check):
                taken[match.name] = match.value
            fields = list(taken.items())
            continue
        if not isinstance(argument, syntax.Assignment) or not isinstance(
            argument.target, syntax.ColumnName | syntax.StringLiteral
        ):
            raise ProblemFound(
                "this form of a struct's field is not supported yet", argument.span, expected="name = value"
            )
        target = argument.target
        name = target.name if isinstance(target, syntax.ColumnName) else target.value
        if name in dict(fields):
            raise ProblemFound(f"the struct has two fields named {name!r}", argument.span)
        fields.append((name, check(argument.value, environment)))
    if not fields:
        raise ProblemFound("the struct has no fields", node.span, expected="@(name = value, …)")
    return StructOf(tuple(fields), Struct(tuple((name, value.type) for name, value in fields)), node.span)


# ---------------------------------------------------------------- operators and calls


def _binary(node: syntax.Binary, environment: Environment) -> TypedExpression:
    left, right = check(node.left, environment), check(node.right, environment)
    name = FUNCTION_OF_OPERATOR[node.operator]
    return apply_name(name, [left, right], (node.left, node.right), node.span)


def _unary(node: syntax.Unary, environment: Environment) -> TypedExpression:
    operand = check(node.operand, environment)
    if node.operator == "+":
        return operand
    if node.operator == "-" and isinstance(operand, Literal) and isinstance(operand.value, int | float):
        return Literal(-operand.value, operand.type)
    return apply_name("not" if node.operator == "!" else "negate", [operand], (node.operand,), node.span)


def call(node: syntax.FunctionCall, environment: Environment) -> TypedExpression:
    """A call of a catalogue function, or of one that is typed by itself. Unknown names are errors."""
    special = catalogue.special_name(node.name)
    if special in column_functions.META:
        return column_functions.META[special](node, environment, check)
    if special is not None and special in row_state.FUNCTIONS:
        return row_state.FUNCTIONS[special](node, environment, check)
    function = catalogue.find(node.name)
    own = environment.functions.get(node.name.lower())
    if own is not None:
        return user_functions.call(own, node, environment, check)
    if (traced := traced_calls.traced_call(node, function, environment, check)) is not None:
        return traced
    if special is None and function is None:
        raise _unknown_function(node)
    if function is not None:
        _check_place(function, node, environment)
        _check_rows(function, node, environment)
        if any(parameter.variables for parameter in function.parameters):
            return lambdas.with_lambdas(function, node, environment, check)
    inner = replace(environment, allowed=Allowed.NONE) if _is_grouping(function) else environment
    several = column_functions.several(node, inner, check, apply_name)
    if several is not None:
        return column_functions.as_one(several, node)
    nodes, arguments = column_functions.checked_arguments(node, inner, check, apply_name)
    return apply_name(special or node.name, arguments, nodes, node.span)


def _is_grouping(function: Function | None) -> bool:
    return function is not None and function.kind is not Kind.SCALAR


def _unknown_function(node: syntax.FunctionCall) -> ProblemFound:
    name_span = Span(node.span.start, node.span.start + len(node.name))
    cached = catalogue.cached_name(node.name)
    if cached is not None:
        key = "key" if cached.endswith("lookup") else ""
        return ProblemFound(
            f"{cached}() does not say which cache sink it asks", name_span, expected=f"sink#{cached}({key})"
        )
    close = catalogue.close_names(node.name)
    hint = "did you mean " + " or ".join(f"{name}()" for name in close) + "?" if close else ""
    hint = function_hint(node.name) or hint
    return ProblemFound(f"there is no function {node.name!r}", name_span, hint=hint)


def _check_place(function: Function, node: syntax.FunctionCall, environment: Environment) -> None:
    needed = {Kind.AGGREGATE: Allowed.AGGREGATES, Kind.WINDOW: Allowed.WINDOWS}.get(function.kind)
    if needed is not None and needed not in environment.allowed:
        where = "aggregate or window transformation" if function.kind is Kind.AGGREGATE else "window transformation"
        raise ProblemFound(
            f"{function.name}() may not stand here",
            node.span,
            expected=f"{function.name}() in an {where} and not inside another aggregate"
            if function.kind is Kind.AGGREGATE
            else f"{function.name}() in a {where}",
        )


_BY_ROW = ("nextSequence", "unfold")
"""Functions that count rows or make some, which has no meaning for the items of an array."""


def _check_rows(function: Function, node: syntax.FunctionCall, environment: Environment) -> None:
    if function.name == "unfold" and not environment.lambdas and Allowed.ROWS not in environment.allowed:
        raise ProblemFound("unfold() may not stand here", node.span, expected="unfold() in a derive or select")
    counted_rows = function.name in _BY_ROW or (function.name == "random" and node.arguments)
    if counted_rows and environment.lambdas:
        raise ProblemFound(
            f"{function.name}() may not stand inside a function over the items of an array",
            node.span,
            expected="it outside of map(), filter() and their like",
        )


def _is_written(node: syntax.Expression) -> bool:
    """True for a number that stands in the script itself."""
    number = node.operand if isinstance(node, syntax.Unary) else node
    return isinstance(number, syntax.NumberLiteral)


def apply_name(
    name: str, arguments: list[TypedExpression], nodes: tuple[syntax.Expression, ...], span: Span
) -> TypedExpression:
    """The call of a function to arguments that are typed already."""
    if name in ARITHMETIC:
        if len(arguments) != 2:
            raise ProblemFound(
                f"{name}() has {counted(len(arguments), 'argument')}", span, expected=f"{name}(value, value)"
            )
        return arithmetic(name, (arguments[0], arguments[1]), span, tuple(map(_is_written, nodes)))
    special = special_functions.TYPED.get(name)
    if special is not None:
        return special(arguments, span)
    function = catalogue.find(name)
    if function is None:
        raise ValueError(f"internal-error: the catalogue has no {name}")
    check_count(function, len(arguments), span)
    fitting = Fitting(function, span)
    for index, argument in enumerate(arguments):
        fitting.bind(index, argument, nodes[index].span if index < len(nodes) else span)
    fitted = tuple(
        fitting.fitted(index, argument, nodes[index].span if index < len(nodes) else span)
        for index, argument in enumerate(arguments)
    )
    special_functions.check_conversion(function.name, fitted, span)
    return Call(function.name, fitted, fitting.result(fitted), span)


def condition(node: syntax.Expression, environment: Environment, what: str) -> TypedExpression:
    """A boolean expression. Raises ProblemFound when it is of another type."""
    typed = check(node, environment)
    if typed.type not in (BOOLEAN, NULL, UNKNOWN):
        raise ProblemFound(f"{what} is {typed.type}", node.span, expected="a boolean")
    return Convert(typed, BOOLEAN) if typed.type == UNKNOWN else widened(typed, BOOLEAN)


def _index(node: syntax.Index, environment: Environment) -> TypedExpression:
    base, index = check(node.base, environment), check(node.index, environment)
    return special_functions.at(base, index, node.base.span, node.index.span)


def _local(node: syntax.LocalName, environment: Environment) -> TypedExpression:
    if node.name not in environment.locals:
        raise ProblemFound(f"there is no local {node.name!r} here", node.span)
    return environment.locals[node.name]


def _array(node: syntax.ArrayLiteral, environment: Environment) -> TypedExpression:
    return apply_name("array", [check(item, environment) for item in node.items], node.items, node.span)


def _assertion(node: syntax.TypeAssertion, environment: Environment) -> TypedExpression:
    asserted = widened(check(node.expression, environment), datatypes.from_syntax(node.type))
    return replace(asserted, span=node.span) if isinstance(asserted, Convert) else asserted


def _cache(node: syntax.CacheCall, environment: Environment) -> TypedExpression:
    answer = environment.cache_calls.get(node)
    if answer is None and node.sink in environment.cached_rows:
        answer = _found_in_cache(node, environment.cached_rows[node.sink], environment)
    if answer is None:
        raise ProblemFound(
            f"{node.sink}#{node.function}() depends on the data", node.span, expected="a value that needs no data"
        )
    if Allowed.AGGREGATES in environment.allowed and Allowed.WINDOWS not in environment.allowed:
        return Call("first", (answer,), answer.type, node.span)
    return answer


def _found_in_cache(node: syntax.CacheCall, cached: CachedRows, environment: Environment) -> TypedExpression:
    """The rows of a cache that are asked for: all, the first, or those with the keys."""
    if node.function in ("output", "outputs"):
        return cached.rows if node.function == "outputs" else special_functions.first_item(cached.rows)
    element = cached.rows.type.element if isinstance(cached.rows.type, Array) else cached.rows.type
    variable = LambdaVariable(f"cached_{len(environment.lambdas)}", element)
    condition: TypedExpression = Literal(True, BOOLEAN)
    for name, argument in zip(cached.keys, node.arguments, strict=True):
        kind = element.field(name) if isinstance(element, Struct) else None
        own = FieldAccess(variable, name, kind or UNKNOWN)
        equal = apply_name("equals", [own, check(argument, environment)], (argument, argument), node.span)
        condition = Call("and", (condition, equal), BOOLEAN)
    function = "find" if node.function == "lookup" else "filter"
    kind = element if node.function == "lookup" else cached.rows.type
    return Call(function, (cached.rows, Lambda((variable.name,), condition, BOOLEAN)), kind, node.span)


_CHECKS: Mapping[type, Callable[[Any, Environment], TypedExpression]] = {
    syntax.ArrayLiteral: _array,
    syntax.Binary: _binary,
    syntax.BooleanLiteral: lambda node, environment: Literal(node.value, BOOLEAN),
    syntax.CacheCall: _cache,
    syntax.ColumnName: column,
    syntax.FunctionCall: call,
    syntax.Index: _index,
    syntax.LambdaName: _lambda_variable,
    syntax.LocalName: _local,
    syntax.MapLiteral: _map,
    syntax.Member: member,
    syntax.NullLiteral: lambda node, environment: Literal(None, NULL),
    syntax.NumberLiteral: lambda node, environment: number(node),
    syntax.ParameterName: _parameter,
    syntax.Parenthesised: lambda node, environment: check(node.expression, environment),
    syntax.StringLiteral: lambda node, environment: Literal(node.value, STRING),
    syntax.StructLiteral: _struct,
    syntax.TemplateLiteral: _template,
    syntax.TypeAssertion: _assertion,
    syntax.Unary: _unary,
}
