"""The shapes of documents: which properties an artifact, or a part of it, may and must have. Pure tables.

Types of linked services, datasets, data flows and triggers are all that Azure documents. Names of types are read in any
case, as Azure reads them: Studio writes `AzurePostgreSQLSink` and `LakehouseLocation`, the interface declares other
spellings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from artifact_checks import documented_properties as documented


@dataclass(frozen=True)
class Shape:
    """The properties an object may and must have."""

    known: frozenset[str]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TypeShape:
    """The properties of a type: beside `typeProperties`, and in it; None where these are not described."""

    beside: Shape
    inside: Shape | None


def shape_of(known: str, required: str = "") -> Shape:
    """A shape from names with blanks between them."""
    return Shape(frozenset(known.split()) | frozenset(required.split()), frozenset(required.split()))


def _types(text: str) -> dict[str, TypeShape]:
    """The types of a generated table by name in lower case; each has the properties of the line `*` too."""
    lines = text.replace("\n    ", " ").split("\n")
    words = {kind: names.split() for kind, _, names in (line.partition(":") for line in lines) if kind}
    common = words.pop("*")
    return {kind.lower(): _type([*common, *names]) for kind, names in words.items()}


def _type(words: list[str]) -> TypeShape:
    beside = [word.removeprefix(".") for word in words if word.startswith(".")]
    inside = [word for word in words if not word.startswith(".")]
    is_described = "typeProperties" not in {word.removesuffix("!") for word in beside}
    return TypeShape(_marked([*beside, "type!", "typeProperties"]), _marked(inside) if is_described else None)


def _marked(words: list[str]) -> Shape:
    return Shape(
        frozenset(word.removesuffix("!") for word in words),
        frozenset(word.removesuffix("!") for word in words if word.endswith("!")),
    )


LOCATION_TYPES: Mapping[str, TypeShape] = _types(documented.LOCATIONS)
LOCATIONS = frozenset(line.partition(":")[0] for line in documented.LOCATIONS.split("\n") if ":" in line) - {"*"}
TYPES_OF_KINDS: Mapping[str, Mapping[str, TypeShape]] = {
    "credential": _types(
        """
*: .annotations .description
ManagedIdentity: resourceId
ServicePrincipal: azureCloudType servicePrincipalId! servicePrincipalKey! tenant!
"""
    ),
    "dataflow": _types(documented.DATA_FLOWS),
    "dataset": _types(documented.DATASETS),
    "linkedService": _types(documented.LINKED_SERVICES),
    "trigger": _types(documented.TRIGGERS),
}
"""By kind of artifact and type: the properties that it may and must have."""

# Kinds without types, as azure-synapse-artifacts 0.22 declares them and Studio writes them into Git.
# https://learn.microsoft.com/rest/api/synapse/data-plane/notebook (and /sql-script, /kql-scripts, …)
NOTEBOOK = shape_of(
    "description bigDataPool targetSparkConfiguration sessionProperties folder entityState renameOperationDetails",
    required="metadata nbformat nbformat_minor cells",
)
NOTEBOOK_SESSION = shape_of(
    "conf runAsWorkspaceSystemIdentity driverMemory driverCores executorMemory executorCores numExecutors"
)
NOTEBOOK_CELL = shape_of("metadata attachments outputs execution_count", required="cell_type source")
NOTEBOOK_CELL_TYPES = frozenset({"code", "markdown", "raw"})
SQL_SCRIPT = shape_of("description type folder", required="content")
SQL_SCRIPT_CONTENT = shape_of("currentConnection metadata resultLimit", required="query")
SQL_CONNECTION = shape_of("type name poolName databaseName")
KQL_SCRIPT = shape_of("description type folder", required="content")
KQL_SCRIPT_CONTENT = shape_of("currentConnection metadata", required="query")
KQL_CONNECTION = shape_of("type name poolName databaseName")
SCRIPT_METADATA = shape_of("language")
SPARK_JOB_DEFINITION = shape_of(
    "description targetSparkConfiguration requiredSparkVersion language scanFolder folder",
    required="targetBigDataPool jobProperties",
)
SPARK_JOB = shape_of(
    "name className conf args jars files archives pyFiles scanFolder",
    required="file driverMemory driverCores executorMemory executorCores numExecutors",
)
SPARK_CONFIGURATION = shape_of("description annotations notes createdBy created configMergeRule", required="configs")
FOLDER = shape_of("name")
