"""Connections of private endpoints to accounts, vaults, workspaces and SQL servers: who asks, what the owner answers.

https://learn.microsoft.com/rest/api/storagerp/private-endpoint-connections (and /keyvault/keyvault/…, /sql/…)
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from azure.mgmt.keyvault.v2023_07_01 import models as vault_models
from azure.mgmt.storage.v2023_05_01 import models as storage_models
from azure.mgmt.synapse import models as synapse_models  # type: ignore[import-untyped]

from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import KEY_VAULT, SQL_SERVER, STORAGE_ACCOUNT, SYNAPSE_WORKSPACE
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore

_COLLECTION = "privateEndpointConnections"
_ANSWERS = ("Approved", "Rejected", "Pending")


def routes(store: ArmStore) -> list[Route]:
    """PrivateEndpointConnectionsOperations of the providers; an answer to a SQL server has the form of a vault's."""
    kinds = (
        _Connections(STORAGE_ACCOUNT, api_versions.STORAGE, storage_models),
        _Connections(KEY_VAULT, api_versions.KEY_VAULT, vault_models),
        _Connections(SYNAPSE_WORKSPACE, api_versions.SYNAPSE, synapse_models),
        _Connections(SQL_SERVER, api_versions.SQL, vault_models),
    )
    return [route for each in kinds for route in each.routes()]


@dataclass(frozen=True)
class _Connections:
    """The connections of one type of resource."""

    owner: str
    versions: frozenset[str]
    models: ModuleType

    def routes(self) -> list[Route]:
        """The four routes of the type."""
        path = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{self.owner}/{{owner}}"
        below, kind = f"{path}/{_COLLECTION}", f"{self.owner}/{_COLLECTION}"
        return [
            Route("GET", below, self.list, f"{kind}/read", path, self.versions, kind),
            Route("GET", f"{below}/{{connection}}", self.get, f"{kind}/read", path, self.versions, kind),
            Route("PUT", f"{below}/{{connection}}", self.put, f"{kind}/write", path, self.versions, kind),
            Route("DELETE", f"{below}/{{connection}}", self.delete, f"{kind}/delete", path, self.versions, kind),
        ]

    def list(self, call: Call) -> Response:
        """All connections of a resource."""
        owner = call.store.get(self._owner(call))
        return listing(list(call.store.of_type(owner["id"], f"{self.owner}/{_COLLECTION}")))

    def get(self, call: Call) -> Response:
        """One connection."""
        return Response.json(200, call.store.get(self._id(call)))

    def put(self, call: Call) -> Response:
        """The owner's answer; only whoever wants to come in makes a connection."""
        document = call.store.get(self._id(call))
        given = call.body(self.models, "PrivateEndpointConnection").get("properties", {})
        state = given.get("privateLinkServiceConnectionState") or {}
        if state.get("status") not in _ANSWERS:
            raise errors.property_invalid(
                "properties.privateLinkServiceConnectionState.status", f"expected one of {', '.join(_ANSWERS)}"
            )
        known = document["properties"]["privateLinkServiceConnectionState"]
        document["properties"]["privateLinkServiceConnectionState"] = {**known, **state}
        call.store.put(document)
        return Response.json(200, document)

    def delete(self, call: Call) -> Response:
        """Ends a connection; the endpoint is then disconnected."""
        return Response(200 if call.store.delete(self._id(call)) else 204)

    def _owner(self, call: Call) -> ArmId:
        return call.resource(self.owner, "owner")

    def _id(self, call: Call) -> ArmId:
        return self._owner(call).child(_COLLECTION, call.names["connection"])
