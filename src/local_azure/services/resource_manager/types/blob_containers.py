"""Containers of a storage account: Resource Manager asks whether the caller may, the lake keeps them.

https://learn.microsoft.com/rest/api/storagerp/blob-containers
"""

from __future__ import annotations

import json
from dataclasses import replace

from azure.mgmt.storage.v2023_05_01 import models

from local_azure.dispatch import check_query
from local_azure.http import Response
from local_azure.resources import BLOB_CONTAINER, STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions
from local_azure.services.resource_manager.handlers import Call, Route, not_served
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.storage_accounts import account_id

_ACCOUNT = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{STORAGE_ACCOUNT}/{{account}}"
_ALL = f"{_ACCOUNT}/blobServices/default/containers"
_ONE = f"{_ALL}/{{container}}"
_WITH_BODY = ("PUT", "PATCH")


def routes(store: ArmStore) -> list[Route]:
    """BlobContainersOperations, but for legal holds, immutability and leases."""
    table = (("GET", _ALL), ("GET", _ONE), ("PUT", _ONE), ("PATCH", _ONE), ("DELETE", _ONE))
    return [
        Route(method, template, _answer, api_versions=api_versions.STORAGE, resource_type=BLOB_CONTAINER, query=None)
        for method, template in table
    ]


def _answer(call: Call) -> Response:
    """What the lake does with its container, once the caller may."""
    request, name = call.request, call.names.get("container", "")
    provider = call.store.context.providers.find(BLOB_CONTAINER)
    operation = provider.find(request.method, name) if provider else None
    if operation is None:
        raise not_served(request, request.path, [])
    check_query(request, operation.query)
    call.require(operation.action, request.path)
    account = call.store.get(account_id(call))
    if request.method in _WITH_BODY:
        body = call.body(models, "BlobContainer") if request.body else {}
        request = replace(request, body=json.dumps(body).encode())
    return operation.answer(account, request)
