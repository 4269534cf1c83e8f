"""Routes of *.dfs.core.windows.net and *.blob.core.windows.net, and what stands before all of them.

Each route names the query parameters and x-ms- headers that it understands; others are refused by name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local_azure.context import ServiceContext
from local_azure.dispatch import Service, unknown_route
from local_azure.http import Request, Response, ServiceError
from local_azure.resources import BLOB_CONTAINER, STORAGE_ACCOUNT
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.access import Caller
from local_azure.services.data_lake.accounts import AccountDirectory, StorageAccount, surface_of
from local_azure.services.data_lake.authentication import Authentication
from local_azure.services.data_lake.call import Call, split_path
from local_azure.services.data_lake.container_operations import ContainerOperations
from local_azure.services.data_lake.delegation_keys import DelegationKeys
from local_azure.services.data_lake.errors import Surface
from local_azure.services.data_lake.handlers import Route, find_route
from local_azure.services.data_lake.shared_access_signatures import OF_SIGNATURES
from local_azure.services.data_lake.signed_guard import guard_for
from local_azure.services.data_lake.store import LakeStore
from local_azure.services.data_lake.versions import DEFAULT_VERSION, EARLIEST_FOR_DFS, KNOWN_VERSIONS

_COMMON_HEADERS = frozenset(
    {
        "x-ms-client-request-id",
        "x-ms-date",
        "x-ms-return-client-request-id",
        "x-ms-useragent",
        "x-ms-version",
    }
)
_SERVERS = {
    "dfs": "Windows-Azure-HDFS/1.0 Microsoft-HTTPAPI/2.0",
    "blob": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
}
_WITHOUT_HIERARCHY = frozenset(
    f"Filesystem {verb}" for verb in ("List", "Create", "Delete", "Get Properties", "Set Properties")
)
"""What the Data Lake endpoint of a flat account does here: Terraform's provider makes the file system of a workspace
there (`TestAccSynapseWorkspace_basic`)."""
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
_SECRET_HEADERS = ("authorization", "-key")
"""What the names of headers end in that hold a secret."""
_LONGEST_CLIENT_ID = 1024
_CONTAINER_NAME = range(3, 64)
"""How many characters the name of a container has."""


class DataLake:
    """The data plane of every storage account."""

    name = "data_lake"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._accounts = AccountDirectory(context)
        self._store = LakeStore(context.state, context.clock)
        self._authentication = Authentication(context, self._accounts, self._store)
        context.resources.when_removed(self._forget)
        context.providers.register(BLOB_CONTAINER, ContainerOperations(self._store, self._accounts))

    def owns(self, host: str) -> bool:
        """Every host of the two endpoints, whether there is such an account or not."""
        return surface_of(host) is not None

    def handle(self, request: Request) -> Response:
        """The answer to a request; raises ServiceError."""
        surface, name = surface_of(request.host) or ("dfs", "")
        common = self._common_headers(request, surface)
        try:
            response = self._answer(request, surface, name)
        except ServiceError as error:
            now = self._context.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")
            trailer = f"\nRequestId:{common['x-ms-request-id']}\nTime:{now}0Z"
            shaped = errors.in_shape_of(surface, error, trailer)
            shaped.headers = {**common, **error.headers}
            if request.method == "HEAD":
                shaped.shape = "storage_headers"  # clients in C++ read the body that a content type promises
            raise shaped from error
        return Response(response.status, {**common, **response.headers}, response.body)

    def _in_batch(self, request: Request) -> Response:
        try:
            return self.handle(request)
        except ServiceError as error:
            return error.response()

    def _answer(self, request: Request, surface: Surface, name: str) -> Response:
        account = self._accounts.find(name)
        if account is None:
            raise errors.host_unknown(surface, request.host)
        if not self._context.network.permits(account.document, request.source_ip, request.host):
            raise errors.failure(surface, "AuthorizationFailure")
        caller = self._authentication.caller(request, surface, account)
        request = _with_real_method(request)
        _check_version(request, surface)
        file_system, path = split_path(request.path)
        if _CONTROL_CHARACTER.search(file_system + path):
            raise errors.failure(surface, "InvalidUri")
        sender = request

        def reader_of(owner: StorageAccount, query: Mapping[str, str], raw_path: str) -> Caller:
            return self._authentication.reader_of_source(sender, surface, owner, query, raw_path)

        if caller.grant is not None:
            own = {name: value for name, value in request.query.items() if name not in OF_SIGNATURES}
            request = replace(request, query=own)
        guard = guard_for(self._context.role_assignments, account, file_system, caller)
        parts: dict[str, Any] = {"file_system": file_system, "path": path}
        call = Call(
            self._context,
            self._store,
            self._accounts,
            request,
            surface,
            account,
            caller,
            guard,
            self._in_batch,
            reader_of,
            **parts,
        )
        names_container = bool(path) or request.query.get("restype") == "container"
        if surface == "blob" and names_container and len(file_system) not in _CONTAINER_NAME:
            raise errors.failure(surface, "OutOfRangeInput")
        route = find_route(call)
        if route is None:
            raise unknown_route(request, _selectors(request))
        if surface == "dfs" and not account.is_hierarchical and route.name not in _WITHOUT_HIERARCHY:
            raise _needs_hierarchy(request)
        _check_understood(call, route)
        response = route.handle(call)
        if caller.grant is not None and request.method in ("GET", "HEAD"):
            response = replace(response, headers={**response.headers, **caller.grant.response_headers})
        return response

    def _common_headers(self, request: Request, surface: Surface) -> dict[str, str]:
        headers = {
            "server": _SERVERS[surface],
            "x-ms-request-id": str(uuid.uuid4()),
            "x-ms-version": request.headers.get("x-ms-version", DEFAULT_VERSION),
        }
        client_id = request.headers.get("x-ms-client-request-id", "")
        if client_id and len(client_id) <= _LONGEST_CLIENT_ID:
            headers["x-ms-client-request-id"] = client_id
        return headers

    def _forget(self, document: dict[str, Any]) -> None:
        if str(document.get("type", "")).lower() == STORAGE_ACCOUNT.lower():
            account = StorageAccount(str(document["name"]), document).name
            self._store.remove_account(account)
            DelegationKeys(self._context.state).remove(account)


def _needs_hierarchy(request: Request) -> ServiceError:
    """What the Data Lake endpoint of a flat account answers; by what it says of access clients tell the accounts apart
    (https://github.com/apache/hadoop/pull/6893)."""
    if "accesscontrol" in request.query.get("action", "").lower():
        return errors.failure("dfs", "HierarchicalNamespaceNotEnabled")
    return errors.refused("dfs", "the Data Lake endpoint of an account without hierarchical namespace")


def _with_real_method(request: Request) -> Request:
    """Clients that can't send PATCH send PUT and say so."""
    method = request.headers.get("x-http-method-override", "").upper()
    return replace(request, method=method) if method and request.method in ("PUT", "POST") else request


def _check_version(request: Request, surface: Surface) -> None:
    version = request.headers.get("x-ms-version")
    if version is None:
        return
    if version not in KNOWN_VERSIONS:
        raise errors.failure(surface, "InvalidHeaderValue", "HeaderName: x-ms-version")
    if surface == "dfs" and version < EARLIEST_FOR_DFS:
        raise errors.failure(surface, "UnsupportedRestVersion")


def _check_understood(call: Call, route: Route) -> None:
    """Raises ServiceError 501 for what the route would otherwise ignore in silence."""
    known = {"timeout", *(each.lower() for each in route.query)}
    for name in call.request.query:
        if name.lower() not in known:
            raise errors.refused(call.surface, f"{route.name} with query parameter {name}")
    for name, value in call.request.headers.items():
        if not name.startswith("x-ms-") or name in _COMMON_HEADERS or name in route.headers:
            continue
        if not (route.takes_metadata and name.startswith("x-ms-meta-")):
            shown = "" if name.endswith(_SECRET_HEADERS) else f": {value.partition('?')[0]}"  # no signature either
            raise errors.refused(call.surface, f"{route.name} with header {name}{shown}")


def _selectors(request: Request) -> str:
    names = ("resource", "action", "restype", "comp")
    return ", ".join(f"{name}={request.query[name]}" for name in names if name in request.query)


def build(context: ServiceContext) -> Service:
    """The Data Lake and Blob service."""
    return DataLake(context)
