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

_OF_THE_RUN = NEVER_THE_SAME | {"currentDate", "currentTimestamp", "currentUTC"}


def read_row_by_row(relation: Relation, stages: Mapping[str, Stage]) -> str | None:
    """The relation outside whose rows, one by one and in their order, give those of a relation; None where there is
    none: rows meet each other, come from several places, or have something of the run in them, such as its time."""
    below = _below(relation)
    while isinstance(below, Scan | StageReference) and all(map(_is_of_the_row, expressions_in(relation))):
        if isinstance(below, Scan):
            return below.relation
        relation = stages[below.stage].relation
        below = _below(relation)
    return None


def _below(relation: Relation) -> Relation:
    """What a relation reads, through all that makes its rows one by one."""
    while isinstance(relation, Project | Filter | Guard | Unnest):
        relation = relation.source
    return relation


def _is_of_the_row(expression: TypedExpression) -> bool:
    return not any(isinstance(part, Call) and part.function in _OF_THE_RUN for part in walk(expression))
