"""Spark's capability table: one template or builder for every function.

``_1``, ``_2`` … are the arguments. Results are cast to the language's type by the writer where Spark's differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.engines.base import Builder, CapabilityTable, chosen
from mapping_dataflow.engines.logic import LOGIC
from mapping_dataflow.engines.reach import within_reach
from mapping_dataflow.engines.spark import aggregates, arrays, dates, documents, hashes, numbers, patterns, texts
from mapping_dataflow.engines.spark.conversions import CONVERSIONS
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import sql
from mapping_dataflow.expressions import Call


def _variadic(name: str) -> Builder:
    """coalesce(), greatest() and least(); the latter want two values or more in Spark."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return named_call(name, *arguments) if len(arguments) > 1 else arguments[0]

    return build


CAPABILITIES = CapabilityTable(
    "Spark",
    {
        **LOGIC,
        "case": chosen,
        "coalesce": _variadic("coalesce"),
        "greatest": _variadic("greatest"),
        "iifNull": _variadic("coalesce"),
        "least": _variadic("least"),
        **within_reach(texts.FUNCTIONS, sql),
        **within_reach(patterns.FUNCTIONS, sql),
        **numbers.FUNCTIONS,
        **within_reach(arrays.FUNCTIONS, sql),
        **hashes.FUNCTIONS,
        **CONVERSIONS.functions(),
        **documents.FUNCTIONS,
        **within_reach(dates.FUNCTIONS, sql),
        **aggregates.FUNCTIONS,
    },
)
