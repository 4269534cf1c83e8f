"""Endpoints that cannot be reached are named with the reason, before anything is changed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

import pytest
from program_bench import settings_of

from infra import deployment, preflight
from infra.naming import Names
from infra.preflight import REFUSED, Endpoint, LiveRules, NoAddress, Unreachable, endpoints, reach, rules_change

LAKE, VAULT, WORKSPACE = (each.host for each in endpoints(Names.of(settings_of()))[2:])
ADVICE = "expected this machine's public address in 203.0.113.0/24\nhint: add it to allowed_ip_ranges"


def unreachable(probe: Callable[[Endpoint], str], stack: str = "local") -> tuple[str, ...]:
    settings = settings_of(stack)
    return preflight.unreachable(settings, Names.of(settings), probe)


def nothing_there(endpoint: Endpoint) -> str:
    if endpoint.closed:
        raise NoAddress(endpoint.host)
    return ""


def test_nothing_is_reported_where_everything_can_be_reached_or_is_not_there_yet() -> None:
    assert unreachable(lambda endpoint: "") == ()
    assert unreachable(nothing_there) == ()


def test_a_machine_without_the_way_out_is_told_which_endpoints_it_needs() -> None:
    def nothing(endpoint: Endpoint) -> str:
        raise NoAddress(endpoint.host)

    assert unreachable(nothing) == (
        "reaching login.microsoftonline.com (signing in): no name server knows it\n"
        "expected an HTTPS connection\nhint: check the network, and HTTPS_PROXY and SSL_CERT_FILE",
        "reaching management.azure.com (resources): no name server knows it\n"
        "expected an HTTPS connection\nhint: check the network, and HTTPS_PROXY and SSL_CERT_FILE",
    )


def test_where_the_data_lake_refuses_the_other_endpoints_with_its_rules_are_named_too() -> None:
    found = unreachable(lambda endpoint: REFUSED if endpoint.host == LAKE else "")
    same = "it has the network rules of the data lake, which refuse this machine"
    assert found == (
        f"reaching {LAKE} (filesystems and access-control lists): {REFUSED}\n{ADVICE}",
        f"reaching {VAULT} (the pseudonym key): {same}\n{ADVICE}",
        f"reaching {WORKSPACE} (artifacts and roles): {same}\n{ADVICE}",
    )


def test_without_public_access_a_machine_outside_the_network_is_told_where_to_run() -> None:
    assert unreachable(nothing_there, "prod") == ()
    found = unreachable(lambda endpoint: REFUSED if endpoint.closed else "", "prod")
    assert len(found) == 3
    assert found[0].partition(": ")[2] == (
        f"{REFUSED}\nexpected an address in the network of private_endpoints.subnet_id\n"
        "hint: run from inside that network or one beside it, and link its private DNS zones to yours"
    )


def test_rules_change_if_ranges_or_public_access_do() -> None:
    settings = settings_of(allowed_ip_ranges=["203.0.113.7", "198.51.100.0/24"])
    same = frozenset({"203.0.113.7", "198.51.100.0/24"})
    assert not rules_change(settings, LiveRules(True, same))
    assert rules_change(settings, LiveRules(False, same))
    assert rules_change(settings, LiveRules(True, frozenset({"203.0.113.7"})))


def test_rules_change_where_the_private_endpoint_is_still_to_be_made() -> None:
    settings = settings_of("prod")
    assert rules_change(settings, LiveRules(False, frozenset()))
    assert not rules_change(settings, LiveRules(False, frozenset(), private=True))


@contextmanager
def proxy(status: int) -> Iterator[str]:
    """A proxy that answers every CONNECT with a status; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://203.0.113.9@127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_that_finds_no_host_means_that_nothing_is_there(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(status) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("https_proxy", url)
        with pytest.raises(NoAddress):
            reach(Endpoint(LAKE, "data", closed=True))


def test_a_proxy_that_refuses_a_host_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(403) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("https_proxy", url)
        assert reach(Endpoint(LAKE, "data", closed=True)) == "OSError: Tunnel connection failed: 403 Forbidden"


def check(dry_run: bool, problems: tuple[str, ...], live: LiveRules, *, answers: bool = True) -> list[str]:
    """What is warned of when those problems were found and the data lake answers, or is not there yet."""
    settings, warned = settings_of(), list[str]()
    with (
        patch.object(preflight, "unreachable", lambda *_: problems),
        patch.object(preflight, "lake_answers", lambda *_: answers),
        patch.object(preflight, "live_rules", lambda *_: live),
        patch("pulumi.runtime.is_dry_run", lambda: dry_run),
        patch("pulumi.log.warn", warned.append),
    ):
        deployment.check_endpoints(settings, Names.of(settings))
    return warned


SAME, OTHER = LiveRules(True, frozenset({"203.0.113.0/24"})), LiveRules(True, frozenset())
PROBLEMS = (f"reaching a: {REFUSED}", "reaching b: why")


def test_an_update_stops_before_it_changes_anything() -> None:
    with pytest.raises(Unreachable) as caught:
        check(False, PROBLEMS, SAME)
    assert str(caught.value) == f"reaching a: {REFUSED}\n\nreaching b: why"


def test_a_preview_warns_and_so_does_an_update_that_changes_the_rules() -> None:
    assert check(True, PROBLEMS, SAME) == list(PROBLEMS)
    assert check(False, PROBLEMS, OTHER) == list(PROBLEMS)
    assert check(False, (), SAME) == []


def test_ranges_that_are_let_in_now_and_not_afterwards_are_warned_of() -> None:
    wider = LiveRules(True, frozenset({"203.0.113.0/24", "198.51.100.7"}))
    (warning,) = check(True, (), wider)
    assert "198.51.100.7 is let in now and not afterwards" in warning
    assert check(False, (), wider) == [warning]
    assert check(False, (), LiveRules(False, frozenset({"198.51.100.7"}))) == []


def test_nothing_is_warned_of_before_there_is_a_data_lake() -> None:
    assert check(True, (), LiveRules(True, frozenset({"198.51.100.7"})), answers=False) == []


def test_a_data_lake_answers_where_it_is_there_and_lets_this_machine_in() -> None:
    names = Names.of(settings_of())
    assert preflight.lake_answers(names, lambda _: "")
    assert not preflight.lake_answers(names, lambda _: REFUSED)
    assert not preflight.lake_answers(names, nothing_there)
