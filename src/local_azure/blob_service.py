"""The settings of the blob service of a storage account, which Resource Manager and the Blob endpoint both write.

https://learn.microsoft.com/rest/api/storagerp/blob-services
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_azure.resources import STORAGE_ACCOUNT, ResourceRegistry

BLOB_SERVICES = f"{STORAGE_ACCOUNT}/blobServices"
DAYS_KEPT = range(1, 366)
"""For how many days deleted blobs and containers may be kept."""


def service_document(account: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the blob service of an account with properties that were given to it."""
    properties: dict[str, Any] = {
        "cors": {"corsRules": []},
        "deleteRetentionPolicy": {"allowPermanentDelete": False, "enabled": False},
        **given,
    }
    if properties["deleteRetentionPolicy"].get("enabled"):
        policy = {"allowPermanentDelete": False, **properties["deleteRetentionPolicy"]}
        properties["deleteRetentionPolicy"] = policy
    return {
        "id": f"{account['id']}/blobServices/default",
        "name": "default",
        "type": BLOB_SERVICES,
        "sku": account["sku"],
        "properties": properties,
    }


def service_properties_of(resources: ResourceRegistry, account_id: str) -> dict[str, Any]:
    """What was given to the blob service of an account, or is so from its first day."""
    document = resources.get(f"{account_id}/blobServices/default") or service_document({"id": "", "sku": {}}, {})
    properties: dict[str, Any] = document["properties"]
    return properties
