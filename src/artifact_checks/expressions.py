"""Expressions outside pipelines: in datasets, linked services and triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from artifact_checks.findings import Finding, one_of
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import REFERENCE_NAMES, wrong_calls
from pipeline_runtime.expressions.parser import holds_expression, parse_template
from pipeline_runtime.expressions.syntax import Access, Call, Embedded, Literal, Node
from pipeline_runtime.expressions.syntax import walk as nodes_of
from synapse_artifacts.documents import walk


@dataclass(frozen=True)
class Surroundings:
    """What expressions of a document may name: functions, and the parameters behind the first of them (None: any)."""

    references: tuple[str, ...]
    parameters: frozenset[str] | None = None


# https://learn.microsoft.com/azure/data-factory/how-to-use-trigger-parameterization
TRIGGER = Surroundings(("trigger", "triggerBody", "triggerOutputs"))


def check_expressions(value: Any, pointer: str, surroundings: Surroundings) -> Iterator[Finding]:
    """The problems of every expression inside a value."""
    for place, text in walk(value, pointer):
        if isinstance(text, str) and text != "@" and holds_expression(text):
            yield from _text(text, place, surroundings)


def _text(text: str, pointer: str, surroundings: Surroundings) -> Iterator[Finding]:
    try:
        template = parse_template(text)
    except ExpressionError as error:
        yield Finding(pointer, str(error), character=error.position)
        return
    for part in template.parts:
        if isinstance(part, Embedded):
            for finding, node in _node(part.node, pointer, surroundings):
                cause = f"{finding.cause} (character {node.position + 1} of '{text}')"
                yield Finding(pointer, cause, finding.expected, character=node.position)


def _node(node: Node, pointer: str, surroundings: Surroundings) -> Iterator[tuple[Finding, Node]]:
    allowed = [name.lower() for name in surroundings.references]
    for cause, call in wrong_calls(node):
        if call.name.lower() not in allowed:
            yield Finding(pointer, cause), call
    for each in nodes_of(node):
        if isinstance(each, Call) and each.name.lower() in {name.lower() for name in REFERENCE_NAMES} - {*allowed}:
            expected = " or ".join(f"{name}()" for name in surroundings.references)
            yield Finding(pointer, f"{each.name}() cannot be used here", expected), each
        elif isinstance(each, Access) and isinstance(each.key, Literal):
            yield from _parameter(each, str(each.key.value), pointer, surroundings)


def _parameter(access: Access, key: str, pointer: str, surroundings: Surroundings) -> Iterator[tuple[Finding, Node]]:
    target, known = access.target, surroundings.parameters
    if known is None or not isinstance(target, Call) or target.name.lower() != surroundings.references[0].lower():
        return
    if key.lower() not in {name.lower() for name in known}:
        cause = f"{target.name}() has no parameter '{key}'"
        yield Finding(pointer, cause, one_of(key, known)), access


def declared_names(properties: Mapping[str, Any]) -> frozenset[str]:
    """The names of the parameters that a document declares."""
    declared = properties.get("parameters")
    return frozenset(declared) if isinstance(declared, Mapping) else frozenset()
