"""What only the owner of the stand-in may do (clock, lag, faults, bare accounts): the host `local-azure.internal`.

Not an Azure service: the real cloud has no such host. The bearer token is the file `admin_token` of the state folder.
"""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from azure_ids.arm import GROUP_TYPE
from local_azure.account_keys import AccountKeys
from local_azure.clock import azure_timestamp
from local_azure.context import ServiceContext
from local_azure.dispatch import unknown_route
from local_azure.faults import Fault, Faults
from local_azure.http import Request, Response, ServiceError
from local_azure.resources import STORAGE_ACCOUNT

ADMIN_HOST = "local-azure.internal"
_ACCOUNT_NAME = re.compile(r"[a-z0-9]{3,24}")
BARE_ACCOUNT_GROUP = "bare-accounts"
"""Resource group of accounts made without Resource Manager; it is made with the first of them."""
_LOCATION = "westeurope"


class AdminService:
    """POST /accounts, /clock, /role-lag, /faults, /shutdown; GET /status."""

    name = "admin"

    def __init__(
        self,
        context: ServiceContext,
        keys: AccountKeys,
        faults: Faults,
        token: str,
        shutdown_requested: threading.Event,
    ) -> None:
        self._context = context
        self._keys = keys
        self._faults = faults
        self._token = token
        self._shutdown_requested = shutdown_requested
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "/status"): self._status,
            ("POST", "/accounts"): self._create_account,
            ("POST", "/clock"): self._advance_clock,
            ("POST", "/role-lag"): self._set_role_lag,
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): self._clear_faults,
            ("POST", "/shutdown"): self._shutdown,
        }

    def owns(self, host: str) -> bool:
        """Only its own host."""
        return host == ADMIN_HOST

    def handle(self, request: Request) -> Response:
        """Does what the route says and answers JSON; 401 without the token, 501 for another route."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            raise ServiceError(401, "Unauthorized", "answering the admin route: expected the token of the state folder")
        route = self._routes.get((request.method, request.path))
        if route is None:
            raise unknown_route(request)
        return Response.json(200, route(request))

    def _status(self, request: Request) -> Any:
        return {
            "now": azure_timestamp(self._context.clock.now()),
            "roleLagSeconds": self._context.role_assignments.lag_seconds,
            "resources": [document["id"] for _, document in self._context.resources.under("/subscriptions")],
        }

    def _create_account(self, request: Request) -> Any:
        body = _object(request)
        name = _text(body, "name")
        if not _ACCOUNT_NAME.fullmatch(name):
            raise ServiceError(
                400,
                "AccountNameInvalid",
                f"creating account {name}: {name} is not a valid storage account name\n"
                "expected 3 to 24 lower-case letters and digits",
            )
        hierarchical = not bool(body.get("flat", False))
        found = self._context.resources.find(STORAGE_ACCOUNT, name)
        document = self._new_account(name, hierarchical) if found is None else _same_account(found, hierarchical)
        return {
            "name": name,
            "key": self._keys.of(name)[0],
            "endpoints": {kind: document["properties"]["primaryEndpoints"][kind] for kind in ("blob", "dfs")},
            "hierarchical": hierarchical,
            "id": document["id"],
        }

    def _new_account(self, name: str, hierarchical: bool) -> dict[str, Any]:
        arm_id = f"{self._bare_group()}/providers/{STORAGE_ACCOUNT}/{name}"
        properties = {
            "isHnsEnabled": hierarchical,
            "allowSharedKeyAccess": True,
            "allowBlobPublicAccess": False,
            "supportsHttpsTrafficOnly": True,
            "minimumTlsVersion": "TLS1_2",
            "publicNetworkAccess": "Enabled",
            "networkAcls": {
                "bypass": "AzureServices",
                "defaultAction": "Allow",
                "ipRules": [],
                "virtualNetworkRules": [],
            },
            "primaryEndpoints": {kind: f"https://{name}.{kind}.core.windows.net/" for kind in ("blob", "dfs")},
            "provisioningState": "Succeeded",
            "creationTime": azure_timestamp(self._context.clock.now()),
        }
        document = {
            "id": arm_id,
            "name": name,
            "type": STORAGE_ACCOUNT,
            "location": _LOCATION,
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS", "tier": "Standard"},
            "tags": {},
            "properties": properties,
        }
        self._context.resources.put(arm_id, document)
        return document

    def _bare_group(self) -> str:
        """The id of the resource group of bare accounts, which is there from then on."""
        arm_id = f"/subscriptions/{self._context.directory.subscription_id}/resourceGroups/{BARE_ACCOUNT_GROUP}"
        if self._context.resources.get(arm_id) is None:
            document = {
                "id": arm_id,
                "name": BARE_ACCOUNT_GROUP,
                "type": GROUP_TYPE,
                "location": _LOCATION,
                "tags": {},
                "properties": {"provisioningState": "Succeeded"},
            }
            self._context.resources.put(arm_id, document)
        return arm_id

    def _advance_clock(self, request: Request) -> Any:
        self._context.clock.advance(timedelta(seconds=_amount(_object(request), "advanceSeconds")))
        return {"now": azure_timestamp(self._context.clock.now())}

    def _set_role_lag(self, request: Request) -> Any:
        self._context.role_assignments.lag_seconds = _amount(_object(request), "seconds")
        return {"roleLagSeconds": self._context.role_assignments.lag_seconds}

    def _add_fault(self, request: Request) -> Any:
        body = _object(request)
        retry_after = int(_amount(body, "retryAfterSeconds")) if "retryAfterSeconds" in body else None
        status, times = int(_amount(body, "status")), int(_amount({"times": 1, **body}, "times"))
        try:
            self._faults.add(
                Fault(_text(body, "pattern"), status, _text(body, "code"), times=times, retry_after_seconds=retry_after)
            )
        except ValueError as error:
            raise ServiceError(400, "BadRequest", str(error)) from error
        return {}

    def _clear_faults(self, request: Request) -> Any:
        self._faults.clear()
        return {}

    def _shutdown(self, request: Request) -> Any:
        self._shutdown_requested.set()
        return {}


def _same_account(document: dict[str, Any], hierarchical: bool) -> dict[str, Any]:
    """The document of a bare account that is there already; raises ServiceError where it is another account."""
    name, is_bare = document["name"], f"/resourcegroups/{BARE_ACCOUNT_GROUP}/" in document["id"].lower()
    if not is_bare:
        cause = f"creating account {name}: the name is taken by {document['id']}"
        raise ServiceError(409, "StorageAccountAlreadyTaken", f"{cause}\nexpected a name that no account has")
    if bool(document["properties"]["isHnsEnabled"]) != hierarchical:
        kinds = ("without", "with") if hierarchical else ("with", "without")
        cause = f"creating account {name}: it is there {kinds[0]} hierarchical namespace"
        raise ServiceError(409, "StorageAccountAlreadyTaken", f"{cause}\nexpected one {kinds[1]}: choose another name")
    return document


def _object(request: Request) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise ServiceError(400, "BadRequest", "reading the admin request: expected a JSON object")
    return body


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise ServiceError(400, "BadRequest", f"reading the admin request: expected a text {key!r}")
    return value


def _amount(body: dict[str, Any], key: str) -> float:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ServiceError(400, "BadRequest", f"reading the admin request: expected a number of 0 or more {key!r}")
    return float(value)
