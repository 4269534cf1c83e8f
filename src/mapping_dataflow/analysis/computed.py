"""Constants of a script by value: folded here, or else computed by an engine before the flow is compiled.

The names that patterns give and their conditions decide what columns there are.
Samples of Studio take them from the rows of cache sinks
(https://learn.microsoft.com/azure/data-factory/data-flow-sink#cached-lookup) and from any function.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from mapping_dataflow.analysis.constants import NotConstantError, Value, converted, fold
from mapping_dataflow.analysis.environment import ComputedValues, Environment
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, ColumnReference, SecretParameter, TypedExpression, walk
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.script import syntax
from mapping_dataflow.script.printer import print_expression


class ValueWantedError(ProblemFound):
    """A value that an engine will have computed when the flow is compiled again."""


Check = Callable[[syntax.Expression, Environment], TypedExpression]
NEVER_THE_SAME = frozenset({"nextSequence", "partitionId", "random", "uuid"})
"""Functions that have another value for each row, whatever is in it."""


def constant_value(node: syntax.Expression, environment: Environment, check: Check, what: str) -> Value:
    """The value of a constant expression. Raises ProblemFound, which names ``what`` is not constant."""
    return value_of(check(node, environment.of_constants()), node, environment, what)


def value_of(typed: TypedExpression, node: syntax.Expression, environment: Environment, what: str) -> Value:
    """The value of a typed expression without columns. Raises ProblemFound."""
    try:
        return fold(typed)
    except NotConstantError as error:
        computed = environment.computed
        obstacle = None if computed is None else _obstacle(typed, computed)
        if computed is None or obstacle is not None:
            reason = obstacle or error.reason
            raise ProblemFound(f"{what} is not a constant: {reason}", node.span) from error
    return _computed(typed, node, computed, what)


def _obstacle(typed: TypedExpression, computed: ComputedValues) -> str | None:
    """Why no engine can compute the value without the rows of the statement's inputs; None when it can."""
    cached = {rows.rows for rows in computed.caches.values()}
    for part in walk(typed):
        if isinstance(part, SecretParameter):
            return "it depends on a secret parameter"
        if isinstance(part, ColumnReference) and part not in cached:
            return "it depends on a column"
        if isinstance(part, Call):
            declared = catalogue.find(part.function)
            if part.function in NEVER_THE_SAME or (declared is not None and declared.kind is not Kind.SCALAR):
                return f"{part.function}() depends on rows"
    return None


def _computed(typed: TypedExpression, node: syntax.Expression, computed: ComputedValues, what: str) -> Value:
    """The value that an engine computed; it is asked for where it did not. Raises ProblemFound."""
    # The number tells what the same text means for one column and for another.
    name = f"{computed.statement}: {print_expression(node)} #{zlib.crc32(repr(typed).encode()):08x}"
    values = computed.known.get(name)
    if values:
        return converted(values[0], typed.type)
    computed.asked[name] = typed
    raise ValueWantedError(
        f"{what} is known once an engine has computed it",
        node.span,
        hint="run the flow, or give the value when it is compiled (required_values)",
    )
