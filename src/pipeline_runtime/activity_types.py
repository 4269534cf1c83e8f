"""The activity types that can run, with the typeProperties each may have. A pure table.

Property names: the page of each activity, from
https://learn.microsoft.com/azure/data-factory/concepts-pipelines-activities
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActivityType:
    """One type: its properties, which are required, which hold activities, and whether a port executes it.

    `properties` None: what it may have is not described here.
    """

    name: str
    properties: frozenset[str] | None = None
    required: frozenset[str] = frozenset()
    branches: tuple[str, ...] = ()
    executed_by_port: bool = False


def _type(name: str, required: str, optional: str = "", branches: str = "", port: bool = False) -> ActivityType:
    needed, holding = frozenset(required.split()), tuple(branches.split())
    known = needed | frozenset(optional.split()) | frozenset(holding)
    return ActivityType(name, known, needed, holding, port)


ACTIVITY_TYPES: dict[str, ActivityType] = {
    each.name: each
    for each in (
        _type(
            "Copy",
            "source sink",
            "translator enableStaging stagingSettings parallelCopies dataIntegrationUnits enableSkipIncompatibleRow "
            "redirectIncompatibleRowSettings logStorageSettings logSettings preserveRules preserve "
            "validateDataConsistency skipErrorFile",
            port=True,
        ),
        _type(
            "ExecuteDataFlow",
            "dataflow",
            "compute traceLevel staging integrationRuntime continueOnError runConcurrently sourceStagingConcurrency "
            "cacheSinks continuationSettings",
            port=True,
        ),
        _type(
            "WebActivity",
            "url method",
            "headers body authentication connectVia linkedServices datasets disableCertValidation httpRequestTimeout "
            "turnOffAsync",
            port=True,
        ),
        _type("Lookup", "source dataset", "firstRowOnly", port=True),
        _type(
            "GetMetadata",
            "dataset fieldList",
            "storeSettings formatSettings",
            port=True,
        ),
        _type(
            "Delete",
            "dataset",
            "recursive maxConcurrentConnections enableLogging logStorageSettings storeSettings",
            port=True,
        ),
        _type("ExecutePipeline", "pipeline", "waitOnCompletion parameters"),
        _type(
            "ForEach",
            "items activities",
            "isSequential batchCount",
            branches="activities",
        ),
        _type("IfCondition", "expression", branches="ifTrueActivities ifFalseActivities"),
        _type("Switch", "on", branches="cases defaultActivities"),
        _type("Until", "expression activities", "timeout", branches="activities"),
        _type("Filter", "items condition"),
        _type("Wait", "waitTimeInSeconds"),
        _type("SetVariable", "variableName value", "setSystemVariable"),
        _type("AppendVariable", "variableName value"),
        _type("Fail", "message errorCode"),
    )
}
LOOPS = frozenset({"ForEach", "Until"})
RETURN_VALUE = "pipelineReturnValue"
"""The system variable by which a pipeline answers whoever started it."""
CONDITIONS = frozenset({"IfCondition", "Switch"})
