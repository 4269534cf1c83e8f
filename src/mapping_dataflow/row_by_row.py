"""Whether the rows of a relation are made one by one: each from a row of one source, whatever other rows there are."""

from __future__ import annotations

from collections.abc import Mapping

from mapping_dataflow.analysis.computed import NEVER_THE_SAME
from mapping_dataflow.expressions import Call, TypedExpression, walk
from mapping_dataflow.relations import (
    Filter,
    Guard,
    Project,
    Relation,
    Scan,
    Stage,
    StageReference,
    Unnest,
    expressions_in,
)

_CLOCK = frozenset({"currentDate", "currentTimestamp", "currentUTC"})


def read_row_by_row(relation: Relation, stages: Mapping[str, Stage]) -> str | None:
    """The relation outside whose rows, one by one and in their order, give those of a relation; None where there is
    none: rows meet each other, come from several places, or have something of the run in them, such as its time."""
    current = relation
    while all(map(_is_of_the_row, expressions_in(current))):
        match current:
            case Scan():
                return current.relation
            case StageReference():
                current = stages[current.stage].relation
            case Project() | Filter() | Guard() | Unnest():
                current = current.source
            case _:
                return None
    return None


def _is_of_the_row(expression: TypedExpression) -> bool:
    functions = {part.function for part in walk(expression) if isinstance(part, Call)}
    return functions.isdisjoint(_CLOCK | NEVER_THE_SAME)
