"""Aggregate and window functions in DuckDB. The ``…If`` forms filter; the relation writer adds windows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import MAXIMUM_PRECISION, STRING, Array, Decimal, aggregated_decimal
from mapping_dataflow.engines.base import Builder, called, fill
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.duckdb.arithmetic import wrapped_around
from mapping_dataflow.engines.duckdb.ordering import comparable
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.expressions import Call, Literal

_PLAIN = {
    "approxDistinctCount": "approx_count_distinct(_1)",
    "countAll": "count(*)",
    "covariancePopulation": "covar_pop(_1, _2)",
    "covarianceSample": "covar_samp(_1, _2)",
    "kurtosis": "kurtosis_pop(_1)",
    "stddev": "stddev_samp(_1)",
    "stddevPopulation": "stddev_pop(_1)",
    "stddevSample": "stddev_samp(_1)",
    "variance": "var_samp(_1)",
    "variancePopulation": "var_pop(_1)",
    "varianceSample": "var_samp(_1)",
}
_CONDITIONAL = (
    "covariancePopulation covarianceSample kurtosis stddev stddevPopulation stddevSample "
    "variance variancePopulation varianceSample"
).split()


def _conditional(template: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return filtered(fill(template, arguments[1:]), arguments[0])

    return build


def filtered(aggregate: exp.Expression, condition: exp.Expression) -> exp.Expression:
    """``aggregate FILTER (WHERE condition)``."""
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition.copy()))


def _of_rows(template: str, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """An aggregate of the last argument, over the rows where the one before it is true."""
    found = fill(template, arguments[-1:])
    return filtered(found, arguments[0]) if len(arguments) == 2 else found


def _extreme(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        kind = call.arguments[-1].type
        if not datatypes.is_complex(kind):
            return _of_rows(f"{name}(_1)", arguments)
        found = fill(f"arg_{name}(_1, _2)", [arguments[-1], comparable(arguments[-1].copy(), kind)])
        return filtered(found, arguments[0]) if len(arguments) == 2 else found

    return build


_SPARE_DIGITS = 10
"""Spark's sums have so many digits more than their values, up to 38: beyond that DuckDB's own sum may overflow."""


def _sum(distinct: str) -> Builder:
    """A sum; whole numbers wrap around, a decimal that does not fit is null."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        if datatypes.is_integral(call.type):
            return wrapped_around("_1", [_of_rows(f"sum({distinct}_1)", arguments)], call.type)
        return cast(_total(call, arguments, distinct), call.type, safe=True)

    return build


def _total(call: Call, arguments: Sequence[exp.Expression], distinct: str = "") -> exp.Expression:
    """The exact sum. Values so large that a sum of them may overflow in DuckDB are kept, and added in Python."""
    kind = call.arguments[-1].type
    if not isinstance(kind, Decimal) or kind.precision + _SPARE_DIGITS <= MAXIMUM_PRECISION:
        return _of_rows(f"sum({distinct}_1)", arguments)
    bound = cast(text("1" + "0" * (MAXIMUM_PRECISION - _SPARE_DIGITS - kind.scale)), kind)
    if kind.scale > MAXIMUM_PRECISION - _SPARE_DIGITS:
        bound = cast(text("0." + "1".zfill(kind.scale - MAXIMUM_PRECISION + _SPARE_DIGITS)), kind)
    is_small = fill("_1 BETWEEN -_2 AND _2", [arguments[-1], bound])
    chosen = arguments[:-1]
    small = filtered(fill(f"sum({distinct}_1)", arguments[-1:]), _all([*chosen, is_small]))
    is_large = _all([*chosen, fill("NOT _1", [is_small])])
    large = cast(filtered(fill(f"list({distinct}_1)", arguments[-1:]), is_large), Array(STRING))
    digits = called("decimal_total", [large, fill("CAST(coalesce(_1, 0) AS VARCHAR)", [small])])
    total = aggregated_decimal(kind.precision + _SPARE_DIGITS, kind.scale)
    return fill("CASE WHEN _1 IS NULL THEN _2 ELSE _3 END", [large, cast(small, total), cast(digits, total, safe=True)])


def _all(conditions: Sequence[exp.Expression]) -> exp.Expression:
    return fill(" AND ".join(f"_{number}" for number in range(1, len(conditions) + 1)), conditions)


def _mean(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A mean; that of decimals is exact, while DuckDB's is a double, and null where their sum does not fit."""
    if not isinstance(call.type, Decimal):
        return _of_rows("avg(_1)", arguments)
    parts = [cast(part, STRING) for part in (_total(call, arguments), _of_rows("count(_1)", arguments))]
    return cast(called("decimal_divide", [*parts, exp.Literal.number(call.type.scale)]), call.type, safe=True)


_SKEWNESS = """CASE WHEN _2 > 2 THEN _1 * (_2 - 2) / sqrt(CAST(_2 AS DOUBLE) * (_2 - 1))
    WHEN _2 = 2 AND _3 < _4 THEN CAST(0 AS DOUBLE) END"""


def _skewness(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The skewness of the population, as in Spark; DuckDB's is that of a sample."""
    parts = [fill(f"{name}(_1)", arguments[-1:]) for name in ("skewness", "count", "min", "max")]
    if len(arguments) == 2:
        parts = [filtered(part, arguments[0]) for part in parts]
    return fill(_SKEWNESS, parts)


def _present(arguments: Sequence[exp.Expression]) -> exp.Expression:
    """True where none of the values is null."""
    return fill(" AND ".join(f"_{number} IS NOT NULL" for number in range(1, len(arguments) + 1)), arguments)


def _count(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if not arguments:
        return fill("count(*)", [])
    if len(arguments) == 1:
        return fill("count(_1)", arguments)
    return filtered(fill("count(*)", []), _present(arguments))


def _count_if(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return filtered(_count(call, arguments[1:]), arguments[0])


def _row(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill(f"row({', '.join(f'_{number}' for number in range(1, len(arguments) + 1))})", arguments)


def _count_distinct(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if len(arguments) == 1:
        return fill("count(DISTINCT _1)", arguments)
    return filtered(fill("count(DISTINCT _1)", [_row(arguments)]), _present(arguments))


def _count_all_distinct(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("count(DISTINCT _1)", [_row(arguments)])


def _is_distinct(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("_1 = _2", [_count_distinct(call, arguments), _count(call, arguments)])


def _listed(template: str) -> Builder:
    """An array of values, which is empty where there are none."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return fill("coalesce(_1, _2)", [fill(template, arguments), cast(exp.Array(), call.type)])

    return build


def _edge(name: str) -> Builder:
    """first() and last(); with a true second argument nulls are passed over."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        ignore = len(call.arguments) > 1 and isinstance(call.arguments[1], Literal) and call.arguments[1].value is True
        found = fill(f"{name}(_1)", [arguments[0]])
        return filtered(found, fill("_1 IS NOT NULL", [arguments[0]])) if ignore else found

    return build


def _shift(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        listed = ", ".join(f"_{number}" for number in range(1, len(arguments) + 1))
        return fill(f"{name}({listed})", arguments)

    return build


_SUM, _SUM_DISTINCT = _sum(""), _sum("DISTINCT ")

FUNCTIONS: dict[str, str | Builder] = {
    **_PLAIN,
    **{f"{name}If": _conditional(_PLAIN[name]) for name in _CONDITIONAL},
    **dict.fromkeys(["avg", "avgIf", "mean", "meanIf"], _mean),
    **dict.fromkeys(["max", "maxIf"], _extreme("max")),
    **dict.fromkeys(["min", "minIf"], _extreme("min")),
    "collect": _listed("list(_1)"),
    "collectUnique": _listed("list(DISTINCT _1)"),
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
    "topN": _listed("max_by(_1, _2, _3)"),
    "rank": "rank()",
    "rowNumber": "row_number()",
    "skewness": _skewness,
    "skewnessIf": _skewness,
    "sum": _SUM,
    "sumDistinct": _SUM_DISTINCT,
    "sumDistinctIf": _SUM_DISTINCT,
    "sumIf": _SUM,
}
