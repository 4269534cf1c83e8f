"""Row hashes in Spark: over text natively, as only strings are their own bytes there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import NULL, STRING
from mapping_dataflow.engines.base import Builder
from mapping_dataflow.engines.spark.types import sql
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Literal, TypedExpression


def _digest(
    template: str, call: Call, typed: Sequence[TypedExpression], values: Sequence[exp.Expression]
) -> exp.Expression:
    pairs = [(one, value) for one, value in zip(typed, values, strict=True) if one.type != NULL]
    if not all(one.type == STRING for one, _ in pairs):
        raise ProblemFound(f"Spark cannot compute {call.function}() of values that are no strings yet", call.span)
    parts = [value for _, value in pairs] or [exp.Literal.string("")]
    listed = ", ".join(f"coalesce(_{number}, '')" for number in range(1, len(parts) + 1))
    return sql(template, [sql(f"concat({listed})", parts)])


def _hash(template: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return _digest(template, call, call.arguments, arguments)

    return build


def _sha2(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    bits = call.arguments[0].value if isinstance(call.arguments[0], Literal) else None
    return _digest(f"sha2(_1, {bits})", call, call.arguments[1:], arguments[1:])


FUNCTIONS: dict[str, str | Builder] = {"md5": _hash("md5(_1)"), "sha1": _hash("sha1(_1)"), "sha2": _sha2}
