"""Functions over the rows of a group (aggregate) or of a partition (window). Nulls are left out mostly."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.AGGREGATE,
    """
    approxDistinctCount(any, const number?) -> long
    avg(number) -> =mean
    avgIf(boolean, number) -> =mean
    collect(T) -> T[]
    collectUnique(compared T) -> T[]
    count(any?*) -> long
    countAll(any?) -> long
    countAllDistinct(any*) -> long
    countDistinct(any*) -> long
    countIf(boolean, any?) -> long
    covariancePopulation(number, number) -> double
    covariancePopulationIf(boolean, number, number) -> double
    covarianceSample(number, number) -> double
    covarianceSampleIf(boolean, number, number) -> double
    first(T, const boolean?) -> T
    isDistinct(any*) -> boolean
    kurtosis(number) -> double
    kurtosisIf(boolean, number) -> double
    last(T, const boolean?) -> T
    max(compared T) -> T
    maxIf(boolean, compared T) -> T
    mean(number) -> =mean
    meanIf(boolean, number) -> =mean
    min(compared T) -> T
    minIf(boolean, compared T) -> T
    skewness(number) -> double
    skewnessIf(boolean, number) -> double
    stddev(number) -> double
    stddevIf(boolean, number) -> double
    stddevPopulation(number) -> double
    stddevPopulationIf(boolean, number) -> double
    stddevSample(number) -> double
    stddevSampleIf(boolean, number) -> double
    sum(number) -> =sum
    sumDistinct(number) -> =sum
    sumDistinctIf(boolean, number) -> =sum
    sumIf(boolean, number) -> =sum
    topN(compared T, number, const integral) -> T[]
    variance(number) -> double
    varianceIf(boolean, number) -> double
    variancePopulation(number) -> double
    variancePopulationIf(boolean, number) -> double
    varianceSample(number) -> double
    varianceSampleIf(boolean, number) -> double
    """,
)
