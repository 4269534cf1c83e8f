"""Which functions hide the value they are given: from their results it cannot be read back."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import BOOLEAN
from mapping_dataflow.expressions import Call

_DIGESTS = frozenset("md5 sha1 sha2 crc32 blake2b blake2bBinary".split())
_GENERALISATIONS = frozenset(
    """avg avgIf bitmapCount ceil century collectUniqueCount count countAll countAllDistinct countDistinct
    countDistinctIf countIf dayOfMonth dayOfWeek dayOfYear decade floor hour kurtosis kurtosisIf left length mean
    meanIf millisecond minute month regexExtract right round second sign size skewness skewnessIf soundex stddev
    stddevIf stddevPopulation stddevPopulationIf stddevSample stddevSampleIf substring substringIndex trunc truncate
    variance varianceIf variancePopulation variancePopulationIf varianceSample varianceSampleIf weekOfYear
    year""".split()
)
"""Parts of values, roundings, counts and moments: many values have the same result."""


def hides(call: Call) -> bool:
    """True for digests, generalisations, and tests of values, whose result is only true or false."""
    if call.function in _DIGESTS or call.function in _GENERALISATIONS:
        return True
    return call.type == BOOLEAN and any(argument.type != BOOLEAN for argument in call.arguments)
