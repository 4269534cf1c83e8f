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
    patterns,
    texts,
)
from mapping_dataflow.expressions import Call

_LOGIC: dict[str, str] = {
    "and": "_1 AND _2",
    "between": "_1 BETWEEN _2 AND _3",
    "compare": "CASE WHEN _1 < _2 THEN -1 WHEN _1 > _2 THEN 1 WHEN _1 = _2 THEN 0 END",
    "equals": "_1 = _2",
    "false": "FALSE",
    "greater": "_1 > _2",
    "greaterOrEqual": "_1 >= _2",
    "iif/2": "CASE WHEN _1 THEN _2 END",
    "iif/3": "CASE WHEN _1 THEN _2 ELSE _3 END",
    "isNull": "_1 IS NULL",
    "lesser": "_1 < _2",
    "lesserOrEqual": "_1 <= _2",
    "not": "NOT _1",
    "notEquals": "_1 <> _2",
    "nullSafeEquals": "_1 IS NOT DISTINCT FROM _2",
    "or": "_1 OR _2",
    "true": "TRUE",
    "xor": "_1 <> _2",
}


def _variadic(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return fill(f"{name}({', '.join(f'_{number}' for number in range(1, len(arguments) + 1))})", arguments)

    return build


CAPABILITIES = CapabilityTable(
    "DuckDB",
    {
        **_LOGIC,
        "case": chosen,
        "coalesce": _variadic("coalesce"),
        "greatest": _variadic("greatest"),
        "iifNull": _variadic("coalesce"),
        "least": _variadic("least"),
        **texts.FUNCTIONS,
        **patterns.FUNCTIONS,
        **numbers.FUNCTIONS,
        **arrays.FUNCTIONS,
        **hashes.FUNCTIONS,
        **conversions.CONVERSIONS.functions(),
        **documents.FUNCTIONS,
        **dates.FUNCTIONS,
        **aggregates.FUNCTIONS,
    },
)
