"""Regular expressions in Spark, which are Java's own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.engines.base import Builder, argument_or, called, constant, depends_on_rows
from mapping_dataflow.engines.java_patterns import checked_regex, checked_replacement
from mapping_dataflow.engines.spark.types import sql
from mapping_dataflow.expressions import Call


def _checked(template: str) -> Builder:
    """The template, with its pattern checked where it is a constant."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        if constant(call, 1) is not None:
            checked_regex(call, 1)
        return sql(template, arguments)

    return build


def _extract(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A group that the pattern does not have has matched nothing, for which Spark fails."""
    group = argument_or(arguments, 2, exp.Literal.number(1))
    if depends_on_rows(call, 1) or depends_on_rows(call, 2):
        return called("java_regex_extract", [*arguments[:2], sql("CAST(_1 AS INT)", [group])])
    number = constant(call, 2) if len(arguments) > 2 else 1
    groups = checked_regex(call, 1).groups if constant(call, 1) is not None else 0
    if number is not None and not 0 <= number <= groups and constant(call, 1) is not None:
        return sql("CASE WHEN _1 IS NOT NULL THEN '' END", arguments)
    return sql("regexp_extract(_1, _2, CAST(_3 AS INT))", [*arguments[:2], group])


def _replace(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if constant(call, 1) is not None and constant(call, 2) is not None:
        checked_replacement(call)
    return sql("regexp_replace(_1, _2, _3)", arguments)


_FOUND = "(_1 RLIKE _2)"
"""In parentheses: sqlglot takes RLIKE for a call, which needs none."""

FUNCTIONS: dict[str, str | Builder] = {
    "regexExtract": _extract,
    "regexMatch": _checked(_FOUND),
    "regexReplace": _replace,
    "regexSplit": _checked("split(_1, _2, -1)"),
    "rlike": _checked(_FOUND),
}
