"""The request and the answer that every service speaks, free of any web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

ErrorShape = Literal["arm", "flat", "storage", "storage_xml", "storage_headers", "key_vault", "raw"]
"""How a service writes an error down: `arm` {"error": {code, message}}, `flat` {code, message} (Synapse),
`storage` (DFS: JSON), `storage_xml` (Blob), `storage_headers` (no body, and nothing said of one, after HEAD),
`key_vault` ({"error": {code, message, innererror}}),
`raw` (the message is the whole body)."""


@dataclass(frozen=True)
class FileRange:
    """A part of a file on disk that is sent as a body without being held in memory; offset and length in bytes."""

    path: Path
    offset: int
    length: int

    def read(self) -> bytes:
        """The bytes of the range."""
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.length)


@dataclass(frozen=True)
class Request:
    """One HTTP request, as a service sees it."""

    method: str
    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    source_ip: str = "203.0.113.10"
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of headers as they were written, by their lower case; those in lower case need not be there."""

    def parameter(self, name: str) -> str:
        """A query parameter, "" where it is missing; names are given in lower case and match without regard to it."""
        return next((value for key, value in self.query.items() if key.lower() == name), "")

    def json(self) -> Any:
        """The body as JSON; raises ServiceError 400 when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ServiceError(
                400,
                "InvalidRequestContent",
                f"The request content was invalid and could not be deserialized: '{error}'.",
            ) from error


@dataclass(frozen=True)
class Response:
    """One HTTP answer; a body that is a FileRange is sent from disk."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | FileRange = b""
    reason: str = ""
    """What stands behind the status; "" is the usual phrase of HTTP."""

    @staticmethod
    def json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        """An answer whose body is `value` as JSON."""
        content_type = {"content-type": "application/json; charset=utf-8"}
        return Response(status, {**content_type, **(headers or {})}, json.dumps(value, separators=(",", ":")).encode())

    def content(self) -> bytes:
        """The body as bytes, read from disk where it is a FileRange."""
        return self.body.read() if isinstance(self.body, FileRange) else self.body


class ServiceError(Exception):
    """An answer of status 400 or more; carries the words and the shape of the service that gives it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        shape: ErrorShape = "arm",
        details: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers: Mapping[str, str] = dict(headers or {})
        self.shape: ErrorShape = shape
        self.details: Mapping[str, Any] = dict(details or {})
        self.reason = reason

    def response(self) -> Response:
        """The error as it goes over the wire."""
        return replace(self._response(), reason=self.reason)

    def _response(self) -> Response:
        if self.shape == "storage_xml":
            return self._xml()
        if self.shape == "storage_headers":
            return Response(self.status, {"x-ms-error-code": self.code, **self.headers})
        if self.shape == "raw":
            return Response(
                self.status, {"content-type": "text/plain; charset=utf-8", **self.headers}, self.message.encode()
            )
        body: dict[str, Any] = {"code": self.code, "message": self.message, **self.details}
        headers = dict(self.headers)
        if self.shape in ("storage", "arm"):
            headers.setdefault("x-ms-error-code", self.code)
        return Response.json(self.status, body if self.shape == "flat" else {"error": body}, headers)

    def _xml(self) -> Response:
        named = {"Code": self.code, "Message": self.message, **self.details}
        parts = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in named.items())
        text = f'<?xml version="1.0" encoding="utf-8"?><Error>{parts}</Error>'
        headers = {"content-type": "application/xml", "x-ms-error-code": self.code, **self.headers}
        return Response(self.status, headers, text.encode())
