"""Refuses this process every connection beyond 127.0.0.1, ::1 and Unix sockets, and every other name's resolution."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

ALLOWED_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class ConnectionBeyondLoopback(Exception):
    """A test tried to leave this machine; no OSError, so that no client takes it for a lost connection."""


def _require_loopback(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in ALLOWED_HOSTS and name not in (None, ""):
        raise ConnectionBeyondLoopback(f"connecting to {name}: expected one of {', '.join(sorted(ALLOWED_HOSTS))}")


class _LoopbackSocket(socket.socket):
    def connect(self, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            _require_loopback(address[0])
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            _require_loopback(address[0])
        return super().connect_ex(address)

    def sendto(self, *arguments: Any) -> int:
        if self.family != socket.AF_UNIX:
            _require_loopback(arguments[-1][0])
        return super().sendto(*arguments)


@contextmanager
def loopback_only() -> Iterator[None]:
    """While it lasts, Python code of this process reaches this machine alone."""
    resolve, resolve_old = socket.getaddrinfo, socket.gethostbyname

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        _require_loopback(host)
        return resolve(host, *arguments, **options)

    def gethostbyname(host: str) -> str:
        _require_loopback(host)
        return resolve_old(host)

    with (
        patch.object(socket, "socket", _LoopbackSocket),
        patch.object(socket, "getaddrinfo", getaddrinfo),
        patch.object(socket, "gethostbyname", gethostbyname),
    ):
        yield
