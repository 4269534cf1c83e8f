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


def _both(case: str, why: Why, reason: str) -> list[Limit]:
    return [Limit(engine, case, why, MappingDataFlowErrors, reason) for engine in ("duckdb", "spark")]


LIMITS = [
    *_both("E038", Why.NOT_YET_OURS, "the function blake2bBinary() is not supported yet"),
    *_both("E134", Why.NOT_YET_OURS, "the function isBitSet() is not supported yet"),
    *_both("E216", Why.NOT_YET_OURS, "the function nextSequence() is not supported yet"),
    *_both("E217", Why.NOT_YET_OURS, "the function normalize() is not supported yet"),
    *_both("E263", Why.NOT_YET_OURS, "the function setBitSet() is not supported yet"),
    *_both("E277", Why.NOT_YET_OURS, "the function sort() is not supported yet"),
    *_both("E302", Why.NOT_YET_OURS, "argument 1 of toBinary() is integer"),
    *_both("E351", Why.NOT_YET_OURS, "the function unescape() is not supported yet"),
    Limit("duckdb", "E104", Why.NOT_YET_OURS, MappingDataFlowErrors, "the charset 'Windows-1252'"),
    Limit("duckdb", "E232", Why.NOT_YET_OURS, MappingDataFlowErrors, "DuckDB cannot compute random() with 1 argument"),
    Limit("duckdb", "E335", Why.NOT_YET_OURS, MappingDataFlowErrors, "the number pattern '##0.#####E0'"),
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
]
EXCEPTIONS = (MappingDataFlowErrors, SparkError)
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
