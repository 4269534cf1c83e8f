"""Containers of a storage account: Resource Manager asks whether the caller may, the lake keeps them.

https://learn.microsoft.com/rest/api/storagerp/blob-containers
"""

from __future__ import annotations

from azure.mgmt.storage.v2023_05_01 import models

from local_azure.http import Response
from local_azure.resources import BLOB_CONTAINER, STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions
from local_azure.services.resource_manager.handlers import Call, Route, provided
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.storage_accounts import account_id

_ACCOUNT = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{STORAGE_ACCOUNT}/{{account}}"
_ALL = f"{_ACCOUNT}/blobServices/default/containers"
_ONE = f"{_ALL}/{{container}}"


def routes(store: ArmStore) -> list[Route]:
    """BlobContainersOperations, but for legal holds, immutability and leases."""
    table = (("GET", _ALL), ("GET", _ONE), ("PUT", _ONE), ("PATCH", _ONE), ("DELETE", _ONE))
    return [
        Route(method, template, _answer, api_versions=api_versions.STORAGE, resource_type=BLOB_CONTAINER, query=None)
        for method, template in table
    ]


def _answer(call: Call) -> Response:
    """What the lake does with its container."""
    name = call.names.get("container", "")
    return provided(call, BLOB_CONTAINER, name, lambda: call.store.get(account_id(call)), (models, "BlobContainer"))
