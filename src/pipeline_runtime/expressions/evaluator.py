"""Evaluation of expressions against a scope: what `pipeline()`, `activity(…)`, `item()` and their like stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.catalogue import CATALOGUE
from pipeline_runtime.expressions.functions.signature import Surroundings
from pipeline_runtime.expressions.parser import holds_expression, parse_template
from pipeline_runtime.expressions.syntax import (
    Access,
    Call,
    Embedded,
    Literal,
    Node,
    Template,
    Text,
    walk,
)
from pipeline_runtime.expressions.values import (
    Value,
    is_array,
    is_object,
    to_text,
    type_name,
)

_NEEDS_BRACKETS = re.compile("[@-]")
Reference = Callable[[Sequence[Value]], Value]

REFERENCE_NAMES = (
    "pipeline",
    "activity",
    "variables",
    "item",
    "trigger",
    "dataset",
    "linkedService",
)
"""Functions that name things around the expression; which of them exist depends on where it stands."""


@dataclass(frozen=True)
class Scope:
    """What an expression can see: time and chance, and the reference functions by name as in REFERENCE_NAMES."""

    surroundings: Surroundings
    references: Mapping[str, Reference] = field(default_factory=dict)

    def with_reference(self, name: str, reference: Reference) -> Scope:
        """The same scope with one more, or another, reference function."""
        return Scope(self.surroundings, {**self.references, name: reference})


def constant(name: str, value: Value) -> Reference:
    """A reference function without arguments, such as `item()`."""

    def reference(arguments: Sequence[Value]) -> Value:
        if arguments:
            raise ExpressionError(f"the function '{name}' takes 0 argument(s), found {len(arguments)}")
        return value

    return reference


def evaluate(value: Value, scope: Scope) -> Value:
    """Evaluate every expression inside a JSON value; `{"value": "@…", "type": "Expression"}` becomes its result.

    Raises ExpressionError.
    """
    if isinstance(value, str):
        return evaluate_text(value, scope)
    if is_array(value):
        return [evaluate(item, scope) for item in value]
    if is_object(value):
        if is_expression_object(value):
            return evaluate(value["value"], scope)
        return {key: evaluate(item, scope) for key, item in value.items()}
    return value


def is_expression_object(value: Value) -> bool:
    """Whether a JSON value is the wrapper `{"value": …, "type": "Expression"}`."""
    return is_object(value) and value.get("type") == "Expression" and "value" in value and len(value) == 2


def evaluate_text(text: str, scope: Scope) -> Value:
    """Evaluate one JSON string."""
    if not holds_expression(text):
        return text
    return evaluate_template(parse_template(text), scope)


def evaluate_template(template: Template, scope: Scope) -> Value:
    """Evaluate a parsed template."""
    if template.whole:
        part = template.parts[0]
        return _Evaluation(part.source, scope).value(part.node) if isinstance(part, Embedded) else None
    return "".join(
        part.value if isinstance(part, Text) else to_text(_Evaluation(part.source, scope).value(part.node))
        for part in template.parts
    )


def wrong_calls(node: Node) -> Iterator[tuple[str, Call]]:
    """Calls in the tree of functions that do not exist, or with a wrong number of arguments, each with its cause."""
    known = {name.lower() for name in REFERENCE_NAMES}
    for each in walk(node):
        if not isinstance(each, Call) or each.name.lower() in known:
            continue
        function = CATALOGUE.get(each.name.lower())
        if function is None:
            yield f"the function '{each.name}' does not exist in the expression language", each
        elif problem := function.arity_problem(len(each.arguments)):
            yield problem, each


class _Arguments(Sequence[Value]):
    """The values of arguments, each computed when it is asked for."""

    def __init__(self, nodes: Sequence[Node], compute: Callable[[Node], Value]) -> None:
        self._nodes, self._compute = nodes, compute

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Value]: ...
    def __getitem__(self, index: int | slice) -> Value:
        if isinstance(index, slice):
            return _Arguments(self._nodes[index], self._compute)
        return self._compute(self._nodes[index])


class _Evaluation:
    """One walk over a tree; `source` is the text in which positions count."""

    def __init__(self, source: str, scope: Scope) -> None:
        self._source = source
        self._scope = scope
        self._references = {name.lower(): reference for name, reference in scope.references.items()}

    def value(self, node: Node) -> Value:
        if isinstance(node, Literal):
            return node.value
        try:
            return self._call(node) if isinstance(node, Call) else self._access(node)
        except ExpressionError as error:
            raise error.at(self._source, node.position) from error

    def _call(self, node: Call) -> Value:
        name = node.name.lower()
        if name in self._references:
            return self._references[name]([self.value(argument) for argument in node.arguments])
        function = CATALOGUE.get(name)
        if function is None:
            raise self._unknown(node)
        arguments = _Arguments(node.arguments, self.value)
        return function.call(self._scope.surroundings, arguments if function.is_lazy else list(arguments))

    def _unknown(self, node: Call) -> ExpressionError:
        if node.name.lower() in (name.lower() for name in REFERENCE_NAMES):
            return ExpressionError(f"the function '{node.name}' cannot be used here")
        return ExpressionError(f"the function '{node.name}' does not exist in the expression language")

    def _access(self, node: Access) -> Value:
        target, key = self.value(node.target), self.value(node.key)
        if node.is_dotted and (mark := _NEEDS_BRACKETS.search(to_text(key))):
            rule = f"a name with '{mark.group()}' cannot stand behind a point; it is written in brackets"
            raise ExpressionError(f"{rule}: ['{to_text(key)}']")
        if target is None:
            if node.optional:
                return None
            raise ExpressionError(
                f"'{to_text(key)}' cannot be selected from a null value; use '?' before it to get null"
            )
        if is_array(target):
            return _element(target, key, node.optional)
        if is_object(target):
            return _property(target, key, node.optional)
        raise ExpressionError(f"'{to_text(key)}' cannot be selected from a value of type '{type_name(target)}'")


def _element(target: Sequence[Value], key: Value, optional: bool) -> Value:
    if isinstance(key, bool) or not isinstance(key, int):
        raise ExpressionError(f"an array is indexed by an integer, found '{to_text(key)}' of type '{type_name(key)}'")
    if 0 <= key < len(target):
        return target[key]
    if optional:
        return None
    raise ExpressionError(f"the array index '{key}' is outside bounds (0, {len(target) - 1}) of the array")


def _property(target: Mapping[str, Value], key: Value, optional: bool) -> Value:
    if not isinstance(key, str):
        raise ExpressionError(f"an object's property is named by a string, found a value of type '{type_name(key)}'")
    if key in target:
        return target[key]
    for name, value in target.items():
        if name.lower() == key.lower():
            return value
    if optional:
        return None
    available = ", ".join(target) or "none"
    raise ExpressionError(f"property '{key}' doesn't exist, available properties are '{available}'")
