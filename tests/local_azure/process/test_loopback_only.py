"""The guard around every test: this process reaches no other machine, by address or by name."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Callable

import pytest
from loopback_only import ConnectionBeyondLoopback
from running_azure import AzureBench


@pytest.mark.parametrize(
    "leave",
    [
        lambda: socket.create_connection(("192.0.2.1", 443), timeout=0.1),
        lambda: socket.socket().connect(("192.0.2.1", 443)),
        lambda: socket.socket().connect_ex(("192.0.2.1", 443)),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: socket.gethostbyname("example.org"),
        lambda: urllib.request.urlopen("http://example.org"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_test_leaves_this_machine(leave: Callable[[], object]) -> None:
    with pytest.raises(ConnectionBeyondLoopback, match=r"connecting to (192\.0\.2\.1|example\.org): expected one of"):
        leave()


def test_this_machine_is_reached(shared_azure: AzureBench) -> None:
    assert "now" in shared_azure.admin("GET", "/status")
