"""What an engine does not do, case by case: one table, strict both ways.

A case is a row of the reference's examples, an expression of values.md or the name of a fixture. Whatever stands here
must fail as it says; whatever does not stand here must not fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

import pytest
from spark_bench import SparkError

from mapping_dataflow import MappingDataFlowErrors


class Why(Enum):
    """Whose turn it is."""

    NOT_YET_OURS = "the compiler does not know it yet"
    ENGINE_CANNOT = "the engine has nothing for it"
    NEVER = "it cannot be meant"


@dataclass(frozen=True)
class Limit:
    """One case that fails on an engine: with which exception and what it says."""

    engine: str
    case: str
    why: Why
    exception: type[Exception]
    reason: str


_WITHOUT_A_FUNCTION = {
    "blake2b": ["blake2b(256, 'gunchus', 8.2, 'bojjus', true, toDate('2010-4-4'))"],
    "blake2bBinary": ["E038"],
    "crc32": ["crc32(256, 'gunchus', 8.2, 'bojjus', true, toDate('2010-4-4'))", "crc32('123456789')"],
    "escape": [
        "isNull(escape(toString(null()), 'json'))",
        r"""escape('a"b/c\\d', 'json')""",
        """escape("it's", 'ecmascript')""",
        """escape('é"', 'java')""",
        """escape('<a b="c">&', 'xml')""",
        "escape('é < €', 'html')",
    ],
    "nextSequence": ["nextSequence() >= 0L", "E216", "rows_from_arrays"],
    "normalize": [
        "normalize('é') == 'e' + decode(unhex('cc81'), 'UTF-8')",
        r"regexReplace(normalize('bóys'), `\p{M}`, '')",
        "E217",
    ],
    "partitionId": ["partitionId()"],
    "reduce": [
        "reduce(['1', '2', '3', '4'], '0', #acc + #item, #result)",
        "reduce([1, 2, 3], 0, #acc + #item, #result * 2)",
        "reduce([0.5, 1.5], 1, #acc + #item, #result)",
    ],
    "sort": [
        "sort([4, 8, 2, 3], compare(#item1, #item2))",
        "sort(['bb', 'a', 'cc', 'd'], compare(length(#item1), length(#item2)))",
        "map([[2, 1]], sort(#item, compare(#item1, #item2)))",
        "E277",
    ],
    "toBitSet": [
        "isBitSet(toBitSet([10, 63, 98]), 63)",
        "isBitSet(toBitSet([10]), 500)",
        "isBitSet(toBitSet([10]), -1)",
        "E134",
        "E263",
    ],
    "unescape": ["unescape('&eacute;&#65;&nope;', 'html')", r"unescape('a\\nb', 'java')", "E351"],
}
_WITHOUT_A_PATTERN = {
    "isNull(size(null))": "size() does not take null",
    "round(2.5, 1, 8)": "Spark cannot round with mode 8",
    "isNull(round(toDouble('x'), 1, 8))": "Spark cannot round with mode 8",
    "toString(1234.5, '#,##0.00', 'de-CH')": "Spark cannot print numbers for the locale 'de-CH'",
    "toDouble('12.5%', '0.0%')": "Spark cannot read numbers by the pattern",
    "toInteger('(12)', '#;(#)')": "Spark cannot read numbers by the pattern",
    "isNull(toInteger('1,234', '###'))": "Spark cannot read numbers by the pattern",
    "toInteger('1,234', '#,###')": "Spark cannot read numbers by the pattern",
    "isDouble('$123.45', '$###.00')": "Spark cannot read numbers by the pattern",
    "toString(toDate('2018-07-31'), 'EEEE d MMMM', 'de')": "Spark has no names of months and days",
    "toDate('31 juillet 2018', 'd MMMM yyyy', 'fr')": "Spark has no names of months and days",
}
_OTHER_VALUES = [
    r"regexReplace('2024-05', `(?<y>\d+)-(?<m>\d+)`, '${m}/${y}')",
    "isDecimal('123456789.5')",
    "toDate('31/12/2018', 'dd/MM/yy')",
    "toDate('31/12/68', 'dd/MM/yy')",
    "toDate('2 January 12', 'd MMM yy')",
    "mapIf([10, 20, 30], #item > 10, #index)",
    "mapIf([10, 20, 30], #index != 2, #item)",
]

LIMITS = [
    Limit("spark", "ancestors", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute md5() of values"),
    *(
        Limit("spark", row, Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot read numbers by the pattern")
        for row in "E145 E148 E151 E154 E160 E313 E314 E318 E324 E327".split()
    ),
    *(
        Limit("spark", text, Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot print numbers for the locale 'de'")
        for text in ["toString(1234567.891, '#,##0.00', 'de')"]
    ),
    Limit("spark", "parse", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute parseDocument()"),
    Limit("spark", "stringify", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute toJson()"),
    Limit("spark", "jaroWinkler('abc', 'xyz')", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute jaroW"),
    Limit("spark", "E165", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute jaroWinkler()"),
    Limit("spark", "E197", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute md5() of values"),
    Limit("spark", "E265", Why.NOT_YET_OURS, MappingDataFlowErrors, "Spark cannot compute sha2() of values"),
    *(
        Limit("spark", case, Why.NOT_YET_OURS, MappingDataFlowErrors, f"Spark cannot compute {name}()")
        for name, cases in _WITHOUT_A_FUNCTION.items()
        for case in cases
    ),
    *(
        Limit("spark", case, Why.NOT_YET_OURS, MappingDataFlowErrors, reason)
        for case, reason in _WITHOUT_A_PATTERN.items()
    ),
    *(
        Limit("spark", case, Why.NOT_YET_OURS, SparkError, "due to data type mismatch")
        for case in ("E302", "hex(toBinary(3))", "hex(toBinary('é'))", "isNull(toBinary(null))")
    ),
    *(Limit("spark", case, Why.NOT_YET_OURS, AssertionError, "where False = same(") for case in _OTHER_VALUES),
]
EXCEPTIONS = (MappingDataFlowErrors, SparkError, AssertionError)
_BY_CASE = {(limit.engine, limit.case): limit for limit in LIMITS}


@contextmanager
def limited(engine: str, case: str) -> Iterator[None]:
    """The block must do what it does, or fail as the table says for this case."""
    limit = _BY_CASE.get((engine, case))
    if limit is None:
        yield
        return
    with pytest.raises(limit.exception, match=re.escape(limit.reason)):
        yield


def limited_cases() -> set[str]:
    """The cases of all entries."""
    assert len(_BY_CASE) == len(LIMITS)
    return {limit.case for limit in LIMITS}
