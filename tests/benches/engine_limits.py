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
from mapping_dataflow.engines.spark.limits import CANNOT, IN_CONDITION, IN_LAMBDA


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


def _spark_cannot(case: str, what: str) -> Limit:
    return Limit("spark", case, Why.ENGINE_CANNOT, MappingDataFlowErrors, f"Spark cannot do {what}: {CANNOT[what]}")


LIMITS: list[Limit] = [
    _spark_cannot("map(['é', 'e'], length(normalize(#item)))", IN_LAMBDA),
    _spark_cannot("join_left_by_likeness", IN_CONDITION),
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
