"""The stand-in as a process: start, stop, kill, restart, one at a time, on 127.0.0.1 only, with a log of requests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
from pathlib import Path
from typing import Any

import psutil
import pytest
from running_azure import ADMIN_URL, AzureBench, running_azure

from local_azure import lifecycle
from local_azure.admin import BARE_ACCOUNT_GROUP
from local_azure.files import ADMIN_TOKEN_FILE, CREDENTIALS_FILE, ENDPOINTS_FILE, LOCK_FILE, LOG_FILE, PORTS_FILE
from local_azure.lifecycle import LifecycleError

PLAIN = ("--plugin-module", "")


def _status(bench: AzureBench) -> list[str]:
    resources: list[str] = bench.admin("GET", "/status")["resources"]
    return resources


def test_start_then_stop_leaves_only_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, temporary = tmp_path / "state", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    running = lifecycle.start(folder, PLAIN)
    assert lifecycle.find(folder) == running
    assert lifecycle.start(folder, PLAIN) == running
    assert lifecycle.stop(folder) is True
    assert not psutil.pid_exists(running.pid)
    assert lifecycle.find(folder) is None
    assert lifecycle.stop(folder) is False
    assert sorted(each.name for each in tmp_path.iterdir()) == ["state", "temporary"]
    assert list(temporary.iterdir()) == []
    assert sorted(each.name for each in folder.iterdir()) == [
        ADMIN_TOKEN_FILE, "ca.pem", "ca_key.pem", "content", CREDENTIALS_FILE, LOG_FILE, LOCK_FILE,
        PORTS_FILE, "state.sqlite", "temporary", "token_signing_key.pem",
    ]  # fmt: skip
    assert list((folder / "temporary").iterdir()) == []


def test_what_is_secret_is_readable_by_its_owner_alone(shared_azure: AzureBench) -> None:
    folder = shared_azure.state_folder
    assert folder.stat().st_mode & 0o077 == 0
    secret = ("ca_key.pem", "token_signing_key.pem", ADMIN_TOKEN_FILE, CREDENTIALS_FILE)
    assert [name for name in secret if (folder / name).stat().st_mode & 0o077] == []


def test_every_port_is_on_the_loopback_address(shared_azure: AzureBench) -> None:
    connections = psutil.Process(shared_azure.endpoints.pid).net_connections()
    listening = [each.laddr for each in connections if each.status == psutil.CONN_LISTEN]
    assert {each.ip.removeprefix("::ffff:") for each in listening} == {"127.0.0.1"}
    named = {urllib.parse.urlsplit(shared_azure.endpoints.proxy).port, *shared_azure.endpoints.provider_ports.values()}
    assert named < {each.port for each in listening}


def test_everyone_who_can_sign_in_has_a_plugin(shared_azure: AzureBench) -> None:
    people = {name for name, each in shared_azure.endpoints.identities.items() if each["client_id"]}
    assert set(shared_azure.endpoints.provider_ports) == people


def test_a_second_start_on_the_same_folder_is_refused(shared_azure: AzureBench) -> None:
    command = [sys.executable, "-m", "local_azure", "--state-folder", str(shared_azure.state_folder), *PLAIN]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"local_azure: opening the state folder {shared_azure.state_folder}: another stand-in uses it; "
        "hint: stop that one or choose another\n"
    )
    assert lifecycle.find(shared_azure.state_folder) == shared_azure.endpoints


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_state_survives_however_the_process_ends(tmp_path: Path, number: signal.Signals) -> None:
    with running_azure(PLAIN, tmp_path / "state") as bench:
        made = bench.admin("POST", "/accounts", {"name": "lake"})
        authority = Path(bench.endpoints.ca_file).read_bytes()
        os.kill(bench.endpoints.pid, number)
        psutil.wait_procs([psutil.Process(bench.endpoints.pid)], timeout=10)
        assert lifecycle.find(bench.state_folder) is None
        again = AzureBench(bench.state_folder, lifecycle.start(bench.state_folder, PLAIN))
        group = made["id"].partition("/providers/")[0]
        assert _status(again) == [group, made["id"]]
        assert Path(again.endpoints.ca_file).read_bytes() == authority
        assert again.admin("POST", "/accounts", {"name": "lake"}) == made


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_activities_leave_behind_is_gone_after_the_next_start(tmp_path: Path, number: signal.Signals) -> None:
    with running_azure(PLAIN, tmp_path / "state") as bench:
        left = bench.state_folder / "temporary" / "activity-1"
        left.mkdir()
        (left / "rows.parquet").write_text("999-10-1163")
        os.kill(bench.endpoints.pid, number)
        psutil.wait_procs([psutil.Process(bench.endpoints.pid)], timeout=10)
        assert left.exists() is (number == signal.SIGKILL)
        lifecycle.start(bench.state_folder, PLAIN)
        assert list(left.parent.iterdir()) == []


def test_a_start_takes_the_ports_of_the_last_time_that_are_free(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with running_azure((), folder) as bench:
        first = bench.endpoints
        lifecycle.stop(folder)
        again = lifecycle.start(folder)
        assert (again.proxy, again.provider_ports) == (first.proxy, first.provider_ports)
        lifecycle.stop(folder)
        proxy = int(first.proxy.rpartition(":")[2])
        plugins = dict(first.provider_ports)
        taken = (proxy, plugins.pop("deployer"))
        with socket.create_server(("127.0.0.1", taken[0])), socket.create_server(("127.0.0.1", taken[1])):
            moved = lifecycle.start(folder)
        assert {**moved.provider_ports, **plugins} == moved.provider_ports
        assert AzureBench(folder, moved).admin("GET", "/status")["resources"] == []
        assert not {int(moved.proxy.rpartition(":")[2]), moved.provider_ports["deployer"]} & set(taken)


def test_a_second_process_takes_nothing_from_the_first(tmp_path: Path) -> None:
    with running_azure(PLAIN, tmp_path / "state") as bench:
        (bench.state_folder / "temporary" / "activity-1").mkdir()
        command = [sys.executable, "-m", "local_azure", "--state-folder", str(bench.state_folder), *PLAIN]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 1
        assert (bench.state_folder / "temporary" / "activity-1").exists()


def test_a_shutdown_can_be_asked_for(tmp_path: Path) -> None:
    with running_azure(PLAIN, tmp_path / "state") as bench:
        process = psutil.Process(bench.endpoints.pid)
        bench.admin("POST", "/shutdown")
        psutil.wait_procs([process], timeout=10)
        assert not (bench.state_folder / ENDPOINTS_FILE).exists()


def test_a_start_that_fails_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(LifecycleError, match="unrecognized arguments: --nonsense") as caught:
        lifecycle.start(tmp_path / "state", ["--nonsense"])
    assert str(caught.value).startswith(f"starting local Azure on {tmp_path / 'state'}: it ended with code 2: usage: ")


def test_a_start_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(LifecycleError, match=r"not ready after 0\.01 s: it wrote nothing"):
        lifecycle.start(tmp_path / "state", PLAIN, timeout_seconds=0.01)
    assert lifecycle.stop(tmp_path / "state") is False


def test_a_stop_that_takes_too_long_says_how_to_go_on(tmp_path: Path) -> None:
    with running_azure(PLAIN, tmp_path / "state") as bench:
        process = psutil.Process(bench.endpoints.pid)
        process.suspend()
        with pytest.raises(LifecycleError, match=rf"still runs after 0\.1 s; hint: kill -9 {process.pid}, the state"):
            lifecycle.stop(bench.state_folder, timeout_seconds=0.1)
        process.resume()


def test_credentials_are_those_of_known_identities(shared_azure: AzureBench, tmp_path: Path) -> None:
    with pytest.raises(
        LifecycleError, match="credentials of nobody: no such identity in the local directory; expected"
    ):
        lifecycle.credentials(shared_azure.state_folder, "nobody")
    with pytest.raises(LifecycleError, match=r"no credentials\.json in .*; hint: start local Azure there"):
        lifecycle.credentials(tmp_path, "deployer")


def test_files_of_a_killed_process_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / ENDPOINTS_FILE).write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
    assert lifecycle.find(tmp_path) is None
    assert lifecycle.stop(tmp_path) is False
    assert not (tmp_path / ENDPOINTS_FILE).exists()


def test_every_request_is_logged_with_who_what_and_how_it_ended(shared_azure: AzureBench) -> None:
    with shared_azure.acting_as("auditor"):
        token = shared_azure.credential("auditor").get_token("https://management.azure.com/.default").token
    path = "/subscriptions/none/resourceGroups?api-version=2021-04-01&sig=hidden"
    with pytest.raises(urllib.error.HTTPError):
        shared_azure.call("GET", f"https://management.azure.com{path}", None, {"authorization": f"Bearer {token}"})
    entry = next(each for each in reversed(shared_azure.requests()) if "/subscriptions/none" in each["path"])
    assert entry.pop("time").endswith("0Z")
    assert entry.pop("note").startswith("SubscriptionNotFound: ")
    assert entry == {
        "method": "GET",
        "host": "management.azure.com",
        "path": "/subscriptions/none/resourceGroups?api-version=2021-04-01&sig=REDACTED",
        "status": 404,
        "principal": shared_azure.object_id("auditor"),
        "source_ip": "203.0.113.10",
    }


def test_admin_routes_want_the_token_of_the_state_folder(shared_azure: AzureBench) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        with pytest.raises(urllib.error.HTTPError) as caught:
            shared_azure.call("GET", f"{ADMIN_URL}/status", None, headers)
        assert caught.value.code == 401
        assert b"expected the token of the state folder" in caught.value.read()


def test_a_tunnel_leads_to_azure_names_only(shared_azure: AzureBench) -> None:
    def connect(first_line: str, *headers: str) -> str:
        port = urllib.parse.urlsplit(shared_azure.endpoints.proxy).port
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall("\r\n".join([first_line, *headers, "", ""]).encode())
            answer = b""
            while part := connection.recv(4096):
                answer += part
                if answer.startswith(b"HTTP/1.1 200"):
                    break
        return answer.decode()

    assert connect("CONNECT management.azure.com:443 HTTP/1.1").startswith("HTTP/1.1 200 ")
    outside = connect("CONNECT example.org:443 HTTP/1.1")
    assert outside.startswith("HTTP/1.1 403 ") and "connecting to example.org: no host of the local stand-in" in outside
    port = connect("CONNECT management.azure.com:80 HTTP/1.1")
    assert port.startswith("HTTP/1.1 403 ") and "expected port 443" in port
    plain = connect("GET http://example.org/ HTTP/1.1")
    assert plain.startswith("HTTP/1.1 403 ") and "expected CONNECT; hint: the stand-in speaks https only" in plain
    missing = connect("CONNECT nowhere.dfs.core.windows.net:443 HTTP/1.1")
    assert missing.startswith("HTTP/1.1 502 ") and "the name does not resolve" in missing
    wrong = connect("CONNECT management.azure.com:443 HTTP/1.1", "Proxy-Authorization: Basic bm90LWFuLWFkZHJlc3M6YW55")
    assert wrong.startswith("HTTP/1.1 400 ") and "expected an IP address" in wrong


def test_only_loopback_connections_exist_while_it_works(shared_azure: AzureBench) -> None:
    shared_azure.admin("GET", "/status")
    remote = {
        each.raddr.ip.removeprefix("::ffff:")
        for each in psutil.Process(shared_azure.endpoints.pid).net_connections()
        if each.raddr
    }
    assert remote <= {"127.0.0.1"}


def test_what_was_answered_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    with running_azure(PLAIN, tmp_path / "state") as bench:
        answered: dict[str, Any] = {}

        def make_accounts() -> None:
            with contextlib.suppress(OSError):
                for number in range(2000):
                    made = bench.admin("POST", "/accounts", {"name": f"lake{number}"})
                    answered[made["id"]] = made

        makers = threading.Thread(target=make_accounts)
        makers.start()
        while len(answered) < 10:
            makers.join(0.01)
        process = psutil.Process(bench.endpoints.pid)
        process.kill()
        process.wait(10)
        makers.join()
        again = AzureBench(bench.state_folder, lifecycle.start(bench.state_folder, PLAIN))
        group, *kept = _status(again)
        assert group.endswith(BARE_ACCOUNT_GROUP)
        assert answered.keys() <= set(kept) and len(kept) <= len(answered) + 1
        for made in answered.values():
            assert again.admin("POST", "/accounts", {"name": made["name"]}) == made


def test_the_role_lag_is_an_option_of_the_start(tmp_path: Path) -> None:
    with running_azure([*PLAIN, "--role-lag-seconds", "30"], tmp_path / "state") as bench:
        assert bench.admin("GET", "/status")["roleLagSeconds"] == 30.0
