"""Between the HTTP server (ASGI) and the dispatcher: bodies in, answers out, handlers in worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from local_azure.dispatch import Handler
from local_azure.http import FileRange, Request, Response
from local_azure.http_protocol import NAMES_HEADER, REASON_HEADER
from local_azure.proxy import SourceAddresses

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_CHUNK = 1024 * 1024
_BODILESS = frozenset({204, 304})


class AsgiAdapter:
    """An ASGI application that hands each request to a Handler, in a thread of `executor`."""

    def __init__(self, handler: Handler, sources: SourceAddresses, executor: ThreadPoolExecutor) -> None:
        self._handler = handler
        self._sources = sources
        self._executor = executor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; other ASGI events are not served."""
        if scope["type"] != "http":
            return
        body = await _read_body(receive)
        if body is None:
            return
        port = scope["client"][1] if scope.get("client") else 0
        request = _request(scope, body, self._sources.of(port))
        del body
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._executor, self._handler.handle, request)
        await self._answer(request.method, response, send)

    async def _answer(self, method: str, response: Response, send: Send) -> None:
        headers = dict(response.headers)
        body = response.body
        length = body.length if isinstance(body, FileRange) else len(body)
        if response.status not in _BODILESS:
            headers = {"content-length": str(length), **headers}
        encoded = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
        if response.reason:
            encoded.append((REASON_HEADER, response.reason.encode("latin-1")))
        await send({"type": "http.response.start", "status": response.status, "headers": encoded})
        if method == "HEAD" or response.status in _BODILESS or length == 0:
            await send({"type": "http.response.body", "body": b""})
        elif isinstance(body, FileRange):
            await self._send_file(body, send)
        else:
            await send({"type": "http.response.body", "body": body})

    async def _send_file(self, body: FileRange, send: Send) -> None:
        loop = asyncio.get_running_loop()
        end = body.offset + body.length
        for offset in range(body.offset, end, _CHUNK):
            part = FileRange(body.path, offset, min(_CHUNK, end - offset))
            data = await loop.run_in_executor(self._executor, part.read)
            await send({"type": "http.response.body", "body": data, "more_body": offset + _CHUNK < end})


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body, or None when the client went away before its end."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _request(scope: Scope, body: bytes, source_ip: str) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    names = headers.pop(NAMES_HEADER.decode(), "")
    return Request(
        method=scope["method"].upper(),
        host=headers.get("host", "").rpartition("@")[2].partition(":")[0].lower(),
        path=scope["raw_path"].decode("latin-1") or "/",
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers=headers,
        body=body,
        source_ip=source_ip,
        names={name.lower(): name for name in names.split(",") if name},
    )
