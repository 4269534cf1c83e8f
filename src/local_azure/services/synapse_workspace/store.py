"""The artifacts of all workspaces and the rules that hold between them: references, etags, started triggers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_azure.clock import azure_timestamp
from local_azure.context import ServiceContext
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import (
    BY_REFERENCE,
    DEFAULT_INTEGRATION_RUNTIME,
    KINDS,
    NOTEBOOK,
    PIPELINE,
    RESOURCES,
    SPARK_CONFIGURATION,
    TRIGGER,
    Kind,
)
from local_azure.services.synapse_workspace.errors import bad_request, not_found, precondition_failed
from local_azure.services.synapse_workspace.references import Reference, references_of
from local_azure.services.synapse_workspace.referrers import Referrers
from local_azure.services.synapse_workspace.tumbling_windows import refuse_other_windows
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamp_formats import format_timestamp
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp

_TIMES = ("startTime", "endTime")
MASK = "**********"
_HIDDEN = ("value", "defaultValue")
_NESTED = (dict, list)


@dataclass(frozen=True)
class Artifact:
    """A stored artifact; `document` is `{"name", "properties"}` with its secrets, `etag` as in the resource."""

    kind: Kind
    name: str
    document: Mapping[str, Any]
    etag: str

    @property
    def properties(self) -> Mapping[str, Any]:
        """The artifact's properties, secrets included."""
        value: Mapping[str, Any] = self.document["properties"]
        return value


class Artifacts:
    """Artifacts by kind and name; names compare without regard to case."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._collection = context.state.collection("synapse-artifacts")
        self._subscriptions = context.state.collection("synapse-event-subscriptions")
        self._referrers = Referrers(context.state, self._collection)

    def find(self, workspace: Workspace, kind: Kind, name: str) -> Artifact | None:
        """The artifact, or None."""
        stored = self._collection.get(workspace.key(kind.path, name.lower()))
        return _artifact(kind, stored) if stored else None

    def get(self, workspace: Workspace, kind: Kind, name: str) -> Artifact:
        """The artifact; raises 404."""
        found = self.find(workspace, kind, name)
        if found is None:
            raise not_found(kind, name, workspace)
        return found

    def all_of(self, workspace: Workspace, kind: Kind, after: str = "", limit: int | None = None) -> Iterator[Artifact]:
        """Artifacts of a kind, ordered by lower-cased name, after a name."""
        prefix = workspace.key(kind.path, "")
        start = prefix + after.lower() if after else ""
        for _, stored in self._collection.scan(prefix=prefix, start_after=start, limit=limit):
            yield _artifact(kind, stored)

    def put(
        self, workspace: Workspace, kind: Kind, name: str, document: Mapping[str, Any], if_match: str | None
    ) -> Artifact:
        """Create or replace a checked document; raises 412 for an etag that does not match, 400 for broken rules."""
        with self._context.state.transaction():
            existing = self.find(workspace, kind, name)
            _check_etag(name, existing, if_match)
            if existing is not None:
                self._refuse_started(existing, "update")
            self._check_references(workspace, document)
            properties = self._normalised(kind, document["properties"])
            if existing is not None and kind is TRIGGER:
                refuse_other_windows(existing.properties, properties)
            stored: dict[str, Any] = {
                "name": existing.name if existing else name,
                "document": {"name": existing.name if existing else name, "properties": properties},
                "etag": str(uuid.uuid4()),
            }
            self._collection.put(workspace.key(kind.path, name.lower()), stored)
            before = existing.properties if existing else None
            self._referrers.replace(workspace.uid, kind.path, stored["name"], before, properties)
            return _artifact(kind, stored)

    def delete(self, workspace: Workspace, kind: Kind, name: str) -> None:
        """Remove an artifact; raises 404, or 400 when another one refers to it or it is a started trigger."""
        with self._context.state.transaction():
            existing = self.get(workspace, kind, name)
            self._refuse_started(existing, "delete")
            users = self.referrers(workspace, existing)
            if users:
                names = " and ".join(user.name for user in users)
                raise bad_request(
                    f"The document cannot be deleted since it is referenced by {names}.",
                    "DeleteDataFactoryResourceOrchestrationError",
                )
            self._collection.delete(workspace.key(kind.path, name.lower()))
            self._referrers.replace(workspace.uid, kind.path, existing.name, existing.properties, None)
            if kind is TRIGGER:
                self.set_subscription(workspace, existing, wanted=False)

    def rename(self, workspace: Workspace, kind: Kind, name: str, new_name: str) -> None:
        """Give an artifact another name; raises 404, 409 when the name is taken, 400 when it is referred to."""
        with self._context.state.transaction():
            existing = self.get(workspace, kind, name)
            if self.find(workspace, kind, new_name) is not None:
                raise ServiceError(409, "Conflict", f"The {kind.noun} '{new_name}' already exists.", shape="flat")
            self.delete(workspace, kind, name)
            stored = {
                "name": new_name,
                "document": {"name": new_name, "properties": existing.properties},
                "etag": str(uuid.uuid4()),
            }
            self._collection.put(workspace.key(kind.path, new_name.lower()), stored)
            self._referrers.replace(workspace.uid, kind.path, new_name, None, existing.properties)

    def set_runtime_state(self, workspace: Workspace, name: str, state: str) -> Artifact:
        """Start or stop a trigger; raises 404."""
        with self._context.state.transaction():
            trigger = self.get(workspace, TRIGGER, name)
            properties = {**trigger.properties, "runtimeState": state}
            stored = {
                "name": trigger.name,
                "document": {"name": trigger.name, "properties": properties},
                "etag": str(uuid.uuid4()),
            }
            self._collection.put(workspace.key(TRIGGER.path, name.lower()), stored)
            return _artifact(TRIGGER, stored)

    def set_subscription(self, workspace: Workspace, trigger: Artifact, wanted: bool) -> None:
        """Subscribe an event trigger to its events, or end that."""
        key = workspace.key(trigger.name.lower())
        if wanted:
            self._subscriptions.put(key, {})
        else:
            self._subscriptions.delete(key)

    def is_subscribed(self, workspace: Workspace, trigger: Artifact) -> bool:
        """Whether an event trigger is subscribed to its events."""
        return self._subscriptions.get(workspace.key(trigger.name.lower())) is not None

    def referrers(self, workspace: Workspace, artifact: Artifact) -> list[Artifact]:
        """The artifacts that refer to one, in order of kind and name."""
        found = self._referrers.of(workspace.uid, artifact.kind.reference, artifact.name)
        order = list(KINDS)
        return [
            self.get(workspace, KINDS[path], name)
            for path, name in sorted(found, key=lambda each: (order.index(each[0]), each[1].lower()))
        ]

    def _refuse_started(self, existing: Artifact, verb: str) -> None:
        if existing.kind is TRIGGER and existing.properties.get("runtimeState") == "Started":
            raise bad_request(
                "Cannot update enabled Trigger; the trigger needs to be disabled first. "
                f"(to {verb} the trigger '{existing.name}', stop it)",
                "TriggerEnabledCannotUpdate",
            )

    def _check_references(self, workspace: Workspace, document: Mapping[str, Any]) -> None:
        missing = [each for each in references_of(document) if not self._exists(workspace, each)]
        if missing:
            names = ", ".join(f"'{each.name}' ({each.type} at {each.pointer})" for each in missing)
            raise bad_request(f"The document creation or update failed because of invalid reference {names}.")

    def _exists(self, workspace: Workspace, reference: Reference) -> bool:
        kind = BY_REFERENCE.get(reference.type)
        if kind is not None and self.find(workspace, kind, reference.name) is not None:
            return True
        if kind is not None:
            return kind is SPARK_CONFIGURATION and self._context.settings.assume_compute
        if reference.name.lower() == DEFAULT_INTEGRATION_RUNTIME.lower() or self._context.settings.assume_compute:
            return True
        below = f"{workspace.arm_id}/{RESOURCES[reference.type]}/{reference.name}"
        return self._context.resources.get(below) is not None

    def _normalised(self, kind: Kind, properties: Mapping[str, Any]) -> dict[str, Any]:
        result = dict(properties)
        if kind is NOTEBOOK:
            result = _notebook(result)
        if kind is PIPELINE:
            result.setdefault("annotations", [])
            result["lastPublishTime"] = azure_timestamp(self._context.clock.now())
        if kind is TRIGGER:
            result.setdefault("annotations", [])
            result["runtimeState"] = "Stopped"
            result["typeProperties"] = _trigger_times(result.get("typeProperties") or {})
        return result


def resource(workspace: Workspace, artifact: Artifact) -> dict[str, Any]:
    """The artifact as the service shows it, secure strings masked."""
    return {
        "id": f"{workspace.arm_id}/{artifact.kind.path}/{artifact.name}",
        "name": artifact.name,
        "type": f"{workspace.resource_type}/{artifact.kind.path}",
        "properties": masked(artifact.properties),
        "etag": artifact.etag,
    }


def masked(value: Any) -> Any:
    """A JSON value with the values of secure strings hidden."""
    if isinstance(value, dict):
        hidden = _HIDDEN if str(value.get("type")).lower() == "securestring" else ()
        for name in hidden:
            if name in value:
                return {**value, name: MASK}
        return {key: masked(item) if isinstance(item, _NESTED) else item for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) if isinstance(item, _NESTED) else item for item in value]
    return value


def _notebook(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Recorded: what a notebook does not say comes back as null, the time that a session is kept as 0."""
    session = properties.get("sessionProperties")
    return {
        "entityState": None,
        "renameOperationDetails": None,
        "folder": None,
        **properties,
        "sessionProperties": None if session is None else {"conf": None, **session},
        "metadata": {"a365ComputeOptions": None, "sessionKeepAliveTimeout": 0, **properties["metadata"]},
        "cells": [
            {**cell, "execution_count": cell.get("execution_count")} if cell["cell_type"] == "code" else cell
            for cell in properties["cells"]
        ],
    }


def _trigger_times(type_properties: Mapping[str, Any]) -> dict[str, Any]:
    """Recorded: 2020-07-10T02:00:00.000Z comes back as 2020-07-10T02:00:00Z."""
    times = {key: _trigger_time(value) for key, value in type_properties.items() if key in _TIMES and value}
    recurrence = type_properties.get("recurrence")
    if isinstance(recurrence, Mapping):
        inner = {key: _trigger_time(value) for key, value in recurrence.items() if key in _TIMES and value}
        times["recurrence"] = {**recurrence, **inner}
    return {**type_properties, **times}


def _trigger_time(value: Any) -> Any:
    try:
        timestamp = parse_timestamp(str(value))
    except ExpressionError:
        return value
    return format_timestamp(timestamp, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK").replace(".Z", "Z").rstrip(".")


def _check_etag(name: str, existing: Artifact | None, if_match: str | None) -> None:
    if if_match is None or (if_match == "*" and existing is not None):
        return
    if existing is None or if_match.strip('"') != existing.etag:
        raise precondition_failed(name)


def _artifact(kind: Kind, stored: Mapping[str, Any]) -> Artifact:
    return Artifact(kind, stored["name"], stored["document"], stored["etag"])
