"""Datasets and linked services with their parameters filled in: what an activity really reads or writes."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from local_azure.context import ServiceContext
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import DATASET, LINKED_SERVICE
from local_azure.services.synapse_workspace.executable_types import unusable_dataset, unusable_linked_service
from local_azure.services.synapse_workspace.lake import LakePath
from local_azure.services.synapse_workspace.store import Artifact, Artifacts
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import Scope, constant, evaluate

_SQL_SUFFIX = ".database.windows.net"
_TABLE_FORMATS = ("table", "query")
_PLACES = ("fileSystem", "container", "folderPath", "fileName")


@dataclass(frozen=True)
class SqlLocation:
    """A database, and the table if the dataset names one (schema and table as written)."""

    server: str
    database: str
    schema: str = ""
    table: str = ""


@dataclass(frozen=True)
class FileLocation:
    """A place in the lake; `file` is empty when the dataset names a folder only."""

    root: LakePath
    folder: str
    file: str

    @property
    def folder_path(self) -> LakePath:
        """The folder."""
        return self.root.child(self.folder)

    @property
    def path(self) -> LakePath:
        """The file, or the folder when there is none."""
        return self.root.child(self.folder, self.file)


@dataclass(frozen=True)
class Dataset:
    """A dataset ready to use; `settings` are its evaluated type properties without the location."""

    name: str
    type: str
    location: SqlLocation | FileLocation
    settings: Mapping[str, Any]

    @property
    def files(self) -> FileLocation:
        """Its place in the lake; raises ActivityFailure for a dataset of another store."""
        if not isinstance(self.location, FileLocation):
            raise ActivityFailure("2200", f"The dataset '{self.name}' of type {self.type} does not name files.")
        return self.location

    @property
    def sql(self) -> SqlLocation:
        """Its database; raises ActivityFailure for a dataset of another store."""
        if not isinstance(self.location, SqlLocation):
            raise ActivityFailure("2200", f"The dataset '{self.name}' of type {self.type} does not name a database.")
        return self.location


class _Surroundings:
    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def now(self) -> datetime:
        return self._context.clock.now()

    def new_guid(self) -> str:
        return str(uuid.uuid4())

    def random_integer(self, low: int, high: int) -> int:
        return random.SystemRandom().randrange(low, high)


class Datasets:
    """Resolves references of one workspace; every failure is an ActivityFailure that names the artifact."""

    def __init__(self, context: ServiceContext, artifacts: Artifacts, workspace: Workspace) -> None:
        self._artifacts = artifacts
        self._workspace = workspace
        self._scope = Scope(_Surroundings(context))

    def resolve(self, reference: Mapping[str, Any]) -> Dataset:
        """The dataset of `{"referenceName", "parameters"}`, evaluated."""
        artifact = self._find(DATASET, reference)
        values = self._parameters(artifact, reference.get("parameters") or {})
        scope = self._scope.with_reference("dataset", constant("dataset", values))
        kind = str(artifact.properties["type"])
        settings = self._evaluate(artifact, artifact.properties.get("typeProperties") or {}, scope)
        _require_usable(artifact, unusable_dataset(kind, settings))
        service_reference = self._evaluate(artifact, artifact.properties["linkedServiceName"], scope)
        service_kind, service = self.linked_service(service_reference)
        location = settings.get("location")
        if isinstance(location, Mapping):
            place: SqlLocation | FileLocation = _file_location(artifact.name, service_kind, service, location)
        else:
            place = _sql_location(artifact.name, service_kind, service, settings)
        rest = {key: value for key, value in settings.items() if key != "location"}
        return Dataset(artifact.name, kind, place, rest)

    def inline(
        self, name: str, service_reference: Mapping[str, Any], kind: str, properties: Mapping[str, Any]
    ) -> Dataset:
        """The dataset that a statement of a data flow describes: a format and a place in a linked service."""
        service_kind, service = self.linked_service(service_reference)
        if kind in _TABLE_FORMATS:
            named = {"schema": properties.get("schemaName"), "table": properties.get("tableName")}
            return Dataset(name, kind, _sql_location(name, service_kind, service, named), {})
        location = {key: value for key, value in properties.items() if key in _PLACES}
        place = _file_location(name, service_kind, service, location)
        return Dataset(name, kind, place, {key: value for key, value in properties.items() if key not in _PLACES})

    def lake_host(self, name: str, service_reference: Mapping[str, Any]) -> str:
        """The host of a lake that a linked service leads to; `name` is what names it."""
        service_kind, service = self.linked_service(service_reference)
        return _file_location(name, service_kind, service, {}).root.host

    def linked_service(self, reference: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """The type and the evaluated type properties of a linked service."""
        artifact = self._find(LINKED_SERVICE, reference)
        values = self._parameters(artifact, reference.get("parameters") or {})
        scope = self._scope.with_reference("linkedService", constant("linkedService", values))
        properties = self._evaluate(artifact, artifact.properties.get("typeProperties") or {}, scope)
        kind = str(artifact.properties["type"])
        _require_usable(artifact, unusable_linked_service(kind, properties))
        return kind, properties

    def _find(self, kind: Any, reference: Mapping[str, Any]) -> Artifact:
        try:
            return self._artifacts.get(self._workspace, kind, str(reference.get("referenceName")))
        except ServiceError as error:
            raise ActivityFailure("2200", error.message) from error

    def _parameters(self, artifact: Artifact, given: Mapping[str, Any]) -> dict[str, Any]:
        declared = artifact.properties.get("parameters") or {}
        unknown = [name for name in given if name not in declared]
        missing = [name for name, spec in declared.items() if name not in given and "defaultValue" not in spec]
        if unknown or missing:
            wrong = [f"unknown parameter '{name}'" for name in unknown] + [f"no value for '{name}'" for name in missing]
            raise ActivityFailure("2200", f"The {artifact.kind.noun} '{artifact.name}' has {'; '.join(wrong)}.")
        return {name: given.get(name, spec.get("defaultValue")) for name, spec in declared.items()}

    def _evaluate(self, artifact: Artifact, value: Any, scope: Scope) -> Mapping[str, Any]:
        try:
            evaluated = evaluate(value, scope)
        except ExpressionError as error:
            raise ActivityFailure("InvalidTemplate", f"The {artifact.kind.noun} '{artifact.name}': {error}.") from error
        return evaluated if isinstance(evaluated, Mapping) else {}


def _require_usable(artifact: Artifact, causes: Iterable[str]) -> None:
    """Published is more than what can be used here: the run that would use it fails and says why."""
    told = "; ".join(causes)
    if told:
        raise ActivityFailure("2200", f"The {artifact.kind.noun} '{artifact.name}' cannot be used locally: {told}.")


def _file_location(name: str, kind: str, service: Mapping[str, Any], location: Mapping[str, Any]) -> FileLocation:
    url = {"AzureBlobFS": service.get("url"), "AzureBlobStorage": service.get("serviceEndpoint")}.get(kind)
    if url is None:
        raise ActivityFailure("2200", f"The dataset '{name}' has a file location on a linked service of type {kind}.")
    host = urlsplit(str(url)).hostname or ""
    file_system = str(location.get("fileSystem") or location.get("container") or "")
    root = LakePath(host.replace(".blob.", ".dfs."), file_system, "")
    return FileLocation(root, str(location.get("folderPath") or "").strip("/"), str(location.get("fileName") or ""))


def _sql_location(name: str, kind: str, service: Mapping[str, Any], settings: Mapping[str, Any]) -> SqlLocation:
    if kind != "AzureSqlDatabase":
        raise ActivityFailure("2200", f"The dataset '{name}' names a table on a linked service of type {kind}.")
    server, database = str(service.get("server") or ""), str(service.get("database") or "")
    if "connectionString" in service:
        pairs = _connection_string(service["connectionString"])
        server = server or pairs.get("data source", pairs.get("server", ""))
        database = database or pairs.get("initial catalog", pairs.get("database", ""))
    server = re.sub(r"^tcp:|,\d+$", "", server.strip()).lower().removesuffix(_SQL_SUFFIX)
    table = str(settings.get("table") or "")
    schema = str(settings.get("schema") or "")
    if not table and settings.get("tableName"):
        schema, _, table = str(settings["tableName"]).replace("[", "").replace("]", "").rpartition(".")
    return SqlLocation(server, database, schema or "dbo", table)


def _connection_string(value: Any) -> dict[str, str]:
    text = str(value.get("value")) if isinstance(value, Mapping) else str(value)
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {key.strip().lower(): item.strip() for key, _, item in pairs}
