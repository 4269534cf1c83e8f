"""A data lake in memory for tests of activities: the few requests that pipelines make, without any authorisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import unquote

from local_azure.http import Request, Response, ServiceError

MODIFIED = datetime(2021, 7, 14, 12, 0, tzinfo=UTC)


@dataclass
class FakeLake:
    """Files by `file system/path`; folders are what their files imply, plus those in `folders`."""

    name = "fake-lake"
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    modified: dict[str, datetime] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    uncommitted: dict[str, bytes] = field(default_factory=dict)
    interrupt: tuple[int, Callable[[], None]] | None = None
    """What to do when that many requests have come in."""

    def clear(self) -> None:
        """An empty lake that nobody has asked for anything."""
        for each in (self.files, self.folders, self.modified, self.requests):
            each.clear()

    def owns(self, host: str) -> bool:
        return host.endswith(".dfs.core.windows.net")

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if self.interrupt is not None and len(self.requests) == self.interrupt[0]:
            self.interrupt[1]()
        path = unquote(request.path).strip("/")
        if request.query.get("resource") == "filesystem":
            return self._list(path, request)
        handler = {
            "HEAD": self._status,
            "GET": self._read,
            "PUT": self._create,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }[request.method]
        return handler(path, request)

    def _is_folder(self, path: str) -> bool:
        return path in self.folders or any(name.startswith(path + "/") for name in self.files)

    def _missing(self) -> ServiceError:
        return ServiceError(404, "PathNotFound", "The specified path does not exist.", shape="storage")

    def _status(self, path: str, request: Request) -> Response:
        modified = {"last-modified": format_datetime(self.modified.get(path, MODIFIED), usegmt=True)}
        if path in self.files:
            size = str(len(self.files[path]))
            return Response(200, {**modified, "x-ms-resource-type": "file", "content-length": size})
        if self._is_folder(path):
            return Response(200, {**modified, "x-ms-resource-type": "directory", "content-length": "0"})
        raise self._missing()

    def _read(self, path: str, request: Request) -> Response:
        if path not in self.files:
            raise self._missing()
        return Response(200, {}, self.files[path])

    def _create(self, path: str, request: Request) -> Response:
        source = unquote(request.headers.get("x-ms-rename-source", "")).strip("/")
        if source:
            self.files[path] = self.files.pop(source)
        elif request.query.get("resource") == "directory":
            self.folders.add(path)
        else:
            self.files[path], self.uncommitted[path] = b"", b""
        return Response(201, {"etag": '"1"'})

    def _patch(self, path: str, request: Request) -> Response:
        if request.query["action"] == "append":
            self.uncommitted[path] += request.body
            return Response(202)
        self.files[path] = self.uncommitted.pop(path)
        return Response(200)

    def _delete(self, path: str, request: Request) -> Response:
        if path in self.files:
            del self.files[path]
            return Response(200)
        if not self._is_folder(path):
            raise self._missing()
        for name in [name for name in self.files if name.startswith(path + "/")]:
            del self.files[name]
        self.folders.discard(path)
        return Response(200)

    def _list(self, file_system: str, request: Request) -> Response:
        folder = request.query.get("directory", "")
        prefix = f"{file_system}/{folder}".strip("/")
        if folder and not self._is_folder(prefix):
            raise self._missing()
        recursive = request.query["recursive"] == "true"
        found: dict[str, dict[str, str]] = {}
        for name, content in self.files.items():
            if name.startswith(prefix + "/"):
                self._add(found, name, file_system, prefix, len(content), recursive)
        return Response.json(200, {"paths": [found[name] for name in sorted(found)]})

    def _add(
        self, found: dict[str, dict[str, str]], name: str, file_system: str, prefix: str, size: int, recursive: bool
    ) -> None:
        parts = name[len(prefix) + 1 :].split("/")
        for depth in range(1, len(parts) + 1):
            if depth > 1 and not recursive:
                return
            path = f"{prefix}/{'/'.join(parts[:depth])}".removeprefix(file_system + "/")
            modified = format_datetime(self.modified.get(name, MODIFIED), usegmt=True)
            entry = {"name": path, "contentLength": str(size), "lastModified": modified}
            if depth < len(parts):
                entry |= {"isDirectory": "true", "contentLength": "0"}
            found[path] = entry
