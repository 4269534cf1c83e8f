"""The far side of a private endpoint: connections that ask to come into a resource, on management.azure.com.

https://learn.microsoft.com/azure/private-link/manage-private-endpoint
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from azure_ids.arm import ArmId
from dataplane_provider.clients.data_factory import is_lag
from dataplane_provider.clients.rest import Answer, RestChannel
from dataplane_provider.clients.waiting import Waiter, until_permitted
from dataplane_provider.errors import message
from provider_wire.verbs import ProviderError

VERSIONS = {
    "microsoft.storage/storageaccounts": "2023-05-01",
    "microsoft.keyvault/vaults": "2023-07-01",
    "microsoft.sql/servers": "2021-11-01",
    "microsoft.documentdb/databaseaccounts": "2023-04-15",
    "microsoft.synapse/workspaces": "2021-06-01",
}
"""Types of resources whose connections can be approved, and the api-version of the calls on them."""
_COLLECTION = "privateEndpointConnections"
Result = TypeVar("Result")


@dataclass(frozen=True)
class PrivateLinkClient:
    """The connections of one resource as one verb uses them. Each method waits for a fresh role to take effect."""

    target: ArmId
    channel: RestChannel
    waiter: Waiter
    patience_seconds: float

    def find(self, endpoint: str) -> dict[str, Any] | None:
        """The connection of the endpoint of that name (`<workspace>.<endpoint>`); None if there is none (yet)."""
        doing = f"looking for the connection of {endpoint} at {self.target}"
        answer = self._send("GET", f"{self.target}/{_COLLECTION}", doing)
        for item in answer.body.get("value", []):
            id = str((item.get("properties", {}).get("privateEndpoint") or {}).get("id", ""))
            if id.rsplit("/", 1)[-1].lower() == endpoint.lower():
                return dict(item)
        return None

    def approve(self, connection: str, description: str) -> None:
        """Let a connection in, by its id. Raises ServiceFailure."""
        state = {"status": "Approved", "description": description}
        body = {"properties": {"privateLinkServiceConnectionState": state}}
        self._send("PUT", connection, f"approving {connection}", body, frozenset({200, 201, 202}))

    def _send(
        self, method: str, path: str, doing: str, body: Any = None, accepted: frozenset[int] = frozenset({200})
    ) -> Answer:
        def send() -> Answer:
            return self.channel.send(
                method,
                path,
                doing=doing,
                waiter=self.waiter,
                query={"api-version": version_of(self.target)},
                body=body,
                accepted=accepted,
            )

        return self._permitted(send)

    def _permitted(self, operation: Callable[[], Result]) -> Result:
        return until_permitted(operation, is_lag, self.waiter, self.patience_seconds)


def version_of(target: ArmId) -> str:
    """The api-version for the connections of a resource. Raises ProviderError naming the types that are known."""
    version = VERSIONS.get(target.type.lower())
    if version is None:
        known = ", ".join(sorted(VERSIONS))
        raise ProviderError(message(f"looking up private links of {target.type}", "the type is unknown", known))
    return version
