"""DuckDB's capability table: one template or builder for every function.

``_1``, ``_2`` … are the arguments. Results are cast to the language's type by the writer where DuckDB's differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.engines.base import Builder, CapabilityTable, chosen, fill
from mapping_dataflow.engines.duckdb import (
    aggregates,
    arrays,
    conversions,
    dates,
    documents,
    hashes,
    numbers,
    ordering,
    patterns,
    texts,
)
from mapping_dataflow.engines.logic import LOGIC
from mapping_dataflow.engines.reach import within_reach
from mapping_dataflow.expressions import Call


def _variadic(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return fill(f"{name}({', '.join(f'_{number}' for number in range(1, len(arguments) + 1))})", arguments)

    return build


CAPABILITIES = CapabilityTable(
    "DuckDB",
    {
        **LOGIC,
        **ordering.COMPARISONS,
        "case": chosen,
        "coalesce": _variadic("coalesce"),
        "iifNull": _variadic("coalesce"),
        **within_reach(texts.FUNCTIONS, fill),
        **within_reach(patterns.FUNCTIONS, fill),
        **numbers.FUNCTIONS,
        **within_reach(arrays.FUNCTIONS, fill),
        **hashes.FUNCTIONS,
        **conversions.CONVERSIONS.functions(),
        **documents.FUNCTIONS,
        **within_reach(dates.FUNCTIONS, fill),
        **aggregates.FUNCTIONS,
    },
)
