"""A stand-in with sign-in and the lake only, and the official storage clients pointed at it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from azure.core.credentials import AccessToken, AzureNamedKeyCredential
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobServiceClient
from azure.storage.filedatalake import DataLakeServiceClient, FileSystemClient
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.response import HTTPResponse

from local_azure.account_keys import AccountKeys
from local_azure.authorization import RoleAssignment
from local_azure.directory import Principal, group_id
from local_azure.dispatch import Handler
from local_azure.http import Request
from local_azure.resources import STORAGE_ACCOUNT
from local_azure.role_definitions import BY_NAME
from local_azure.server import LocalAzure

OWNER = "data-engineer"
"""Has the role Storage Blob Data Owner on every account of a bench."""
AUDIENCE = "https://storage.azure.com"
_BODILESS = frozenset({204, 304})


class DispatcherAdapter(BaseAdapter):
    """Gives requests of the `requests` library to the dispatcher, in the same process, without sockets and TLS."""

    def __init__(self, handler: Handler, source_ip: str) -> None:
        super().__init__()
        self._handler = handler
        self._source_ip = source_ip
        self._builder = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        given: Any = request.body
        body = given.read() if hasattr(given, "read") else given or b""
        answer = self._handler.handle(
            Request(
                str(request.method),
                str(url.hostname),
                url.path or "/",
                dict(parse_qsl(url.query, keep_blank_values=True)),
                {name.lower(): _text(value) for name, value in request.headers.items()},
                body.encode() if isinstance(body, str) else body,
                self._source_ip,
                {name.lower(): name for name in request.headers},
            )
        )
        content = answer.content()
        headers = dict(answer.headers)
        headers.setdefault("content-length", str(len(content)))
        silent = request.method == "HEAD" or answer.status in _BODILESS
        raw = HTTPResponse(
            io.BytesIO(b"" if silent else content),
            headers,
            answer.status,
            reason=answer.reason or HTTPStatus(answer.status).phrase,
            preload_content=False,
            request_method=request.method,
            enforce_content_length=not silent,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        self._builder.close()

    def transport(self) -> RequestsTransport:
        """This adapter as the transport of an Azure client."""
        session = requests.Session()
        session.mount("https://", self)
        return RequestsTransport(session=session, session_owner=False)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


@dataclass(frozen=True)
class IssuedToken:
    """A credential that asks the stand-in's issuer directly; sign-in has its own tests."""

    azure: LocalAzure
    principal: Principal
    audience: str = AUDIENCE

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        token = self.azure.tokens.issue(self.principal, self.audience)
        return AccessToken(token, int((datetime.now(UTC) + timedelta(hours=1)).timestamp()))


@dataclass(frozen=True)
class Bench:
    """One storage account of a stand-in."""

    azure: LocalAzure
    name: str
    over_network: bool = False
    source_ip: str = "203.0.113.10"
    _shared: dict[str, Any] = field(default_factory=dict)

    @property
    def arm_id(self) -> str:
        """The account's ARM id."""
        group = f"/subscriptions/{self.azure.directory.subscription_id}/resourceGroups/tests"
        return f"{group}/providers/{STORAGE_ACCOUNT}/{self.name}"

    @property
    def key(self) -> str:
        """The account's first key."""
        return AccountKeys(self.azure.state).of(self.name)[0]

    def principal(self, name: str) -> Principal:
        """A principal of the local directory."""
        found = self.azure.directory.by_name(name)
        assert found is not None
        return found

    def object_id(self, name: str) -> str:
        """Object id of a principal."""
        return self.principal(name).object_id

    def assign(self, role: str, identity: str, scope: str = "") -> RoleAssignment:
        """Gives an identity a role on the account, or on a narrower scope."""
        assignment = RoleAssignment(
            str(uuid.uuid4()),
            scope or self.arm_id,
            BY_NAME[role].id,
            self.object_id(identity),
            "ServicePrincipal",
            (self.azure.clock.now() - timedelta(days=1)).isoformat(),
        )
        self.azure.role_assignments.put(assignment)
        return assignment

    def change_account(self, **properties: Any) -> None:
        """Changes properties of the account's document, as Resource Manager would."""
        document = self.azure.resources.get(self.arm_id)
        assert document is not None
        document["properties"] |= properties
        self.azure.resources.put(self.arm_id, document)

    def credential(self, identity: str, audience: str = AUDIENCE) -> Any:
        """A credential of an identity; "key" is the account key, "" nobody."""
        if identity == "key":
            return AzureNamedKeyCredential(self.name, self.key)
        return IssuedToken(self.azure, self.principal(identity), audience) if identity else None

    def options(self) -> dict[str, Any]:
        """How clients reach the stand-in."""
        if self.over_network:
            return {
                "proxies": {"https": self.azure.proxy_url_from(self.source_ip)},
                "connection_verify": str(self.azure.ca_file),
                "retry_total": 0,
            }
        return {"transport": DispatcherAdapter(self.azure.dispatcher, self.source_ip).transport(), "retry_total": 0}

    def lake(self, identity: str = OWNER, **options: Any) -> DataLakeServiceClient:
        """The official Data Lake client."""
        url = f"https://{self.name}.dfs.core.windows.net"
        return DataLakeServiceClient(url, self.credential(identity), **(self.options() | options))

    def blobs(self, identity: str = OWNER, **options: Any) -> BlobServiceClient:
        """The official Blob client."""
        url = f"https://{self.name}.blob.core.windows.net"
        return BlobServiceClient(url, self.credential(identity), **(self.options() | options))

    def file_system(self, name: str = "data", identity: str = OWNER) -> FileSystemClient:
        """A client of one filesystem."""
        return self.lake(identity).get_file_system_client(name)

    def made_file_system(self, name: str = "data", identity: str = OWNER) -> FileSystemClient:
        """A new filesystem."""
        return self.lake(identity).create_file_system(name)

    def send(
        self, method: str, url: str, identity: str = OWNER, body: bytes = b"", **headers: str
    ) -> requests.Response:
        """A bare request, for what the official clients don't send; header names with underscores."""
        session = requests.Session()
        session.mount("https://", DispatcherAdapter(self.azure.dispatcher, self.source_ip))
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if identity:
            token = self.credential(identity).get_token().token
            given = {"authorization": f"Bearer {token}", "x-ms-version": "2023-11-03", **given}
        return session.request(method, url, data=body, headers=given)

    def dfs(self, path: str) -> str:
        """A URL of the Data Lake endpoint."""
        return f"https://{self.name}.dfs.core.windows.net/{path}"

    def blob(self, path: str) -> str:
        """A URL of the Blob endpoint."""
        return f"https://{self.name}.blob.core.windows.net/{path}"


def make_account(azure: LocalAzure, hierarchical: bool = True, **options: Any) -> Bench:
    """Writes the Resource Manager document of an account that is open to every address."""
    bench = Bench(azure, f"lake{uuid.uuid4().hex[:12]}", **options)
    properties: Mapping[str, Any] = {
        "isHnsEnabled": hierarchical,
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"defaultAction": "Allow", "ipRules": []},
    }
    document = {
        "id": bench.arm_id,
        "name": bench.name,
        "type": STORAGE_ACCOUNT,
        "location": "westeurope",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": dict(properties),
    }
    azure.resources.put(bench.arm_id, document)
    bench.assign("Storage Blob Data Owner", OWNER)
    return bench


def group(name: str) -> str:
    """Object id of a group."""
    return group_id(name)


@contextmanager
def refused(status: int, code: str) -> Iterator[pytest.ExceptionInfo[HttpResponseError]]:
    """Expects a refusal with that status and that code of the service."""
    with pytest.raises(HttpResponseError, match=rf"\b{code}\b") as caught:
        yield caught
    response: Any = caught.value.response
    assert (response.status_code, response.headers["x-ms-error-code"]) == (status, code)
