"""Functions over arrays, maps and sets of bits in Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import INTEGER, LONG, NULL, Array, Map
from mapping_dataflow.engines.base import Builder, called
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql, struct, struct_field
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call

_PLAIN: dict[str, str] = {
    "arrayConcat": "concat(_1, _2)",
    "contains": "exists(_1, _2)",
    "distinct": "array_distinct(_1)",
    "elementAt": "CASE WHEN _2 > 0 THEN try_element_at(_1, CAST(_2 AS INT)) END",
    "except": "array_except(_1, _2)",
    "filter": "filter(_1, _2)",
    "find": "try_element_at(filter(_1, _2), 1)",
    "flatten": "flatten(_1)",
    "in": "array_contains(_1, _2)",
    "intersect": "array_intersect(_1, _2)",
    "isBitSet": "CASE WHEN _1 IS NOT NULL AND _2 IS NOT NULL THEN _2 >= 0 AND coalesce(shiftright(try_element_at("
    "_1, CAST(floor(greatest(_2, 0) / 64) AS INT) + 1), CAST(greatest(_2, 0) % 64 AS INT)) & 1, 0) = 1 END",
    "keyValues": "map_from_arrays(_1, _2)",
    "map": "transform(_1, _2)",
    "reassociate": "transform_values(_1, _2)",
    "reduce": "aggregate(_1, _2, _3, _4)",
    "slice/2": "CASE WHEN _2 IS NOT NULL THEN slice(_1, CAST(greatest(_2, 1) AS INT), size(_1)) END",
    "slice/3": "CASE WHEN _2 IS NOT NULL AND _3 IS NOT NULL "
    "THEN slice(_1, CAST(greatest(_2, 1) AS INT), CAST(greatest(_3, 0) AS INT)) END",
    "unfold": "explode(_1)",
    "union": "array_union(_1, _2)",
    "valueOf": "try_element_at(_1, _2)",
}


def _array(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    array = named_call("array", *arguments)
    return array if arguments else cast(array, call.type)


def _associate(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return cast(named_call("map", *arguments), call.type)


def _size(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if kind == NULL:
        return cast(exp.null(), call.type)
    if not isinstance(kind, Array | Map):
        raise ProblemFound(f"size() does not take {kind}", call.span, expected="an array or a map")
    return sql("size(_1)", arguments)


# ---------------------------------------------------------------- lambdas


def _with_variables(body: exp.Expression, values: Mapping[str, exp.Expression]) -> exp.Expression:
    """The body of a lambda with other SQL in place of its variables."""

    def replaced(node: exp.Expression) -> exp.Expression:
        value = values.get(node.name) if isinstance(node, exp.Column) and not node.table else None
        return node if value is None else value.copy()

    return body.copy().transform(replaced)


def _names(function: exp.Expression) -> list[str]:
    return [variable.name for variable in function.expressions]


def _lambda(body: exp.Expression, *names: str) -> exp.Lambda:
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name) for name in names])


def _counted(index: str) -> dict[str, exp.Expression]:
    """Places, which Spark counts from 0, counted from 1."""
    return {index: exp.Paren(this=sql("_1 + 1", [exp.column(index)]))}


def _map_index(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    item, index = _names(arguments[1])
    body = _with_variables(arguments[1].this, _counted(index))
    return sql("transform(_1, _2)", [arguments[0], _lambda(body, item, index)])


def _map_if(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """``#index`` is the item's place in the array that is given, not among those that are kept."""
    condition, value = arguments[1], arguments[2]
    item, index = _names(condition)
    used = {node.name for one in (condition, value) for node in one.this.find_all(exp.Column) if not node.table}
    if index not in used:
        plain = [_lambda(one.this.copy(), item) for one in (condition, value)]
        return sql("transform(filter(_1, _2), _3)", [arguments[0], *plain])
    pair = item.replace("item", "pair")
    made = struct([("item", exp.column(item)), ("place", _counted(index)[index])])
    parts = {item: struct_field(exp.column(pair), "item"), index: struct_field(exp.column(pair), "place")}
    lambdas = [_lambda(_with_variables(one.this, parts), pair) for one in (condition, value)]
    return sql("transform(filter(transform(_1, _2), _3), _4)", [arguments[0], _lambda(made, item, index), *lambdas])


def _map_loop(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A sequence from 1 down to 0 would have two items."""
    template = "transform(CASE WHEN _1 > 0 THEN sequence(1, CAST(_1 AS INT)) WHEN _1 <= 0 THEN _3 END, _2)"
    return sql(template, [*arguments, cast(named_call("array"), Array(INTEGER))])


def _map_association(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The lambda's two variables become the parts of one entry of the map."""
    key, value = _names(arguments[1])
    entry = key.replace("key", "entry")  # numbered as the variables are, so that lambdas nest
    parts = {name: struct_field(exp.column(entry), part) for name, part in ((key, "key"), (value, "value"))}
    body = _lambda(_with_variables(arguments[1].this, parts), entry)
    return sql("transform(map_entries(_1), _2)", [arguments[0], body])


def _sort(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A comparison that is unknown leaves both items where they are."""
    function = arguments[1]
    compared = sql("CAST(coalesce(sign(_1), 0) AS INT)", [function.this])
    return sql("array_sort(_1, _2)", [arguments[0], _lambda(compared, *_names(function))])


def _set_bits(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    words = arguments if len(arguments) > 1 else [cast(named_call("array"), Array(LONG)), arguments[0]]
    return called("bits_set", words)


FUNCTIONS: dict[str, str | Builder] = {
    **_PLAIN,
    "array": _array,
    "associate": _associate,
    "mapAssociation": _map_association,
    "mapIf": _map_if,
    "mapIndex": _map_index,
    "mapLoop": _map_loop,
    "setBitSet": _set_bits,
    "size": _size,
    "sort": _sort,
    "toBitSet": _set_bits,
}
