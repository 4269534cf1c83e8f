"""What is inside a factory of Data Factory, on management.azure.com: the same artifacts and runs as a workspace's.

Writing is done when it is answered, and errors are Resource Manager's. Who may do what is asked by Resource Manager.
https://learn.microsoft.com/rest/api/datafactory (api-version 2018-06-01)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from local_azure.http import Request, Response, ServiceError
from local_azure.resource_providers import Operation
from local_azure.resources import DATA_FACTORY
from local_azure.services.synapse_workspace.artifact_kinds import (
    CREDENTIAL,
    DATA_FLOW,
    DATASET,
    GLOBAL_PARAMETERS,
    LINKED_SERVICE,
    PIPELINE,
    TRIGGER,
    Kind,
)
from local_azure.services.synapse_workspace.errors import bad_request
from local_azure.services.synapse_workspace.run_handlers import RunHandlers
from local_azure.services.synapse_workspace.store import Artifacts, resource
from local_azure.services.synapse_workspace.validation import check_document
from local_azure.services.synapse_workspace.workspace import Workspace

_PAGE = 50
"""Artifacts in one page of a list."""
_VERSIONS = frozenset({"2018-06-01"})
_KINDS = {
    kind.path.lower(): kind
    for kind in (GLOBAL_PARAMETERS, CREDENTIAL, LINKED_SERVICE, DATASET, DATA_FLOW, PIPELINE, TRIGGER)
}
_PARAMETER_TYPES = frozenset({"array", "bool", "float", "int", "object", "string"})
_COLLECTION = f"/({'|'.join(_KINDS)})"
_NAME = "/([^/]+)"
_CREATE_RUN = f"/pipelines{_NAME}/createRun"
_CANCEL_RUN = f"/pipelineruns{_NAME}/cancel"
_QUERY = {
    _COLLECTION: frozenset({"$skiptoken"}),
    _CREATE_RUN: frozenset({"referencepipelinerunid", "isrecovery", "startactivityname", "startfromfailure"}),
    _CANCEL_RUN: frozenset({"isrecursive"}),
}
"""Query parameters of the routes that have any, in lower case."""


@dataclass(frozen=True)
class _Route:
    """`action` has `{}` where the name of the collection stands in it."""

    method: str
    pattern: re.Pattern[str]
    action: str
    answer: Callable[..., Response]


class FactoryOperations:
    """The provider of Microsoft.DataFactory: one method for each call."""

    def __init__(self, artifacts: Artifacts, runs: RunHandlers) -> None:
        self._artifacts = artifacts
        self._runs = runs
        self._routes = [
            _Route(method, re.compile(pattern, re.IGNORECASE), action, answer)
            for method, pattern, action, answer in self._table()
        ]

    def find(self, method: str, below: str) -> Operation | None:
        """The operation that a method and a path below the factory stand for."""
        for route in self._routes:
            match = route.pattern.fullmatch(below)
            if match and route.method == method:
                names = list(match.groups())
                collection = names[0] if names else ""
                action = f"{DATA_FACTORY}/{route.action.format(collection)}"
                query = _QUERY.get(route.pattern.pattern, frozenset())
                return Operation(action, _VERSIONS, partial(_answer, route.answer, names), query)
        return None

    def _table(self) -> list[tuple[str, str, str, Callable[..., Response]]]:
        run = "/pipelineruns" + _NAME
        return [
            ("GET", _COLLECTION, "{}/read", self._list),
            ("PUT", _COLLECTION + _NAME, "{}/write", self._put),
            ("GET", _COLLECTION + _NAME, "{}/read", self._get),
            ("DELETE", _COLLECTION + _NAME, "{}/delete", self._delete),
            ("POST", _CREATE_RUN, "pipelines/createrun/action", self._create_run),
            ("POST", "/queryPipelineRuns", "querypipelineruns/action", self._query_runs),
            ("GET", run, "pipelineruns/read", self._get_run),
            ("POST", _CANCEL_RUN, "pipelineruns/cancel/action", self._cancel_run),
            ("POST", f"{run}/queryActivityruns", "pipelineruns/queryactivityruns/action", self._query_activities),
            ("POST", f"/triggers{_NAME}/start", "triggers/start/action", partial(self._switch, "Started")),
            ("POST", f"/triggers{_NAME}/stop", "triggers/stop/action", partial(self._switch, "Stopped")),
            (
                "POST",
                f"/triggers{_NAME}/subscribeToEvents",
                "triggers/subscribetoevents/action",
                partial(self._subscribe, True),
            ),
            (
                "POST",
                f"/triggers{_NAME}/unsubscribeFromEvents",
                "triggers/unsubscribefromevents/action",
                partial(self._subscribe, False),
            ),
            (
                "POST",
                f"/triggers{_NAME}/getEventSubscriptionStatus",
                "triggers/geteventsubscriptionstatus/action",
                self._subscription,
            ),
            ("POST", "/querytriggers", "querytriggers/action", self._query_triggers),
            ("POST", "/queryTriggerRuns", "querytriggerruns/action", self._query_trigger_runs),
            ("POST", f"/triggers{_NAME}/triggerRuns{_NAME}/rerun", "triggers/triggerruns/rerun/action", self._rerun),
        ]

    def _list(self, factory: Workspace, request: Request, path: str) -> Response:
        kind = _KINDS[path.lower()]
        after = request.parameter("$skiptoken")
        found = list(self._artifacts.all_of(factory, kind, after, _PAGE + 1))
        body: dict[str, Any] = {"value": [resource(factory, each) for each in found[:_PAGE]]}
        if len(found) > _PAGE:
            token = quote(found[_PAGE - 1].name.lower(), safe="")
            version = request.query["api-version"]
            address = f"https://{request.host}{factory.arm_id}/{kind.path}"
            body["nextLink"] = f"{address}?api-version={version}&%24skiptoken={token}"
        return Response.json(200, body)

    def _put(self, factory: Workspace, request: Request, path: str, name: str) -> Response:
        kind, document = _KINDS[path.lower()], _json(request)
        if kind is GLOBAL_PARAMETERS:
            _check_parameters(name, document)
        else:
            check_document(kind, name, document, factory.pipeline_properties)
        stored = self._artifacts.put(factory, kind, name, document, request.headers.get("if-match"))
        return Response.json(200, resource(factory, stored))

    def _get(self, factory: Workspace, request: Request, path: str, name: str) -> Response:
        artifact = self._artifacts.get(factory, _KINDS[path.lower()], name)
        if request.headers.get("if-none-match", "").strip('"') == artifact.etag:
            return Response(304)
        return Response.json(200, resource(factory, artifact))

    def _delete(self, factory: Workspace, request: Request, path: str, name: str) -> Response:
        kind: Kind = _KINDS[path.lower()]
        if self._artifacts.find(factory, kind, name) is None:
            return Response(204)
        self._artifacts.delete(factory, kind, name)
        return Response(200)

    def _create_run(self, factory: Workspace, request: Request, name: str) -> Response:
        started = self._runs.create_run(factory, name, request)
        return Response(200, started.headers, started.body)

    def _query_runs(self, factory: Workspace, request: Request) -> Response:
        return self._runs.query_runs(factory, request)

    def _get_run(self, factory: Workspace, request: Request, run_id: str) -> Response:
        return self._runs.get_run(factory, run_id)

    def _cancel_run(self, factory: Workspace, request: Request, run_id: str) -> Response:
        return self._runs.cancel_run(factory, run_id, request)

    def _query_activities(self, factory: Workspace, request: Request, run_id: str) -> Response:
        return self._runs.query_activities(factory, None, run_id, request)

    def _switch(self, state: str, factory: Workspace, request: Request, name: str) -> Response:
        return self._runs.set_trigger_state(factory, name, state)

    def _subscribe(self, wanted: bool, factory: Workspace, request: Request, name: str) -> Response:
        return self._runs.subscribe(factory, name, wanted)

    def _subscription(self, factory: Workspace, request: Request, name: str) -> Response:
        return self._runs.subscription(factory, name)

    def _query_triggers(self, factory: Workspace, request: Request) -> Response:
        if _json(request).get("parentTriggerName"):
            raise ServiceError(501, "NotSupported", "The property 'parentTriggerName' is not supported locally.")
        return Response.json(
            200, {"value": [resource(factory, each) for each in self._artifacts.all_of(factory, TRIGGER)]}
        )

    def _query_trigger_runs(self, factory: Workspace, request: Request) -> Response:
        return self._runs.query_trigger_runs(factory, request)

    def _rerun(self, factory: Workspace, request: Request, name: str, run_id: str) -> Response:
        return self._runs.rerun_trigger(factory, name, run_id)


def _answer(
    answer: Callable[..., Response], names: list[str], document: Mapping[str, Any], request: Request
) -> Response:
    """The answer of a method; errors get the shape of Resource Manager."""
    try:
        return answer(Workspace.of(document), request, *names)
    except ServiceError as error:
        raise ServiceError(error.status, error.code, error.message, error.headers, "arm", error.details) from error


def _check_parameters(name: str, document: Mapping[str, Any]) -> None:
    """Raise 400 unless the document is the one with all parameters, each a type and a value."""
    if name != "default":
        raise bad_request(f"The global parameters are named 'default', not '{name}'.", "InvalidName")
    properties = document.get("properties")
    if not isinstance(properties, Mapping):
        raise bad_request("The property 'properties' is missing.", "InvalidPayload")
    for each, parameter in properties.items():
        sound = isinstance(parameter, Mapping) and parameter.keys() == {"type", "value"}
        if not sound or str(parameter["type"]).lower() not in _PARAMETER_TYPES:
            raise bad_request(
                f"The global parameter '{each}' is invalid: expected a value and one of the types "
                f"{', '.join(sorted(_PARAMETER_TYPES))}.",
                "InvalidPayload",
            )


def _json(request: Request) -> dict[str, Any]:
    value = request.json()
    if not isinstance(value, dict):
        raise bad_request("The request content was invalid: expected a JSON object.")
    return value
