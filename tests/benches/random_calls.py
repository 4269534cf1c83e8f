"""Calls of the functions of the catalogue over columns of random rows: every signature with every fitting type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from random_rows import MAKERS

from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Function, Kind, Parameter

_KINDS: Mapping[str, tuple[str, ...]] = {
    "any": ("string", "integer", "double", "boolean", "date", "decimal(10,2)"),
    "number": ("integer", "double", "decimal(10,2)"),
    "integral": ("small",),
    "datetime": ("date", "timestamp"),
    "T": ("integer", "string", "double", "timestamp", "decimal(10,2)"),
    "T[]": ("integer[]", "string[]"),
    "K": ("string",),
    "[K,V]": ("[string,integer]",),
    "any*": ("string", "integer", "double", "boolean"),
}
_FULL_RANGE = frozenset("abs bitwiseAnd bitwiseOr char factorial".split())
"""Functions whose whole numbers may be of any size; elsewhere they are lengths and places."""

NOT_OF_ONE_ROW = frozenset(
    "currentDate currentTimestamp currentUTC random uuid nextSequence partitionId unfold".split()
)
"""Functions whose values depend on the clock, on chance or on other rows, or that make several rows."""

_PATTERN_CALLS = [
    f"{name}(string_0, {pattern})"
    for name in ("rlike", "regexMatch", "regexSplit", "regexExtract")
    for pattern in (r"`[a-c]+`", r"`(\w)(\d*)`", r"`\s`", r"`^.b?`", r"`(?<=a)(b|c)`", r"`x$`", r"`(.)\1`")
]
_DATE_PATTERNS = ("yyyy-MM-dd", "dd/MM/yyyy HH:mm:ss", "yyyyMMdd", "MMM d, yyyy h:mm a", "d.M.yy", "HH:mm:ss.SSS")
_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "contains": ("contains(integer___0, #item > 3)", "contains(string___0, #item == 'a')"),
    "decode": ("decode(binary_0, 'UTF-8')", "decode(binary_0, 'US-ASCII')", "decode(byte___0, 'UTF-16')"),
    "encode": ("encode(string_0, 'UTF-8')", "encode(string_0, 'Windows-1252')", "encode(string_0, 'UTF-16LE')"),
    "escape": ("escape(string_0, 'json')", "escape(string_0, 'xml')"),
    "filter": ("filter(integer___0, #item > small_0)", "filter(string___0, length(#item) == 1)"),
    "find": ("find(integer___0, #item > 3)", "find(string___0, #item != 'a')"),
    "fromBase64": ("fromBase64(string_0)", "fromBase64(toBase64(string_0))"),
    "fromUTC": ("fromUTC(timestamp_0, 'Asia/Seoul')", "fromUTC(timestamp_0, 'PST')"),
    "keyValues": ("keyValues(['a', 'b'], [integer_0, integer_1])",),
    "like": tuple(f"like(string_0, {pattern})" for pattern in ("'%a%'", "'_b%'", r"'%\\_%'", "''", "'%'")),
    "map": ("map(integer___0, #item * 2)", "map(string___0, #item + 'x')", "map(integer_____0, size(#item))"),
    "mapAssociation": ("sort(mapAssociation(_string_integer__0, #key), compare(#item1, #item2))",),
    "mapIf": ("mapIf(integer___0, #item > 3, #item + #index)", "mapIf(string___0, #index > 1, #item)"),
    "mapIndex": ("mapIndex(integer___0, #item * #index)",),
    "mapLoop": ("mapLoop(small_0, #index * 2)",),
    "reassociate": ("valueOf(reassociate(_string_integer__0, #value + 1), 'a')",),
    "reduce": ("reduce(integer___0, 0, #acc + coalesce(#item, 0), #result)",),
    "regexExtract": (r"regexExtract(string_0, `(\w)(\d*)`, 2)", r"regexExtract(string_0, `[a-c]+`, 0)"),
    "regexReplace": (
        r"regexReplace(string_0, `(a)(b?)`, '$2$1')",
        r"regexReplace(string_0, `\s+`, '')",
        r"regexReplace(toString(integer_0), `1*`, '-')",
    ),
    "round": (
        *(f"round({column}, {scale})" for column in ("double_0", "decimal_10_2__0") for scale in (0, 1, 3, -2)),
        *(f"round(double_0, 1, {mode})" for mode in range(1, 8)),
        "round(integer_0, -1)",
    ),
    "size": ("size(integer___0)", "size(_string_integer__0)"),
    "sort": (
        "sort(filter(integer___0, !isNull(#item)), compare(#item1, #item2))",
        "sort(filter(string___0, !isNull(#item)), compare(length(#item1), length(#item2)))",
    ),
    "substringIndex": ("substringIndex(string_0, ',', 2)", "substringIndex(string_0, 'a', -1)"),
    "toBase64": ("toBase64(string_0)",),
    "toBinary": tuple(f"toBinary({name}_0)" for name in ("string", "integer", "long", "double", "byte__", "date")),
    "toDate": tuple(f"toDate(string_0, '{pattern}')" for pattern in _DATE_PATTERNS),
    "toTimestamp": (
        "toTimestamp(small_0)",
        *(f"toTimestamp(toString(timestamp_0, '{pattern}'), '{pattern}')" for pattern in _DATE_PATTERNS),
    ),
    "toString": (
        *(f"toString(timestamp_0, '{pattern}')" for pattern in (*_DATE_PATTERNS, "EEEE D G", "w W")),
        *(
            f"toString(double_0, '{pattern}')"
            for pattern in ("#,##0.00", "0", "000.#", "0.##E0", "0.0%", "#.##;(#.##)")
        ),
        "toString(decimal_10_2__0, '#,##0.0')",
        "toString(integer_0, '000')",
        "toString(double_0, '#,##0.00', 'de')",
        "toString(date_0, 'd MMMM', 'fr')",
        "toString(integer___0)",
        "toString(_a_as_integer__b_as_string__0)",
    ),
    "toDouble": ("toDouble(string_0, '#,##0.0')",),
    "toInteger": ("toInteger(string_0, '#,##0')",),
    "toDecimal": (
        "toDecimal(string_0)",
        "toDecimal(string_0, 20, 3)",
        "toDecimal(double_0, 12, 1)",
        "toDecimal(long_0)",
    ),
    "toUTC": ("toUTC(timestamp_0, 'Asia/Seoul')", "toUTC(timestamp_0, 'UTC')"),
    "unescape": ("unescape(string_0, 'html')",),
    "blake2b": ("blake2b(256, string_0, integer_0)",),
    "blake2bBinary": ("blake2bBinary(128, double_0, boolean_0)",),
    "md5": (
        "md5(string_0, integer_0, double_0, boolean_0, date_0, timestamp_0, long_0, short_0, byte_0)",
        "md5(decimal_10_2__0, decimal_38_18__0, binary_0, float_0)",
        "md5(string___0, integer_____0, _a_as_integer__b_as_string__0)",
    ),
    "sha2": ("sha2(256, string_0, integer_0)", "sha2(512, string_0)", "sha2(224, double_0)"),
}
"""Calls of functions whose arguments a signature does not tell: lambdas, patterns and formats."""

OPERATORS = (
    *(
        f"{kind}_0 {operator} {kind}_1"
        for kind in ("short", "double", "decimal_10_2_", "decimal_18_2_", "decimal_38_18_", "byte")
        for operator in "+ - * / %".split()
    ),
    *(f"pMod({kind}_0, {kind}_1)" for kind in ("short", "double", "decimal_10_2_")),
    *(f"long_0 {operator} small_0" for operator in "+ - / %".split()),
    *(f"integer_0 {operator} integer_1" for operator in "+ - / %".split()),
    "integer_0 ^ integer_1",
    "long_0 | long_1",
    "boolean_0 ^ boolean_1",
    "string_0 <=> string_1",
    "date_0 - date_1",
    "date_0 + small_0",
    "date_0 - small_0",
    "timestamp_0 - timestamp_1",
    "timestamp_0 + hours(small_0)",
    "timestamp_0 > date_0",
    "integer_0 * decimal_10_2__0",
    "decimal_10_2__0 / decimal_38_18__0",
    "decimal_10_2__0 + double_0",
    "string_0 + string_1",
    "integer___0 + integer___1",
    "integer___0[small_0]",
    "_string_integer__0['a']",
    "_a_as_integer__b_as_string__0.b",
    "case(boolean_0, integer_0, boolean_1, long_0, double_0)",
    "isNull(integer___0)",
    "flatten(integer_____0)",
)
"""What is no function with a signature."""


def column(kind: str, place: int) -> str:
    """The name of the column of a type for the argument at a place."""
    letters = "".join(one if one.isalnum() else "_" for one in kind)
    return f"{letters}_{place}"


def columns() -> dict[str, str]:
    """The columns that calls are over: three of each type, and the number of the row."""
    kinds = {**{kind: kind for kind in MAKERS}, "small": "integer"}
    return {"place": "integer"} | {column(name, place): kind for name, kind in kinds.items() for place in range(3)}


def calls(function: Function) -> tuple[str, ...]:
    """Calls with every number of arguments that a signature gives, and every choice of types."""
    written = [
        *_WRITTEN.get(function.name, ()),
        *(one for one in _PATTERN_CALLS if one.startswith(f"{function.name}(")),
    ]
    most = function.most if function.most is not None else max(function.fewest, 3)
    found: list[str] = []
    for count in range(function.fewest, most + 1):
        parameters = [function.parameter(place) for place in range(count)]
        if not any(one.variables or one.constant or one.early for one in parameters):
            found += _generated(function, parameters)
    return (*written, *found)


def _generated(function: Function, parameters: list[Parameter]) -> Iterator[str]:
    """Equal patterns have equal types in a call, so that arguments fit together."""
    patterns = list(dict.fromkeys(one.pattern.strip("[]") for one in parameters))
    choices = [_choices(function, one, place) for place, one in enumerate(parameters)]
    most = {
        pattern: max(len(choice) for one, choice in zip(parameters, choices, strict=True) if _is(one, pattern))
        for pattern in patterns
    }
    for numbers in product(*(range(most[pattern]) for pattern in patterns)):
        chosen = dict(zip(patterns, numbers, strict=True))
        picked = [
            choice[chosen[one.pattern.strip("[]")] % len(choice)]
            for one, choice in zip(parameters, choices, strict=True)
        ]
        yield f"{function.name}({', '.join(picked)})"


def _is(parameter: Parameter, pattern: str) -> bool:
    return parameter.pattern.strip("[]") == pattern


def _choices(function: Function, parameter: Parameter, place: int) -> list[str]:
    kinds = _KINDS.get(parameter.pattern, (parameter.pattern,))
    if function.name in ("in", "coalesce") and parameter.pattern == "T":
        kinds = ("integer", "string", "double")
    if parameter.pattern == "integral" and function.name in _FULL_RANGE:
        kinds = ("integer", "long")
    return [column(kind, place) for kind in kinds]


def scalar_functions() -> dict[str, Function]:
    """The declared functions of one row whose values are the same every time."""
    found = (catalogue.find(name) for name in sorted(catalogue.ALL_NAMES))
    return {
        one.name: one for one in found if one is not None and one.kind is Kind.SCALAR and one.name not in NOT_OF_ONE_ROW
    }


AGGREGATES = (
    *(
        f"{name}({kind}_0)"
        for name in """sum avg mean sumDistinct stddev stddevPopulation variance variancePopulation kurtosis
        skewness""".split()
        for kind in ("small", "short", "float", "decimal_10_2_")
    ),
    *(
        f"{name}({kind}_0)"
        for name in "min max count countDistinct isDistinct countAllDistinct".split()
        for kind in ("small", "string", "date", "timestamp", "boolean", "decimal_10_2_")
    ),
    *(
        f"{name}If(boolean_0, small_0)"
        for name in """sum avg mean sumDistinct stddev stddevSample stddevPopulation variance varianceSample min max
        variancePopulation kurtosis skewness count""".split()
    ),
    *(f"{name}(small_0, float_0)" for name in ("covarianceSample", "covariancePopulation", "count", "countDistinct")),
    *(f"{name}If(boolean_0, small_0, float_0)" for name in ("covarianceSample", "covariancePopulation")),
    "count()",
    "countAll()",
    "countIf(boolean_0)",
    "countAllDistinct(small_0, boolean_0)",
    "isDistinct(small_0, boolean_0)",
    "varianceSample(small_0)",
    "stddevSample(small_0)",
    "size(collect(string_0))",
    "sort(filter(collectUnique(small_0), !isNull(#item)), compare(#item1, #item2))",
)
"""Aggregates whose values do not depend on the order of the rows."""

ORDERED = (
    "first(string_0)",
    "last(string_0)",
    "first(small_0, true())",
    "last(small_0, true())",
    "collect(small_0)",
    "topN(string_0, place, 3)",
    "lag(string_0)",
    "lag(small_0, 2)",
    "lead(small_0, 1, 7)",
    "rank()",
    "denseRank()",
    "rowNumber()",
    "nTile(3)",
    "nTile()",
    "cumeDist()",
)
"""What else stands in windows, where the order of the rows is told."""
