"""Spark's capability table: one template or builder for every function that Spark SQL computes natively.

``_1``, ``_2`` … are the arguments. Results are cast to the language's type by the writer where Spark's differs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import BINARY, BYTE, INTEGER, Array, Decimal, Map
from mapping_dataflow.engines.base import Builder, CapabilityTable
from mapping_dataflow.engines.spark import aggregates, conversions, dates, hashes
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql, struct_field, text
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Literal

_TEXT: dict[str, str | Builder] = {
    "ascii": "ascii(_1)",
    "char": "chr(_1)",
    "dropLeft": "CASE WHEN _2 > 0 THEN substring(_1, CAST(_2 AS INT) + 1) WHEN _2 <= 0 THEN _1 END",
    "dropRight": "CASE WHEN _2 > 0 THEN left(_1, length(_1) - CAST(_2 AS INT)) WHEN _2 <= 0 THEN _1 END",
    "endsWith": "endswith(_1, _2)",
    "equalsIgnoreCase": "lower(_1) = lower(_2)",
    "initCap": "initcap(_1)",
    "instr": "locate(_2, _1)",
    "left": "left(_1, CAST(_2 AS INT))",
    "length": "length(_1)",
    "levenshtein": "levenshtein(_1, _2)",
    "like": "_1 LIKE _2",
    "locate/2": "locate(_1, _2)",
    "locate/3": "CASE WHEN _3 IS NOT NULL THEN locate(_1, _2, CAST(_3 AS INT)) END",
    "lower": "lower(_1)",
    "lpad": "lpad(_1, CAST(_2 AS INT), _3)",
    "ltrim/1": "ltrim(_1)",
    "ltrim/2": "TRIM(LEADING _2 FROM _1)",
    "regexMatch": "_1 RLIKE _2",
    "regexReplace": "regexp_replace(_1, _2, _3)",
    "regexSplit": "split(_1, _2, -1)",
    "replace/2": "replace(_1, _2, '')",
    "replace/3": "replace(_1, _2, _3)",
    "reverse": "reverse(_1)",
    "right": "right(_1, CAST(_2 AS INT))",
    "rlike": "_1 RLIKE _2",
    "rpad": "rpad(_1, CAST(_2 AS INT), _3)",
    "rtrim/1": "rtrim(_1)",
    "rtrim/2": "TRIM(TRAILING _2 FROM _1)",
    "soundex": "soundex(_1)",
    # The separator is no pattern: \Q … \E makes all of it plain characters.
    "split": r"split(_1, concat('\\Q', replace(_2, '\\E', '\\E\\\\E\\Q'), '\\E'), -1)",
    "startsWith": "startswith(_1, _2)",
    "substring/2": "substring(_1, CAST(_2 AS INT))",
    "substring/3": "substring(_1, CAST(_2 AS INT), CAST(_3 AS INT))",
    "substringIndex": "substring_index(_1, _2, CAST(_3 AS INT))",
    "translate": "translate(_1, _2, _3)",
    "trim/1": "trim(_1)",
    "trim/2": "TRIM(BOTH _2 FROM _1)",
    "upper": "upper(_1)",
    "uuid": "uuid()",
    "hex": "lower(hex(_1))",
    "unhex": "unhex(_1)",
}

_NUMBERS: dict[str, str | Builder] = {
    "abs": "abs(_1)",
    "acos": "acos(_1)",
    "asin": "asin(_1)",
    "add": "_1 + _2",
    "atan": "atan(_1)",
    "atan2": "atan2(_1, _2)",
    "bitwiseAnd": "_1 & _2",
    "bitwiseOr": "_1 | _2",
    "bitwiseXor": "_1 ^ _2",
    "cbrt": "cbrt(_1)",
    "ceil": "ceil(_1)",
    "cos": "cos(_1)",
    "cosh": "cosh(_1)",
    "degrees": "degrees(_1)",
    "divide": "_1 / _2",
    "factorial": "CASE WHEN _1 BETWEEN 0 AND 20 THEN factorial(CAST(_1 AS INT)) END",
    "floor": "floor(_1)",
    "isNan": "isnan(_1)",
    "log/1": "ln(_1)",
    "log/2": "log(_2, _1)",
    "minus": "_1 - _2",
    "mod": "_1 % _2",
    "multiply": "_1 * _2",
    "negate": "-_1",
    "pMod": "pmod(_1, _2)",
    "power": "pow(_1, _2)",
    "radians": "radians(_1)",
    "random/0": "rand()",
    "random/1": "rand(_1)",
    "sin": "sin(_1)",
    "sinh": "sinh(_1)",
    "sqrt": "sqrt(_1)",
    "tan": "tan(_1)",
    "tanh": "tanh(_1)",
}

_LOGIC: dict[str, str | Builder] = {
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

_ARRAYS: dict[str, str | Builder] = {
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
    "keyValues": "map_from_arrays(_1, _2)",
    "map": "transform(_1, _2)",
    "mapIf": "transform(filter(_1, _2), _3)",
    "reassociate": "transform_values(_1, _2)",
    "slice/2": "CASE WHEN _2 IS NOT NULL THEN slice(_1, CAST(greatest(_2, 1) AS INT), size(_1)) END",
    "slice/3": "CASE WHEN _2 IS NOT NULL AND _3 IS NOT NULL "
    "THEN slice(_1, CAST(greatest(_2, 1) AS INT), CAST(greatest(_3, 0) AS INT)) END",
    "union": "array_union(_1, _2)",
    "valueOf": "try_element_at(_1, _2)",
}


def _native(name: str) -> Builder:
    """The Spark function of that name with the same arguments."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return named_call(name, *arguments)

    return build


def _joined(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql(f"concat({', '.join(f'_{number}' for number in range(1, len(arguments) + 1))})", arguments)


def _most(name: str) -> Builder:
    """greatest() and least(), which want two values or more in Spark."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return named_call(name, *arguments) if len(arguments) > 1 else arguments[0]

    return build


def _case(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    pairs = len(arguments) // 2
    branches = " ".join(f"WHEN _{2 * number + 1} THEN _{2 * number + 2}" for number in range(pairs))
    default = f" ELSE _{len(arguments)}" if len(arguments) % 2 else ""
    return sql(f"CASE {branches}{default} END", arguments)


def _array(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    array = named_call("array", *arguments)
    return array if arguments else cast(array, call.type)


# ---------------------------------------------------------------- lambdas


def _with_counted_index(function: exp.Expression) -> exp.Expression:
    """The lambda with its last variable, which Spark counts from 0, counted from 1."""
    index = function.expressions[-1].name

    def replaced(node: exp.Expression) -> exp.Expression:
        ours = isinstance(node, exp.Column) and not node.table and node.name == index
        return exp.Paren(this=sql("_1 + 1", [node.copy()])) if ours else node

    body = function.this.copy().transform(replaced)
    return exp.Lambda(this=body, expressions=[name.copy() for name in function.expressions])


def _map_index(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("transform(_1, _2)", [arguments[0], _with_counted_index(arguments[1])])


def _map_loop(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A sequence from 1 down to 0 would have two items."""
    template = "transform(CASE WHEN _1 > 0 THEN sequence(1, CAST(_1 AS INT)) WHEN _1 <= 0 THEN _3 END, _2)"
    return sql(template, [*arguments, cast(named_call("array"), Array(INTEGER))])


def _map_association(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The lambda's two variables become the parts of one entry of the map."""
    function = arguments[1]
    key, value = (variable.name for variable in function.expressions)
    entry = key.replace("key", "entry")  # numbered as the variables are, so that lambdas nest
    parts = {name: struct_field(exp.column(entry), part) for name, part in ((key, "key"), (value, "value"))}

    def replaced(node: exp.Expression) -> exp.Expression:
        part = parts.get(node.name) if isinstance(node, exp.Column) and not node.table else None
        return part.copy() if part is not None else node

    body = exp.Lambda(this=function.this.copy().transform(replaced), expressions=[exp.to_identifier(entry)])
    return sql("transform(map_entries(_1), _2)", [arguments[0], body])


def _size(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if not isinstance(kind, Array | Map):
        raise ProblemFound(f"size() does not take {kind}", call.span, expected="an array or a map")
    return sql("size(_1)", arguments)


# ---------------------------------------------------------------- text


def constant(call: Call, index: int) -> Any:
    """The value of a constant argument; None when it is absent or null."""
    argument = call.arguments[index] if index < len(call.arguments) else None
    return argument.value if isinstance(argument, Literal) else None


_GROUPS = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[(?:\\.|[^\]\\])*\]|(\((?!\?)|\(\?<(?![=!]))", re.DOTALL)
"""Escaped characters and classes of characters, which hold no groups, and what opens a group."""


def _regex_extract(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A group that the pattern does not have has matched nothing, for which Spark fails."""
    given = constant(call, 2)
    group = 1 if given is None else int(given)
    groups = sum(bool(found[1]) for found in _GROUPS.finditer(str(constant(call, 1) or "")))
    if not 0 <= group <= groups:
        return sql("CASE WHEN _1 IS NOT NULL THEN '' END", arguments)
    return sql("regexp_extract(_1, _2, _3)", [*arguments[:2], exp.Literal.number(group)])


_BYTES_TO_BINARY = "unhex(array_join(transform(_1, part -> lpad(hex(part & 255), 2, '0')), ''))"


def _charset(template: str) -> Builder:
    """``_2`` of the template is the charset."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return sql(template, [arguments[0], text(str(constant(call, 1) or "UTF-8"))])

    return build


def _decode(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if kind not in (BINARY, Array(BYTE)):
        raise ProblemFound(f"decode() does not take {kind}", call.span, expected="binary or byte[]")
    given = arguments[0] if kind == BINARY else sql(_BYTES_TO_BINARY, arguments)
    return _charset("decode(_1, _2)")(call, [given])


# ---------------------------------------------------------------- numbers

_ROUNDINGS = {
    1: "sign(_1) * ceil(abs(_1), _2)",
    2: "sign(_1) * floor(abs(_1), _2)",
    3: "ceil(_1, _2)",
    4: "floor(_1, _2)",
    6: "sign(_1) * ceil(abs(_1) - _3, _2)",
}


def _round(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The eight modes of java.math.BigDecimal, over the decimal digits of the number; half up by default."""
    scale, mode = int(constant(call, 1) or 0), int(constant(call, 2) or 5)
    if mode in (5, 7):
        return sql(f"{'round' if mode == 5 else 'bround'}(CAST(_1 AS DOUBLE), {scale})", [arguments[0]])
    if mode not in _ROUNDINGS:
        raise ProblemFound(f"Spark cannot round with mode {mode}", call.span, expected="mode 1 to 7")
    exact = cast(arguments[0], Decimal(38, 15))
    half = cast(text(format(5 * 10.0 ** (-scale - 1), ".15f")), Decimal(38, 15))
    places = [exact, sql(str(scale), []), half]
    rounded = sql(_ROUNDINGS[mode], places)
    return sql("coalesce(CAST(_1 AS DOUBLE), CAST(_2 AS DOUBLE))", [rounded, arguments[0]])


_BUILDERS: dict[str, str | Builder] = {
    "array": _array,
    "associate": _native("map"),
    "case": _case,
    "coalesce": _native("coalesce"),
    "concat": _joined,
    "concatWS": _native("concat_ws"),
    "decode": _decode,
    "encode": _charset("encode(_1, _2)"),
    "fromBase64": _charset("decode(unbase64(_1), _2)"),
    "greatest": _most("greatest"),
    "iifNull": _native("coalesce"),
    "least": _most("least"),
    "log10": _native("log10"),
    "mapAssociation": _map_association,
    "mapIndex": _map_index,
    "mapLoop": _map_loop,
    "regexExtract": _regex_extract,
    "round": _round,
    "size": _size,
    "toBinary": _BYTES_TO_BINARY,
    "toBase64": _charset("base64(encode(_1, _2))"),
}


CAPABILITIES = CapabilityTable(
    "Spark",
    {
        **_TEXT,
        **_NUMBERS,
        **_LOGIC,
        **_ARRAYS,
        **_BUILDERS,
        **hashes.FUNCTIONS,
        **conversions.FUNCTIONS,
        **dates.FUNCTIONS,
        **aggregates.FUNCTIONS,
    },
)
