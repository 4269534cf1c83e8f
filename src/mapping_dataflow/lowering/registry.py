"""The transformations: which module lowers a verb, and how many inputs it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.lowering import (
    assertions,
    combine,
    derive,
    documents,
    flatten,
    flowlets,
    group,
    pivot,
    rows,
    select,
    sink,
    source,
)
from mapping_dataflow.lowering.context import LoweringContext
from mapping_dataflow.lowering.outside import lower_call
from mapping_dataflow.relations import Stage


@dataclass(frozen=True, slots=True)
class Transformation:
    """A verb's lowering and its number of inputs (``most`` None: any number)."""

    lower: Callable[[LoweringContext], list[Stage]]
    fewest: int = 1
    most: int | None = 1


CANNOT: Mapping[str, str] = {
    "call": "it asks a service for every row, which a local engine does not do",
}
"""Transformations that no engine here can do, with the reason."""


def _call(context: LoweringContext) -> list[Stage]:
    if context.given.traced:
        return lower_call(context)
    verb = context.statement.verb
    raise ProblemFound(f"the transformation {verb!r} cannot run locally: {CANNOT[verb]}", context.statement.verb_span)


TRANSFORMATIONS: Mapping[str, Transformation] = {
    "aggregate": Transformation(group.lower_aggregate),
    "alterRow": Transformation(assertions.lower_alter_row),
    "assert": Transformation(assertions.lower_assert, 1, None),
    "cast": Transformation(assertions.lower_cast),
    "call": Transformation(_call),
    "compose": Transformation(flowlets.lower_compose, 0, None),
    "derive": Transformation(derive.lower),
    "exists": Transformation(combine.lower_exists, 2, 2),
    "filter": Transformation(rows.lower_filter),
    "foldDown": Transformation(flatten.lower),
    "input": Transformation(flowlets.lower_input, 0, 0),
    "join": Transformation(combine.lower_join, 2, 2),
    "keyGenerate": Transformation(rows.lower_key_generate),
    "lookup": Transformation(combine.lower_lookup, 2, 2),
    "output": Transformation(flowlets.lower_output),
    "parse": Transformation(documents.lower_parse),
    "pivot": Transformation(pivot.lower_pivot),
    "rank": Transformation(group.lower_rank),
    "select": Transformation(select.lower),
    "sink": Transformation(sink.lower),
    "sort": Transformation(rows.lower_sort),
    "source": Transformation(source.lower, 0, 0),
    "split": Transformation(rows.lower_split),
    "stringify": Transformation(documents.lower_stringify),
    "union": Transformation(combine.lower_union, 1, None),
    "unpivot": Transformation(pivot.lower_unpivot),
    "window": Transformation(group.lower_window),
}
