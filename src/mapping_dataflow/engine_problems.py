"""What an engine cannot do of a flow that has problems: all of it, so that every problem is told at once.

Looked for only where a problem is known: writing the SQL of a sound flow finds no more than the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from mapping_dataflow.analysis.datatypes import UNKNOWN
from mapping_dataflow.engines.base import Engine
from mapping_dataflow.errors import Problem, ProblemFound
from mapping_dataflow.expressions import walk, with_inputs
from mapping_dataflow.relations import Relation, expressions_in


def engine_problems(relation: Relation, engine: Engine) -> Iterator[Problem]:
    """The problems of each expression of a relation; those of an unknown type have one that is told already."""
    for expression in expressions_in(relation):
        if any(part.type == UNKNOWN for part in walk(expression)):
            continue
        try:
            engine.expression(with_inputs(expression, lambda number: 0))
        except ProblemFound as found:
            yield found.problem
