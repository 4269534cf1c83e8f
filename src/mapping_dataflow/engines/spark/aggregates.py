"""Aggregate and window functions in Spark. The ``…If`` forms make other rows null; the relation writer adds windows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.engines.base import Builder
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql, struct, struct_field
from mapping_dataflow.expressions import Call, Literal

_PLAIN = {
    "approxDistinctCount": "approx_count_distinct(_1)",
    "avg": "avg(_1)",
    "countAll": "count(1)",
    "covariancePopulation": "covar_pop(_1, _2)",
    "covarianceSample": "covar_samp(_1, _2)",
    "kurtosis": "kurtosis(_1)",
    "max": "max(_1)",
    "mean": "avg(_1)",
    "min": "min(_1)",
    "skewness": "skewness(_1)",
    "stddev": "stddev_samp(_1)",
    "stddevPopulation": "stddev_pop(_1)",
    "stddevSample": "stddev_samp(_1)",
    "sum": "sum(_1)",
    "sumDistinct": "sum(DISTINCT _1)",
    "variance": "var_samp(_1)",
    "variancePopulation": "var_pop(_1)",
    "varianceSample": "var_samp(_1)",
}
_CONDITIONAL = (
    "avg covariancePopulation covarianceSample kurtosis max mean min skewness stddev stddevPopulation stddevSample sum "
    "sumDistinct variance variancePopulation varianceSample"
).split()


def _where(condition: exp.Expression, value: exp.Expression) -> exp.Expression:
    """The value where the condition holds. Aggregates pass over nulls; windows have no FILTER in Spark."""
    return sql("CASE WHEN _1 THEN _2 END", [condition, value])


def _conditional(template: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return sql(template, [_where(arguments[0], argument) for argument in arguments[1:]])

    return build


def _present(arguments: Sequence[exp.Expression]) -> exp.Expression:
    """True where none of the values is null."""
    return sql(" AND ".join(f"_{number} IS NOT NULL" for number in range(1, len(arguments) + 1)), arguments)


def _one_where(condition: exp.Expression) -> exp.Expression:
    return _where(condition, exp.Literal.number(1))


def _count(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if not arguments:
        return sql("count(1)", [])
    if len(arguments) == 1:
        return sql("count(_1)", arguments)
    return sql("count(_1)", [_one_where(_present(arguments))])


def _count_if(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    parts = [arguments[0], _present(arguments[1:])] if len(arguments) > 1 else arguments[:1]
    condition = sql("_1 AND _2", parts) if len(parts) > 1 else parts[0]
    return sql("count(_1)", [_one_where(condition)])


def _row(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return struct([(f"part_{number}", argument) for number, argument in enumerate(arguments)])


def _collect(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """All values, nulls too; collect_list passes over nulls, but not over structs with a null inside."""
    return _unpacked(named_call("collect_list", _row(arguments)))


def _collect_unique(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return _unpacked(named_call("collect_set", _row(arguments)))


def _unpacked(rows: exp.Expression) -> exp.Expression:
    body = struct_field(exp.column("one"), "part_0")
    return sql("transform(_1, _2)", [rows, exp.Lambda(this=body, expressions=[exp.to_identifier("one")])])


def _top(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The values of the rows with the largest numbers, largest first."""
    value, number, count = arguments
    row = struct([("number", number), ("value", value)])
    rows = named_call(
        "collect_list", sql("CASE WHEN _1 IS NOT NULL AND _2 IS NOT NULL THEN _3 END", [value, number, row])
    )
    body = exp.Lambda(this=struct_field(exp.column("one"), "value"), expressions=[exp.to_identifier("one")])
    return sql("transform(slice(sort_array(_1, FALSE), 1, CAST(_2 AS INT)), _3)", [rows, count, body])


def _distinct_rows(arguments: Sequence[exp.Expression], *, nulls: bool) -> exp.Expression:
    """The values, or the rows of several, to be counted distinct."""
    if len(arguments) == 1 and not nulls:
        return arguments[0]
    row = _row(arguments)
    return row if nulls else sql("CASE WHEN _1 THEN _2 END", [_present(arguments), row])


def _count_distinct(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("count(DISTINCT _1)", [_distinct_rows(arguments, nulls=False)])


def _count_all_distinct(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("count(DISTINCT _1)", [_distinct_rows(arguments, nulls=True)])


def _is_distinct(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("_1 = _2", [_count_distinct(call, arguments), _count(call, arguments)])


# Windows have no DISTINCT in Spark: the size of a set is the count of its values.


def _count_distinct_in_window(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("size(_1)", [named_call("collect_set", _distinct_rows(arguments, nulls=False))])


def _count_all_distinct_in_window(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("size(_1)", [named_call("collect_set", _distinct_rows(arguments, nulls=True))])


def _is_distinct_in_window(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("_1 = _2", [_count_distinct_in_window(call, arguments), _count(call, arguments)])


def _sum_distinct_in_window(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    value = _where(arguments[0], arguments[1]) if len(arguments) == 2 else arguments[0]
    total = "aggregate(_1, _2, (total, one) -> CAST(total + one AS {0}))"
    values = named_call("collect_set", value)
    zero = cast(exp.Literal.number(0), call.type)
    typed = total.format(cast(exp.null(), call.type).to.sql(dialect="spark"))  # type: ignore[attr-defined]
    return sql(f"CASE WHEN size(_1) > 0 THEN {typed} END", [values, zero])


def _edge(name: str) -> Builder:
    """first() and last(); with a true second argument nulls are passed over."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        ignore = len(call.arguments) > 1 and isinstance(call.arguments[1], Literal) and call.arguments[1].value is True
        return named_call(name, arguments[0], exp.true() if ignore else exp.false())

    return build


def _shift(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return named_call(name, *arguments)

    return build


FUNCTIONS: dict[str, str | Builder] = {
    **_PLAIN,
    **{f"{name}If": _conditional(_PLAIN[name]) for name in _CONDITIONAL},
    "collect": _collect,
    "collectUnique": _collect_unique,
    "count": _count,
    "countAllDistinct": _count_all_distinct,
    "countDistinct": _count_distinct,
    "countIf": _count_if,
    "cumeDist": "cume_dist()",
    "denseRank": "dense_rank()",
    "first": _edge("first"),
    "isDistinct": _is_distinct,
    "lag": _shift("lag"),
    "last": _edge("last"),
    "lead": _shift("lead"),
    "nTile/0": "ntile(1)",
    "nTile/1": "ntile(_1)",
    "topN": _top,
    "rank": "rank()",
    "rowNumber": "row_number()",
}
IN_WINDOWS: dict[str, Builder] = {
    "countAllDistinct": _count_all_distinct_in_window,
    "countDistinct": _count_distinct_in_window,
    "isDistinct": _is_distinct_in_window,
    "sumDistinct": _sum_distinct_in_window,
    "sumDistinctIf": _sum_distinct_in_window,
}
"""What is computed in another way over a window."""

AGGREGATES = frozenset(
    """approx_count_distinct avg count covar_pop covar_samp kurtosis max min skewness stddev_samp stddev_pop sum
    var_samp var_pop collect_list collect_set cume_dist dense_rank first lag last lead ntile rank row_number""".split()
)
"""Names of Spark's aggregate and window functions that stand above."""
