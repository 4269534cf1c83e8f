"""The file service of a storage account, which is there from the account's first day; no share is served.

https://learn.microsoft.com/rest/api/storagerp/file-services
"""

from __future__ import annotations

from typing import Any

from local_azure.http import Response
from local_azure.resources import STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.storage_accounts import account_id

_FILE_SERVICES = f"{STORAGE_ACCOUNT}/fileServices"
_ACCOUNT = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{STORAGE_ACCOUNT}/{{account}}"
_DAYS_OF_A_NEW_ACCOUNT = 7


def routes(store: ArmStore) -> list[Route]:
    """FileServicesOperations that read: Terraform's provider reads it with every account."""
    table = ((f"{_ACCOUNT}/fileServices", _list), (f"{_ACCOUNT}/fileServices/default", _get))
    return [
        Route("GET", path, handle, f"{_FILE_SERVICES}/read", _ACCOUNT, api_versions.STORAGE, _FILE_SERVICES)
        for path, handle in table
    ]


def _document(call: Call) -> dict[str, Any]:
    account = call.store.get(account_id(call))
    return {
        "sku": account["sku"],
        "id": f"{account['id']}/fileServices/default",
        "name": "default",
        "type": _FILE_SERVICES,
        "properties": {
            "protocolSettings": {"smb": {}},
            "cors": {"corsRules": []},
            "shareDeleteRetentionPolicy": {"enabled": True, "days": _DAYS_OF_A_NEW_ACCOUNT},
        },
    }


def _list(call: Call) -> Response:
    return listing([_document(call)])


def _get(call: Call) -> Response:
    return Response.json(200, _document(call))
