"""DuckDB's capability table: one template or builder for every function that DuckDB computes natively.

``_1``, ``_2`` … are the arguments. Results are cast to the language's type by the writer where DuckDB's differs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import BINARY, BYTE, Array, Decimal
from mapping_dataflow.engines.base import Builder, CapabilityTable, fill
from mapping_dataflow.engines.duckdb import aggregates, conversions, dates, documents, hashes
from mapping_dataflow.engines.duckdb.conversions import text
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Literal

_TEXT: dict[str, str | Builder] = {
    "ascii": "ascii(_1)",
    "char": "chr(CAST(_1 % 256 AS INTEGER))",
    "dropLeft": "substr(_1, greatest(_2, 0) + 1)",
    "dropRight": "left(_1, greatest(length(_1) - greatest(_2, 0), 0))",
    "endsWith": "ends_with(_1, _2)",
    "equalsIgnoreCase": "lower(_1) = lower(_2)",
    "initCap": "array_to_string(list_transform(string_split(lower(_1), ' '), "
    "lambda word: upper(left(word, 1)) || substr(word, 2)), ' ')",
    "instr": "strpos(_1, _2)",
    "jaroWinkler": "jaro_winkler_similarity(_1, _2)",
    "left": "left(_1, greatest(_2, 0))",
    "length": "length(_1)",
    "levenshtein": "levenshtein(_1, _2)",
    "locate/2": "strpos(_2, _1)",
    "locate/3": "CASE WHEN strpos(substr(_2, _3), _1) = 0 THEN 0 ELSE strpos(substr(_2, _3), _1) + _3 - 1 END",
    "lower": "lower(_1)",
    "lpad": "CASE WHEN _3 = '' THEN left(_1, greatest(_2, 0)) ELSE lpad(_1, CAST(_2 AS INTEGER), _3) END",
    "ltrim/1": "ltrim(_1)",
    "ltrim/2": "ltrim(_1, _2)",
    "replace/2": "replace(_1, _2, '')",
    "replace/3": "replace(_1, _2, _3)",
    "reverse": "reverse(_1)",
    "right": "right(_1, greatest(_2, 0))",
    "rpad": "CASE WHEN _3 = '' THEN left(_1, greatest(_2, 0)) ELSE rpad(_1, CAST(_2 AS INTEGER), _3) END",
    "rtrim/1": "rtrim(_1)",
    "rtrim/2": "rtrim(_1, _2)",
    "split": "string_split(_1, _2)",
    "startsWith": "starts_with(_1, _2)",
    # Position 0 is the first character, as in Spark; DuckDB counts it as the place before.
    "substring/2": "substr(_1, CASE WHEN _2 = 0 THEN 1 ELSE _2 END)",
    "substring/3": "substr(_1, CASE WHEN _2 = 0 THEN 1 ELSE _2 END, greatest(_3, 0))",
    "translate": "translate(_1, _2, _3)",
    "trim/1": "trim(_1)",
    "trim/2": "trim(_1, _2)",
    "upper": "upper(_1)",
    "uuid": "CAST(uuid() AS VARCHAR)",
    "hex": "lower(hex(_1))",
    "unhex": "unhex(_1)",
    "toBase64/1": "base64(encode(_1))",
    "fromBase64/1": "decode(from_base64(_1))",
}

_NUMBERS: dict[str, str | Builder] = {
    "abs": "abs(_1)",
    "acos": "CASE WHEN abs(_1) <= 1 THEN acos(_1) WHEN _1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
    "asin": "CASE WHEN abs(_1) <= 1 THEN asin(_1) WHEN _1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
    "add": "_1 + _2",
    "atan": "atan(_1)",
    "atan2": "atan2(_1, _2)",
    "bitwiseAnd": "_1 & _2",
    "bitwiseOr": "_1 | _2",
    "bitwiseXor": "xor(_1, _2)",
    "cbrt": "cbrt(_1)",
    "ceil": "ceil(_1)",
    "cos": "cos(_1)",
    "cosh": "cosh(_1)",
    "degrees": "degrees(_1)",
    "divide": "_1 / NULLIF(_2, 0)",
    "factorial": "CASE WHEN _1 BETWEEN 0 AND 20 THEN factorial(CAST(_1 AS INTEGER)) END",
    "floor": "floor(_1)",
    "isNan": "isnan(CAST(_1 AS DOUBLE))",
    "log/1": "CASE WHEN _1 > 0 THEN ln(_1) END",
    "log/2": "CASE WHEN _1 > 0 AND _2 > 0 THEN log(_2, _1) END",
    "log10": "CASE WHEN _1 > 0 THEN log10(_1) END",
    "minus": "_1 - _2",
    "mod": "_1 % NULLIF(_2, 0)",
    "multiply": "_1 * _2",
    "negate": "-_1",
    "pMod": "CASE WHEN _1 % NULLIF(_2, 0) < 0 THEN (_1 % NULLIF(_2, 0) + _2) % _2 ELSE _1 % NULLIF(_2, 0) END",
    "power": "pow(_1, _2)",
    "radians": "radians(_1)",
    "random/0": "random()",
    "sin": "sin(_1)",
    "sinh": "sinh(_1)",
    "sqrt": "CASE WHEN _1 >= 0 THEN sqrt(_1) WHEN _1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
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

_NO_DUPLICATES = "list_filter({0}, lambda one, place: list_position({0}, one) = place)"
_ARRAYS: dict[str, str | Builder] = {
    "arrayConcat": "CASE WHEN _1 IS NOT NULL AND _2 IS NOT NULL THEN list_concat(_1, _2) END",
    "contains": "len(list_filter(_1, _2)) > 0",
    "distinct": _NO_DUPLICATES.format("_1"),
    "elementAt": "CASE WHEN _2 > 0 THEN list_extract(_1, _2) END",
    "except": _NO_DUPLICATES.format("list_filter(_1, lambda item: coalesce(list_position(_2, item), 0) = 0)"),
    "filter": "list_filter(_1, _2)",
    "find": "list_extract(list_filter(_1, _2), 1)",
    "flatten": "flatten(_1)",
    "in": "CASE WHEN _2 IS NOT NULL THEN list_contains(_1, _2) END",
    "intersect": _NO_DUPLICATES.format("list_filter(_1, lambda item: list_position(_2, item) > 0)"),
    "keyValues": "map(_1, _2)",
    "map": "list_transform(_1, _2)",
    "mapIf": "list_transform(list_filter(_1, _2), _3)",
    "mapIndex": "list_transform(_1, _2)",
    "mapLoop": "list_transform(CAST(range(1, CAST(_1 AS BIGINT) + 1) AS INTEGER[]), _2)",
    "slice/2": "list_slice(_1, greatest(_2, 1), len(_1))",
    "slice/3": "list_slice(_1, greatest(_2, 1), greatest(_2, 1) + greatest(_3, 0) - 1)",
    "union": _NO_DUPLICATES.format("list_concat(_1, _2)"),
    "valueOf": "map_extract_value(_1, _2)",
}


def _like(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A backslash makes the next character of the pattern a plain one, as in Spark; DuckDB has no default for that."""
    escapes = "\\" in str(constant(call, 1) or "")
    return fill("_1 LIKE _2 ESCAPE '\\'" if escapes else "_1 LIKE _2", arguments)


def _joined(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill(" || ".join(f"_{number}" for number in range(1, len(arguments) + 1)), arguments)


def _joined_with_separator(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    listed = ", ".join(f"_{number}" for number in range(1, len(arguments) + 1))
    return fill(f"CASE WHEN _1 IS NOT NULL THEN concat_ws({listed}) END", arguments)


def _variadic(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return fill(f"{name}({', '.join(f'_{number}' for number in range(1, len(arguments) + 1))})", arguments)

    return build


_SOUNDEX_DIGITS = "translate(upper(left(_1, 1)) || translate(upper(substr(_1, 2)), 'HW', ''), _2, _3)"


def _soundex(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """American Soundex: a letter and three digits; h and w do not part equal digits, vowels do."""
    letters, digits = text("AEIOUYHWBFPVCGJKQSXZDTLMNR"), text("00000000111122222222334556")
    result = fill(_SOUNDEX_DIGITS, [arguments[0], letters, digits])
    for digit in "123456":
        result = fill(f"regexp_replace(_1, '{digit}+', '{digit}', 'g')", [result])
    found = fill("rpad(left(replace(substr(_1, 2), '0', ''), 3), 3, '0')", [result])
    return fill("CASE WHEN _1 = '' THEN '' ELSE upper(left(_1, 1)) || _2 END", [arguments[0], found])


def _case(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    pairs = len(arguments) // 2
    branches = " ".join(f"WHEN _{2 * number + 1} THEN _{2 * number + 2}" for number in range(pairs))
    default = f" ELSE _{len(arguments)}" if len(arguments) % 2 else ""
    return fill(f"CASE {branches}{default} END", arguments)


def _array(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    array = exp.Array(expressions=[argument.copy() for argument in arguments])
    return array if arguments else cast(array, call.type)


def _associate(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    keys = exp.Array(expressions=[argument.copy() for argument in arguments[::2]])
    values = exp.Array(expressions=[argument.copy() for argument in arguments[1::2]])
    return fill("map(_1, _2)", [keys, values])


def _over_entries(template: str) -> Builder:
    """Functions over a map's entries: the lambda's two variables become the parts of one entry."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        lambda_ = arguments[1]
        key, value = (variable.name for variable in lambda_.expressions)
        entry = key.replace("key", "entry")  # numbered as the variables are, so that lambdas nest
        parts = {key: f"struct_extract({entry}, 'key')", value: f"struct_extract({entry}, 'value')"}

        def replaced(node: exp.Expression) -> exp.Expression:
            part = parts.get(node.name) if isinstance(node, exp.Column) and not node.table else None
            return fill(part, []) if part else node

        body = lambda_.this.copy().transform(replaced)
        return fill(re.sub(r"\bentry\b", entry, template), [arguments[0], body])

    return build


def _size(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("cardinality(_1)" if str(call.arguments[0].type).startswith("[") else "len(_1)", arguments)


# ---------------------------------------------------------------- regular expressions

_BEYOND_RE2 = re.compile(r"\(\?(?:=|!|<=|<!|>)|(?<!\\)(?:\\\\)*\\[1-9]|[*+?}]\+")


def constant(call: Call, index: int) -> Any:
    """The value of a constant argument; None when it is absent or null."""
    argument = call.arguments[index] if index < len(call.arguments) else None
    return argument.value if isinstance(argument, Literal) else None


def _pattern(call: Call) -> exp.Expression:
    pattern = str(constant(call, 1) or "")
    found = _BEYOND_RE2.search(pattern)
    if found is not None:
        raise ProblemFound(
            f"DuckDB's regular expressions have no {found.group()!r}",
            call.span,
            expected="a pattern without look-around, back-references and possessive repetition",
        )
    return text(pattern)


def _regex_test(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("regexp_matches(_1, _2)", [arguments[0], _pattern(call)])


def _regex_extract(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    group = constant(call, 2)
    number = exp.Literal.number(1 if group is None else int(group))
    return fill("regexp_extract(_1, _2, _3)", [arguments[0], _pattern(call), number])


def _regex_replace(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    # Java writes groups as $1 and escapes with a backslash; RE2 writes them as \1.
    java = str(constant(call, 2) or "")
    escaped = re.sub(
        r"\\(.)|\$(\d)", lambda found: f"\\{found[2]}" if found[2] else found[1].replace("\\", "\\\\"), java
    )
    return fill("regexp_replace(_1, _2, _3, 'g')", [arguments[0], _pattern(call), text(escaped)])


def _regex_split(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("string_split_regex(_1, _2)", [arguments[0], _pattern(call)])


def _substring_index(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    count, delimiter = int(constant(call, 2) or 0), text(str(constant(call, 1) or ""))
    if count == 0:
        return fill("CASE WHEN _1 IS NOT NULL THEN '' END", arguments)
    bounds = (
        f"1, {count}"
        if count > 0
        else f"greatest(len(string_split(_1, _2)) - {-count - 1}, 1), len(string_split(_1, _2))"
    )
    return fill(f"array_to_string(list_slice(string_split(_1, _2), {bounds}), _2)", [arguments[0], delimiter])


_BYTES_TO_BINARY = (
    "unhex(array_to_string(list_transform(_1, lambda part: printf('%02x', CAST(part AS INTEGER) & 255)), ''))"
)
_ASCII = ("US-ASCII", "ASCII")


def _charset(template: str) -> Builder:
    """``_1`` of the template is the text, or the bytes, in UTF-8."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        charset = str(constant(call, 1) or "UTF-8")
        if charset.upper() in _ASCII and call.function == "encode":
            # As in Java, a character that the charset lacks becomes a question mark.
            return fill(template, [fill(r"regexp_replace(_1, '[^\x00-\x7F]', '?', 'g')", arguments)])
        if charset.upper() not in ("UTF-8", "UTF8"):
            raise ProblemFound(f"DuckDB cannot convert to or from the charset {charset!r}", call.span, expected="UTF-8")
        return fill(template, arguments)

    return build


def _decode(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    kind = call.arguments[0].type
    if kind not in (BINARY, Array(BYTE)):
        raise ProblemFound(f"decode() does not take {kind}", call.span, expected="binary or byte[]")
    given = arguments[0] if kind == BINARY else fill(_BYTES_TO_BINARY, arguments)
    if str(constant(call, 1) or "").upper() in _ASCII:
        template = "CASE WHEN regexp_full_match(hex(_1), '([0-7].)*') THEN decode(_1) ELSE error(_2) END"
        return fill(template, [given, text("decode(): the bytes are not US-ASCII")])
    return _charset("decode(_1)")(call, [given])


# ---------------------------------------------------------------- numbers

_ROUNDINGS = {
    1: "sign(_1) * ceil(abs(_1) * _2) / _2",
    2: "sign(_1) * floor(abs(_1) * _2) / _2",
    3: "ceil(_1 * _2) / _2",
    4: "floor(_1 * _2) / _2",
    6: "sign(_1) * ceil(abs(_1) * _2 - 0.5) / _2",
}


def _round(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The eight modes of java.math.BigDecimal, over the decimal digits of the number; half up by default."""
    scale, mode = int(constant(call, 1) or 0), int(constant(call, 2) or 5)
    exact = conversions.to_decimal(arguments[0], call.arguments[0].type, Decimal(38, 15))
    if mode == 5:
        rounded = fill(f"round(_1, {scale})", [exact])
    elif mode == 7:
        rounded = fill(f"round_even(_1, {scale})", [exact])
    elif mode in _ROUNDINGS and scale >= 0:
        rounded = fill(_ROUNDINGS[mode], [exact, exp.Literal.number(10**scale)])
    else:
        raise ProblemFound(f"DuckDB cannot round with mode {mode} to {scale} digits", call.span, expected="mode 1 to 7")
    return fill("coalesce(CAST(_1 AS DOUBLE), _2)", [rounded, cast(arguments[0], call.type)])


_BUILDERS: dict[str, str | Builder] = {
    "array": _array,
    "associate": _associate,
    "case": _case,
    "coalesce": _variadic("coalesce"),
    "concat": _joined,
    "concatWS": _joined_with_separator,
    "decode": _decode,
    "encode": _charset("encode(_1)"),
    "fromBase64": _charset("decode(from_base64(_1))"),
    "greatest": _variadic("greatest"),
    "iifNull": _variadic("coalesce"),
    "least": _variadic("least"),
    "like": _like,
    "mapAssociation": _over_entries("list_transform(map_entries(_1), lambda entry: _2)"),
    "reassociate": _over_entries(
        "map_from_entries(list_transform(map_entries(_1), "
        "lambda entry: {'key': struct_extract(entry, 'key'), 'value': _2}))"
    ),
    "regexExtract": _regex_extract,
    "regexMatch": _regex_test,
    "regexReplace": _regex_replace,
    "regexSplit": _regex_split,
    "rlike": _regex_test,
    "round": _round,
    "size": _size,
    "soundex": _soundex,
    "substringIndex": _substring_index,
    "toBinary": _BYTES_TO_BINARY,
    "toBase64": _charset("base64(encode(_1))"),
}


CAPABILITIES = CapabilityTable(
    "DuckDB",
    {
        **_TEXT,
        **_NUMBERS,
        **_LOGIC,
        **_ARRAYS,
        **_BUILDERS,
        **hashes.FUNCTIONS,
        **conversions.FUNCTIONS,
        **documents.FUNCTIONS,
        **dates.FUNCTIONS,
        **aggregates.FUNCTIONS,
    },
)
