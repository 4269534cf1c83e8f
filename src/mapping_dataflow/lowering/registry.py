"""The transformations: which module lowers a verb, and how many inputs it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mapping_dataflow.lowering import assertions, combine, derive, flatten, group, rows, select, sink, source
from mapping_dataflow.lowering.context import LoweringContext
from mapping_dataflow.relations import Stage


@dataclass(frozen=True, slots=True)
class Transformation:
    """A verb's lowering and its number of inputs (``most`` None: any number)."""

    lower: Callable[[LoweringContext], list[Stage]]
    fewest: int = 1
    most: int | None = 1


TRANSFORMATIONS: Mapping[str, Transformation] = {
    "aggregate": Transformation(group.lower_aggregate),
    "alterRow": Transformation(assertions.lower_alter_row),
    "assert": Transformation(assertions.lower_assert, 1, None),
    "cast": Transformation(assertions.lower_cast),
    "derive": Transformation(derive.lower),
    "exists": Transformation(combine.lower_exists, 2, 2),
    "filter": Transformation(rows.lower_filter),
    "foldDown": Transformation(flatten.lower),
    "join": Transformation(combine.lower_join, 2, 2),
    "keyGenerate": Transformation(rows.lower_key_generate),
    "lookup": Transformation(combine.lower_lookup, 2, 2),
    "select": Transformation(select.lower),
    "sink": Transformation(sink.lower),
    "sort": Transformation(rows.lower_sort),
    "source": Transformation(source.lower, 0, 0),
    "split": Transformation(rows.lower_split),
    "union": Transformation(combine.lower_union, 2, None),
    "window": Transformation(group.lower_window),
}

NOT_YET = frozenset("call compose input output parse pivot rank stringify unpivot externalCall flowlet".split())
"""Transformations of the language that this compiler does not know yet."""
