"""What of a resource a private endpoint leads to, and the zone in which its private name stands.

https://learn.microsoft.com/azure/private-link/private-endpoint-dns
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STORAGE_ACCOUNT = "Microsoft.Storage/storageAccounts"
KEY_VAULT = "Microsoft.KeyVault/vaults"
SYNAPSE_WORKSPACE = "Microsoft.Synapse/workspaces"
SQL_SERVER = "Microsoft.Sql/servers"


@dataclass(frozen=True)
class PrivateLink:
    """A part of a resource: the suffix of its public host names, and the zone that private ones stand in."""

    suffix: str
    zone: str


def _of_storage(kind: str) -> PrivateLink:
    return PrivateLink(f".{kind}.core.windows.net", f"privatelink.{kind}.core.windows.net")


_SQL_OF_SYNAPSE = PrivateLink(".sql.azuresynapse.net", "privatelink.sql.azuresynapse.net")
PRIVATE_LINKS: Mapping[str, Mapping[str, PrivateLink]] = {
    STORAGE_ACCOUNT: {kind: _of_storage(kind) for kind in ("blob", "dfs", "file", "queue", "table", "web")},
    KEY_VAULT: {"vault": PrivateLink(".vault.azure.net", "privatelink.vaultcore.azure.net")},
    SYNAPSE_WORKSPACE: {
        "Dev": PrivateLink(".dev.azuresynapse.net", "privatelink.dev.azuresynapse.net"),
        "Sql": _SQL_OF_SYNAPSE,
        "SqlOnDemand": _SQL_OF_SYNAPSE,
    },
    SQL_SERVER: {"sqlServer": PrivateLink(".database.windows.net", "privatelink.database.windows.net")},
}
"""By type and group id."""


def private_links_of(resource_type: str) -> Mapping[str, PrivateLink]:
    """The parts of a type, in any case, by group id; none for a type without private endpoints."""
    return next((found for kind, found in PRIVATE_LINKS.items() if kind.lower() == resource_type.lower()), {})
