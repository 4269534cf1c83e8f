"""The CONNECT proxy on 127.0.0.1: Azure's host names lead to the TLS listener, every other name is refused."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections.abc import Callable
from ipaddress import ip_address

_LARGEST_HEAD = 64 * 1024
_CHUNK = 256 * 1024


class SourceAddresses:
    """The public address that each connection to the TLS listener appears to come from, by its local port."""

    def __init__(self, default: str) -> None:
        self.default = default
        self._by_port: dict[int, str] = {}
        self._lock = threading.Lock()

    def of(self, port: int) -> str:
        """The address for a connection's local port."""
        with self._lock:
            return self._by_port.get(port, self.default)

    def assign(self, port: int, address: str) -> None:
        """Says where the connection from a port comes from."""
        with self._lock:
            self._by_port[port] = address

    def forget(self, port: int) -> None:
        """Ends what `assign` said."""
        with self._lock:
            self._by_port.pop(port, None)


class ConnectProxy:
    """Answers CONNECT; `refusal(host)` is None for a host that is served, else (status, reason)."""

    def __init__(
        self, tls_port: int, sources: SourceAddresses, refusal: Callable[[str], tuple[int, str] | None]
    ) -> None:
        self._tls_port = tls_port
        self._sources = sources
        self._refusal = refusal
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handles one client connection from its first byte to its end."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away: nobody is left to be told
        except asyncio.CancelledError:
            pass  # the stand-in stops; a task that ends as cancelled makes asyncio's streams log an error
        finally:
            writer.close()

    async def stop(self) -> None:
        """Ends every open tunnel."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, _, rest = head[0].partition(" ")
        target = rest.partition(" ")[0]
        host, _, port = target.rpartition(":")
        source: str | None = None
        refused = self._refuse(method, target, host.lower(), port)
        try:
            source = _source_address(head[1:])
        except ValueError as error:
            refused = 400, f"reading the user name of the proxy URL: {error}; expected an IP address"
        if refused:
            status, reason = refused
            body = (reason + "\n").encode()
            writer.write(
                f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            return
        await self._tunnel(reader, writer, source)

    def _refuse(self, method: str, target: str, host: str, port: str) -> tuple[int, str] | None:
        if method != "CONNECT":
            return 403, f"answering {method} {target}: expected CONNECT; hint: the stand-in speaks https only"
        if port != "443":
            return 403, f"connecting to {target}: expected port 443 of an Azure host name"
        return self._refusal(host)

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str | None) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._tls_port, limit=_CHUNK)
        port = int(inner_writer.get_extra_info("sockname")[1])
        if source is not None:
            self._sources.assign(port, source)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, inner_writer))
                both.create_task(_pump(inner_reader, writer))
        finally:
            inner_writer.close()
            self._sources.forget(port)


_REASONS = {400: "Bad Request", 403: "Forbidden", 502: "Bad Gateway"}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(ConnectionError, OSError, RuntimeError):
        writer.close()


def _source_address(headers: list[str]) -> str | None:
    """The address that the proxy URL's user name gives, None when it gives none; ValueError when it is no address."""
    for line in headers:
        name, _, value = line.partition(":")
        if name.strip().lower() == "proxy-authorization":
            user = base64.b64decode(value.strip().partition(" ")[2], validate=True).decode().partition(":")[0]
            return str(ip_address(user))
    return None
