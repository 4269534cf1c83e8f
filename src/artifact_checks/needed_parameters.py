"""Parameters of a pipeline that need a value in every run: it uses them without asking whether there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.parser import holds_expression, parse_template
from pipeline_runtime.expressions.syntax import Access, Call, Embedded, Literal, Node, is_parameters_of_pipeline
from pipeline_runtime.expressions.syntax import walk as nodes_of
from synapse_artifacts.documents import walk

_ASKING = frozenset({"coalesce", "empty", "equals"})


def needed_parameters(value: Any) -> frozenset[str]:
    """Lower-case names of the pipeline's parameters that expressions inside a value use, whatever the values are.

    Not those that one of them compares with null or nothing, nor those that stand in a branch of `if()` alone.
    """
    expressions = [node for _, text in walk(value) if isinstance(text, str) for node in _expressions(text)]
    asked = {name for each in expressions for node in nodes_of(each) for name in _asked_by(node)}
    return frozenset(name for each in expressions for name in _certain(each)) - asked


def _expressions(text: str) -> Iterator[Node]:
    if not holds_expression(text):
        return
    try:
        template = parse_template(text)
    except (ExpressionError, RecursionError):  # the latter where it is nested too deeply to be read
        return  # the check of the pipeline itself tells it
    yield from (part.node for part in template.parts if isinstance(part, Embedded))


def _certain(node: Node) -> Iterator[str]:
    if isinstance(node, Call):
        always = node.arguments[:1] if node.name.lower() == "if" else node.arguments
        for argument in always:
            yield from _certain(argument)
    elif isinstance(node, Access):
        yield from _parameter(node)
        yield from _certain(node.target)
        yield from _certain(node.key)


def _asked_by(node: Node) -> Iterator[str]:
    name = node.name.lower() if isinstance(node, Call) else ""
    arguments = node.arguments if isinstance(node, Call) else ()
    if name not in _ASKING or (name == "equals" and not any(map(_is_null, arguments))):
        return
    for argument in arguments:
        yield from _parameter(argument)


def _is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _parameter(node: Node) -> Iterator[str]:
    """The name behind `pipeline().parameters.`; nothing for anything else."""
    if isinstance(node, Access) and is_parameters_of_pipeline(node.target):
        yield str(node.key.value).lower() if isinstance(node.key, Literal) else ""
