"""Functions over arrays, maps and sets of bits in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import NULL, Array, Map
from mapping_dataflow.engines.base import Builder, fill, wrapped
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Literal

_NO_DUPLICATES = "list_filter({0}, lambda one, place: list_position({0}, one) = place)"
_PLAIN: dict[str, str] = {
    "arrayConcat": "_1 || _2",
    # Unknown, not false, where the condition is unknown for an item and true for none.
    "contains": "CASE WHEN len(list_filter(_1, _2)) > 0 THEN TRUE WHEN len(list_filter(list_transform(_1, _2), "
    "lambda holds: holds IS NULL)) > 0 THEN NULL WHEN _1 IS NOT NULL THEN FALSE END",
    "distinct": _NO_DUPLICATES.format("_1"),
    "elementAt": "CASE WHEN _2 > 0 THEN list_extract(_1, _2) END",
    "except": "CASE WHEN _2 IS NOT NULL THEN "
    + _NO_DUPLICATES.format("list_filter(_1, lambda item: coalesce(list_position(_2, item), 0) = 0)")
    + " END",
    "filter": "list_filter(_1, _2)",
    "find": "list_extract(list_filter(_1, _2), 1)",
    # Null where one of the arrays is, as in Spark; DuckDB's own passes over it.
    "flatten": "CASE WHEN coalesce(list_position(_1, NULL), 0) = 0 THEN flatten(_1) END",
    "intersect": "CASE WHEN _2 IS NOT NULL THEN "
    + _NO_DUPLICATES.format("list_filter(_1, lambda item: list_position(_2, item) > 0)")
    + " END",
    "isBitSet": "CASE WHEN _1 IS NOT NULL AND _2 IS NOT NULL THEN _2 >= 0 AND coalesce((list_extract(_1, "
    "CAST(greatest(_2, 0) // 64 + 1 AS BIGINT)) >> CAST(greatest(_2, 0) % 64 AS BIGINT)) & 1, 0) = 1 END",
    "keyValues": "CASE WHEN _1 IS NOT NULL AND _2 IS NOT NULL THEN map(_1, _2) END",
    "map": "list_transform(_1, _2)",
    "mapIndex": "list_transform(_1, _2)",
    "mapLoop": "list_transform(CAST(range(1, CAST(_1 AS BIGINT) + 1) AS INTEGER[]), _2)",
    "setBitSet": "bits_set(_1, _2)",
    "slice/2": "CASE WHEN _2 IS NOT NULL THEN list_slice(_1, greatest(_2, 1), len(_1)) END",
    "slice/3": "CASE WHEN _2 IS NOT NULL AND _3 IS NOT NULL "
    "THEN list_slice(_1, greatest(_2, 1), greatest(_2, 1) + greatest(_3, 0) - 1) END",
    "toBitSet": "bits_set(CAST([] AS BIGINT[]), _1)",
    "union": "CASE WHEN _1 IS NOT NULL AND _2 IS NOT NULL THEN "
    + _NO_DUPLICATES.format("list_concat(_1, _2)")
    + " END",
    "unfold": "unnest(_1)",
    "valueOf": "map_extract_value(_1, _2)",
}


_IN = (
    "CASE WHEN _2 IS NOT NULL AND (list_contains(_1, _2) OR list_position(_1, NULL) IS NULL "
    "OR list_position(_1, NULL) = 0) THEN list_contains(_1, _2) END"
)
"""Unknown, not false, where the item may be what a null stands for."""


def _in(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """Membership; among constants none of which is null SQL's own, which is quicker."""
    listed = call.arguments[0]
    items = listed.arguments if isinstance(listed, Call) and listed.function == "array" else ()
    if items and all(isinstance(item, Literal) and item.value is not None for item in items):
        written = [item.copy() for item in arguments[0].expressions]
        return exp.In(this=wrapped(arguments[1].copy()), expressions=written)
    return fill(_IN, arguments)


def _array(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    array = exp.Array(expressions=[argument.copy() for argument in arguments])
    return array if arguments else cast(array, call.type)


def _associate(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    keys = exp.Array(expressions=[argument.copy() for argument in arguments[::2]])
    values = exp.Array(expressions=[argument.copy() for argument in arguments[1::2]])
    built = fill("map(_1, _2)", [keys, values])
    return built if arguments else cast(built, call.type)


def _with_variables(body: exp.Expression, values: Mapping[str, str]) -> exp.Expression:
    """The body of a lambda with other SQL in place of its variables."""

    def replaced(node: exp.Expression) -> exp.Expression:
        value = values.get(node.name) if isinstance(node, exp.Column) and not node.table else None
        return fill(value, []) if value else node

    return body.copy().transform(replaced)


def _over_entries(template: str) -> Builder:
    """Functions over a map's entries: the lambda's two variables become the parts of one entry."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        lambda_ = arguments[1]
        key, value = (variable.name for variable in lambda_.expressions)
        entry = key.replace("key", "entry")  # numbered as the variables are, so that lambdas nest
        parts = {key: f"struct_extract({entry}, 'key')", value: f"struct_extract({entry}, 'value')"}
        body = _with_variables(lambda_.this, parts)
        return fill(re.sub(r"\bentry\b", entry, template), [arguments[0], body])

    return build


def _map_if(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """``#index`` is the item's place in the array that is given, not among those that are kept."""
    condition, value = arguments[1], arguments[2]
    item, index = (variable.name for variable in condition.expressions)
    names = {node.name for one in (condition, value) for node in one.this.find_all(exp.Column) if not node.table}
    if index not in names:
        plain = [exp.Lambda(this=one.this.copy(), expressions=[exp.to_identifier(item)]) for one in arguments[1:]]
        return fill("list_transform(list_filter(_1, _2), _3)", [arguments[0], *plain])
    pair = item.replace("item", "pair")
    parts = {item: f"struct_extract({pair}, 'item')", index: f"struct_extract({pair}, 'place')"}
    template = (
        f"list_transform(list_filter(list_transform(_1, lambda {item}, {index}: "
        f"{{'item': {item}, 'place': CAST({index} AS INTEGER)}}), lambda {pair}: _2), lambda {pair}: _3)"
    )
    return fill(template, [arguments[0], _with_variables(condition.this, parts), _with_variables(value.this, parts)])


def _sort(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """By any comparison: an item's place is the number of those that belong before it.

    Of two items the one that comes later in the array goes before the other only if the comparison says so (is below
    zero), so that equal items keep their order.
    """
    comparison = arguments[1]
    one, other = (variable.name for variable in comparison.expressions)
    depth = one.rpartition("_")[2]
    place, other_place, found = f"place_{depth}", f"place_other_{depth}", f"found_{depth}"
    later = comparison.this.copy()
    earlier = _with_variables(comparison.this, {one: other, other: one})
    template = f"""list_transform(list_sort(list_transform(_1, lambda {one}, {place}: {{
        'order': len(list_filter(_1, lambda {other}, {other_place}: CASE
            WHEN {other_place} < {place} THEN NOT coalesce(_2 < 0, FALSE)
            WHEN {other_place} > {place} THEN coalesce(_3 < 0, FALSE) ELSE FALSE END)),
        'place': {place}, 'item': {one}}})), lambda {found}: struct_extract({found}, 'item'))"""
    return fill(template, [arguments[0], later, earlier])


def _reduce(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The last lambda is applied to an array of the one result, so that the result is computed once."""
    return fill("list_extract(list_transform([list_reduce(_1, _3, _2)], _4), 1)", arguments)


def _size(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if kind == NULL:
        return cast(exp.null(), call.type)
    if not isinstance(kind, Array | Map):
        raise ProblemFound(f"size() does not take {kind}", call.span, expected="an array or a map")
    return fill("cardinality(_1)" if isinstance(kind, Map) else "len(_1)", arguments)


FUNCTIONS: dict[str, str | Builder] = {
    **_PLAIN,
    "array": _array,
    "in": _in,
    "associate": _associate,
    "mapAssociation": _over_entries("list_transform(map_entries(_1), lambda entry: _2)"),
    "mapIf": _map_if,
    "reassociate": _over_entries(
        "map_from_entries(list_transform(map_entries(_1), "
        "lambda entry: {'key': struct_extract(entry, 'key'), 'value': _2}))"
    ),
    "reduce": _reduce,
    "size": _size,
    "sort": _sort,
}
