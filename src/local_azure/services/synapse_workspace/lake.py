"""The data lake as a pipeline reaches it: requests through the dispatcher, as the workspace's identity.

https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.http import FileRange, Request, Response
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.errors import ActivityFailure

STORAGE_AUDIENCE = "https://storage.azure.com"
_VERSION = "2023-11-03"
_CHUNK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class LakePath:
    """A file or folder; `host` is the account's DFS host, `path` has no slash at its ends."""

    host: str
    file_system: str
    path: str

    @property
    def account(self) -> str:
        """The account's name."""
        return self.host.partition(".")[0]

    def child(self, *names: str) -> LakePath:
        """A path below this one."""
        parts = [part.strip("/") for part in (self.path, *names)]
        return LakePath(self.host, self.file_system, "/".join(part for part in parts if part))

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Entry:
    """One entry of a listing; `size` in bytes, `modified` in UTC."""

    location: LakePath
    is_folder: bool
    size: int
    modified: datetime


class LakeFailure(ActivityFailure):
    """The lake refused an operation; `status` is the HTTP status, `lake_code` the storage error code."""

    def __init__(self, location: LakePath, status: int, lake_code: str, message: str) -> None:
        reason = {403: "Forbidden", 404: "NotFound", 409: "Conflict"}.get(status, str(status))
        super().__init__(
            "2200",
            "ErrorCode=AdlsGen2OperationFailed,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,"
            f"Message=ADLS Gen2 operation failed for: Operation returned an invalid status code '{reason}'. "
            f"Account: '{location.account}'. FileSystem: '{location.file_system}'. Path: '{location.path}'. "
            f"ErrorCode: '{lake_code}'. Message: '{message}'.",
        )
        self.status = status
        self.lake_code = lake_code


class Lake:
    """Reads and writes as one workspace; every request is authorised and logged like a foreign one."""

    def __init__(self, context: ServiceContext, workspace: Workspace, cancellation: Cancellation) -> None:
        self._context = context
        self._workspace = workspace
        self._cancellation = cancellation

    def properties(self, location: LakePath) -> Mapping[str, str] | None:
        """The headers of a path's status, or None when there is no such path."""
        response = self._send("HEAD", location, {"action": "getStatus"})
        if response.status == 404:
            return None
        self._require(response, location)
        return response.headers

    def list(self, folder: LakePath, recursive: bool) -> Iterator[Entry]:
        """What is in a folder, folders included; raises LakeFailure when it does not exist."""
        continuation = ""
        while True:
            query = {"resource": "filesystem", "recursive": str(recursive).lower()}
            if folder.path:
                query["directory"] = folder.path
            if continuation:
                query["continuation"] = continuation
            response = self._send("GET", LakePath(folder.host, folder.file_system, ""), query)
            self._require(response, folder)
            for each in json.loads(response.content()).get("paths", []):
                yield _entry(folder, each)
            continuation = response.headers.get("x-ms-continuation", "")
            if not continuation:
                return

    def download(self, location: LakePath, target: Path) -> int:
        """Copy a file to disk; returns its size in bytes."""
        target.parent.mkdir(parents=True, exist_ok=True)
        response = self._send("GET", location, {})
        self._require(response, location)
        with target.open("wb") as stream:
            if isinstance(response.body, FileRange):
                with response.body.path.open("rb") as source:
                    source.seek(response.body.offset)
                    self._copy(source.read, stream.write, response.body.length)
            else:
                stream.write(response.body)
        return target.stat().st_size

    def upload(self, source: Path, location: LakePath, umask: int | None = None) -> int:
        """Write a file from disk, replacing what was there; returns its size in bytes.

        New files and folders lack the umask's permissions, unless the folder has a default access-control list.
        """
        wishes = {} if umask is None else {"x-ms-umask": f"{umask:04o}"}
        self._require(self._send("PUT", location, {"resource": "file"}, more=wishes), location)
        position = 0
        with source.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                self._cancellation.check()
                query = {"action": "append", "position": str(position)}
                self._require(self._send("PATCH", location, query, body=chunk), location)
                position += len(chunk)
        query = {"action": "flush", "position": str(position), "close": "true"}
        self._require(self._send("PATCH", location, query), location)
        return position

    def delete(self, location: LakePath, recursive: bool) -> None:
        """Remove a file or folder; raises LakeFailure, also when there is none."""
        continuation = ""
        while True:
            query = {"recursive": str(recursive).lower()}
            if continuation:
                query["continuation"] = continuation
            response = self._send("DELETE", location, query)
            self._require(response, location)
            continuation = response.headers.get("x-ms-continuation", "")
            if not continuation:
                return

    def _copy(self, read: Callable[[int], bytes], write: Callable[[bytes], int], length: int) -> None:
        """Moves `length` bytes in chunks, so that a cancelled run does not have to finish a large file."""
        left = length
        while left > 0:
            self._cancellation.check()
            chunk = read(min(left, _CHUNK_BYTES))
            if not chunk:
                return
            write(chunk)
            left -= len(chunk)

    def _send(
        self,
        method: str,
        location: LakePath,
        query: Mapping[str, str],
        body: bytes = b"",
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        self._cancellation.check()
        path = f"/{quote(location.file_system)}"
        if "resource" not in query or location.path:
            path += f"/{quote(location.path)}"
        headers = {
            "authorization": f"Bearer {identity_token(self._context, self._workspace, STORAGE_AUDIENCE)}",
            "x-ms-version": _VERSION,
            "x-ms-client-request-id": "pipeline",
            "content-length": str(len(body)),
            **more,
        }
        if body:
            headers["content-type"] = "application/octet-stream"
        request = Request(
            method, location.host, path, dict(query), headers, body, source_ip=f"azure:{self._workspace.arm_id}"
        )
        return self._context.dispatch.handle(request)

    def _require(self, response: Response, location: LakePath) -> None:
        if response.status < 300:
            return
        code, message = _error_of(response)
        raise LakeFailure(location, response.status, code, message)


def identity(context: ServiceContext, workspace: Workspace) -> Principal:
    """The workspace's managed identity; raises ActivityFailure when it has none."""
    principal = context.directory.managed_identity_of(workspace.arm_id)
    if principal is None:
        raise ActivityFailure("2300", f"The workspace '{workspace.name}' has no managed identity.")
    return principal


def identity_token(context: ServiceContext, workspace: Workspace, audience: str) -> str:
    """A token of the workspace's managed identity for an audience."""
    return context.tokens.kept(identity(context, workspace), audience)


def _entry(folder: LakePath, value: Mapping[str, object]) -> Entry:
    return Entry(
        LakePath(folder.host, folder.file_system, str(value["name"])),
        str(value.get("isDirectory", "false")).lower() == "true",
        int(str(value.get("contentLength", "0"))),
        parsedate_to_datetime(str(value["lastModified"])).astimezone(UTC),
    )


def _error_of(response: Response) -> tuple[str, str]:
    code = response.headers.get("x-ms-error-code", "")
    try:
        body = json.loads(response.content() or b"{}")
    except ValueError:
        return code, ""
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    return code or str(error.get("code", "")), str(error.get("message", "")).split("\n")[0]
