"""What integration runtimes tell besides their definition: state, keys by which machines join, load of the machines.

No machine ever joins one here.
https://learn.microsoft.com/rest/api/synapse/resourcemanager/integration-runtime-auth-keys
https://learn.microsoft.com/rest/api/datafactory/integration-runtimes
"""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from local_azure.clock import azure_timestamp
from local_azure.http import Response
from local_azure.services.resource_manager import errors
from local_azure.services.resource_manager.handlers import Call
from local_azure.services.resource_manager.store import ArmStore

_KEYS = ("authKey1", "authKey2")
_SELF_HOSTED = "selfhosted"
_COLLECTION = "integration-runtimes"


def forget_with(store: ArmStore) -> None:
    """Lets what is known of a runtime go with it."""
    kept = store.context.state.collection(_COLLECTION)

    def forget(document: dict[str, Any]) -> None:
        kept.delete(str(document["id"]).lower())

    store.context.resources.when_removed(forget)


def note_creation(call: Call, arm_id: str) -> dict[str, Any]:
    """Remembers when a runtime was made, and gives it its keys."""
    record = {"id": str(uuid.uuid4()), "created": azure_timestamp(call.store.context.clock.now())}
    record |= {name: _fresh() for name in _KEYS}
    call.store.context.state.collection(_COLLECTION).put(arm_id.lower(), record)
    return record


def status(call: Call, host: str, document: Mapping[str, Any]) -> Response:
    """Its state: a self-hosted one waits for its first machine, one of Azure is there."""
    definition = document["properties"]
    record = _record(call, document)
    details: dict[str, Any] = {"createTime": record["created"], "nodes": []}
    if _is_self_hosted(document):
        state = "NeedRegistration"
        details |= {"taskQueueId": record["id"], "autoUpdate": "On", "capabilities": {}, "links": [], "serviceUrls": []}
    else:
        state = "Initial" if "ssisProperties" in definition.get("typeProperties", {}) else "Online"
        details["otherErrors"] = []
    told = {"dataFactoryName": host, "state": state, "type": definition["type"], "typeProperties": details}
    return Response.json(200, {"name": document["name"], "properties": told})


def load(call: Call, host: str, document: Mapping[str, Any]) -> Response:
    """How busy its machines are."""
    _require_self_hosted(document)
    return Response.json(200, {"name": document["name"], "nodes": []})


def keys(call: Call, host: str, document: Mapping[str, Any]) -> Response:
    """Both keys."""
    _require_self_hosted(document)
    return Response.json(200, {name: _shown(_record(call, document), host, name) for name in _KEYS})


def renew_key(call: Call, host: str, document: Mapping[str, Any], models: ModuleType) -> Response:
    """Another key in the place of one, which alone is told."""
    _require_self_hosted(document)
    name = str(call.body(models, "IntegrationRuntimeRegenerateKeyParameters").get("keyName", ""))
    if name not in _KEYS:
        raise errors.property_invalid("keyName", f"'{name}' is not one of the known values: {', '.join(_KEYS)}")
    record = {**_record(call, document), name: _fresh()}
    call.store.context.state.collection(_COLLECTION).put(str(document["id"]).lower(), record)
    return Response.json(200, {name: _shown(record, host, name)})


def _record(call: Call, document: Mapping[str, Any]) -> dict[str, Any]:
    found = call.store.context.state.collection(_COLLECTION).get(str(document["id"]).lower())
    return found or note_creation(call, str(document["id"]))  # a state of earlier versions has no note


def _is_self_hosted(document: Mapping[str, Any]) -> bool:
    return str(document["properties"]["type"]).lower() == _SELF_HOSTED


def _require_self_hosted(document: Mapping[str, Any]) -> None:
    if not _is_self_hosted(document):
        kind = document["properties"]["type"]
        raise errors.bad_request(f"The integration runtime '{document['name']}' is {kind}; only SelfHosted has keys.")


def _shown(record: Mapping[str, Any], host: str, name: str) -> str:
    return f"IR@{record['id']}@{host}@ServiceEndpoint=frontend.clouddatahub.net@{record[name]}"


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
