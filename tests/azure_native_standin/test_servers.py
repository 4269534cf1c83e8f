"""Which ports the servers of the stand-in listen on: shells of the last time know them by identity."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from azure_native_standin import server
from azure_native_standin.server import start_servers
from provider_wire.server import ProviderServer


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _ports(names: str, last_ports: Mapping[str, int]) -> dict[str, int]:
    """The ports of servers for identities that no request is sent to."""
    identities = [(name, f"client-{name}", f"object-{name}", lambda *_: None, lambda: "token") for name in names]
    running = start_servers(identities, "tenant", "subscription", last_ports)  # type: ignore[arg-type]
    running.stop()
    return dict(running.ports)


def test_each_identity_keeps_the_port_of_the_last_time() -> None:
    first = _ports("abc", {})
    assert _ports("abc", first) == first


def test_who_needs_another_port_takes_none_of_the_last_time(monkeypatch: pytest.MonkeyPatch) -> None:
    last = {"b": _free_port()}

    class SystemChoosesThatOfB(ProviderServer):
        """A server to whom the system gives the port that identity b had, while that is free."""

        def __init__(self, provider: Any, *, port: int = 0) -> None:
            try:
                super().__init__(provider, port=port or last["b"])
            except OSError:
                super().__init__(provider, port=port)

    monkeypatch.setattr(server, "ProviderServer", SystemChoosesThatOfB)
    with ExitStack() as held:
        taken = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
        ports = _ports("abc", {"a": taken, **last})
    assert ports["b"] == last["b"]
    assert len({*ports.values(), taken}) == 4
