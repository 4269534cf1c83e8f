"""What of an account or a vault private endpoints can lead to; read only.

https://learn.microsoft.com/rest/api/storagerp/private-link-resources/list-by-storage-account
https://learn.microsoft.com/rest/api/keyvault/keyvault/private-link-resources/list-by-vault
"""

from __future__ import annotations

from typing import Any

from azure_ids.arm import ArmId
from azure_ids.private_links import private_links_of
from local_azure.http import Response
from local_azure.resources import KEY_VAULT, STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore

_COLLECTION = "privateLinkResources"
_VERSIONS = {STORAGE_ACCOUNT: api_versions.STORAGE, KEY_VAULT: api_versions.KEY_VAULT}


def routes(store: ArmStore) -> list[Route]:
    """PrivateLinkResourcesOperations of storage accounts and vaults."""
    return [_route(owner, versions) for owner, versions in _VERSIONS.items()]


def _route(owner: str, versions: frozenset[str]) -> Route:
    path = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{owner}/{{owner}}"
    kind = f"{owner}/{_COLLECTION}"

    def answer(call: Call) -> Response:
        document = call.store.get(call.resource(owner, "owner"))
        return listing([_shown(ArmId.parse(document["id"]), group) for group in private_links_of(owner)])

    return Route("GET", f"{path}/{_COLLECTION}", answer, f"{kind}/read", path, versions, kind)


def _shown(owner: ArmId, group: str) -> dict[str, Any]:
    found = owner.child(_COLLECTION, group)
    return {
        "id": str(found),
        "name": group,
        "type": found.type,
        "properties": {
            "groupId": group,
            "requiredMembers": ["default" if owner.type.lower() == KEY_VAULT.lower() else group],
            "requiredZoneNames": [private_links_of(owner.type)[group].zone],
        },
    }
