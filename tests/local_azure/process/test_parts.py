"""The parts that every service shares: state, clock, dispatch, request log, roles, certificates, account keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local_azure.account_keys import AccountKeys
from local_azure.authorization import RoleAssignment, RoleAssignments, within
from local_azure.certificates import CERTIFICATE_NAMES
from local_azure.clock import Clock, ManualClock, azure_timestamp
from local_azure.command import _parser, _settings, main
from local_azure.directory import Directory, group_id, service_principal_id
from local_azure.dispatch import Dispatcher, RequestLog, principal_of
from local_azure.http import FileRange, Request, Response, ServiceError
from local_azure.ports import Ports, write_ports
from local_azure.resources import ResourceRegistry
from local_azure.role_definitions import CONTRIBUTOR, OWNER, READER, ROLE_DEFINITIONS, STORAGE_BLOB_DATA_READER
from local_azure.server import LocalAzure
from local_azure.settings import Settings
from local_azure.state import State
from local_azure.tokens import TokenIssuer

SCOPE = "/subscriptions/s/resourceGroups/g"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """An empty state folder."""
    state = State(tmp_path / "state")
    yield state
    state.close()


class TestState:
    def test_a_transaction_that_fails_leaves_nothing(self, state: State) -> None:
        things = state.collection("things")
        things.put("a", {"value": 1})

        def fail() -> None:
            with state.transaction():
                things.put("a", {"value": 2})
                with state.transaction():
                    things.put("b", {})
                raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            fail()
        assert list(things.scan()) == [("a", {"value": 1})]

    def test_a_transaction_is_seen_whole_by_other_threads(self, state: State) -> None:
        counter = state.collection("counter")
        counter.put("n", {"value": 0})

        def add() -> None:
            for _ in range(50):
                with state.transaction():
                    before = counter.get("n")
                    assert before is not None
                    counter.put("n", {"value": before["value"] + 1})

        threads = [threading.Thread(target=add) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert counter.get("n") == {"value": 200}

    def test_keys_come_in_the_order_of_their_bytes_by_prefix_and_in_pages(self, state: State) -> None:
        things = state.collection("things")
        names = [f"a/{number:04}" for number in range(1200)] + ["a", "b", "Z", "ä", "\U0001f600"]
        for name in names:
            things.put(name, {})
        assert [key for key, _ in things.scan()] == sorted(names, key=str.encode)
        assert [key for key, _ in things.scan("a/", limit=2)] == ["a/0000", "a/0001"]
        assert [key for key, _ in things.scan("a/", start_after="a/1197")] == ["a/1198", "a/1199"]
        assert len(list(things.scan("a/", limit=700))) == 700
        assert [key for key, _ in things.scan("\U0010ffff")] == []

    def test_documents_are_copies_and_collections_are_apart(self, state: State) -> None:
        one, other = state.collection("one"), state.collection("other")
        one.put("k", {"list": []})
        found = one.get("k")
        assert found is not None
        found["list"].append(1)
        assert one.get("k") == {"list": []} and other.get("k") is None
        assert one.delete("k") is True and one.delete("k") is False


class TestClock:
    def test_it_moves_forward_only(self) -> None:
        clock = Clock()
        before = clock.now()
        clock.advance(timedelta(hours=1))
        assert clock.now() - before >= timedelta(hours=1)
        with pytest.raises(ValueError, match="expected a step forward"):
            clock.advance(timedelta(seconds=-1))

    def test_a_timestamp_has_seven_digits(self) -> None:
        moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
        assert azure_timestamp(moment) == "2026-01-02T03:04:05.6789010Z"


class _Echo:
    name = "echo"

    def owns(self, host: str) -> bool:
        return host == "echo"

    def handle(self, request: Request) -> Response:
        if request.path == "/refuse":
            raise ServiceError(409, "Conflict", "no", {"retry-after": "1"}, "flat", {"more": 1})
        if request.path == "/break":
            raise ZeroDivisionError
        return Response.json(200, {"path": request.path})


class TestDispatch:
    def test_an_unknown_host_is_an_error_that_names_the_request(self, tmp_path: Path) -> None:
        dispatcher = Dispatcher([_Echo()], RequestLog(tmp_path / "log", ManualClock()))
        answer = dispatcher.handle(Request("GET", "nobody.example", "/a"))
        assert answer.status == 501
        assert b"answering GET https://nobody.example/a: no such route in the local stand-in" in answer.content()

    def test_every_answer_is_logged_and_errors_with_their_words(self, tmp_path: Path) -> None:
        log = RequestLog(tmp_path / "log", ManualClock())
        assert log.entries() == []
        dispatcher = Dispatcher([_Echo()], log)
        assert dispatcher.handle(Request("GET", "echo", "/a")).content() == b'{"path":"/a"}'
        refused = dispatcher.handle(Request("GET", "echo", "/refuse"))
        assert (refused.status, refused.content()) == (409, b'{"code":"Conflict","message":"no","more":1}')
        assert [(each["status"], each.get("note")) for each in log.entries()] == [(200, None), (409, "Conflict: no")]

    def test_a_defect_of_the_stand_in_is_logged_and_not_hidden(self, tmp_path: Path) -> None:
        log = RequestLog(tmp_path / "log", ManualClock())
        with pytest.raises(ZeroDivisionError):
            Dispatcher([_Echo()], log).handle(Request("GET", "echo", "/break"))
        assert [(each["status"], each["note"]) for each in log.entries()] == [
            (500, "internal-error: the process's log has the traceback")
        ]

    def test_the_log_knows_who_signed_a_request(self) -> None:
        assert principal_of({"authorization": "SharedKey lake:signature"}) == "shared-key:lake"
        assert [
            principal_of({"authorization": each}) for each in ("", "Bearer x", "Bearer a.!.c", "Bearer a.MQ.c")
        ] == [None] * 4

    @pytest.mark.parametrize(
        ("shape", "content_type", "body"),
        [
            ("arm", "application/json; charset=utf-8", b'{"error":{"code":"Bad","message":"a<b"}}'),
            ("flat", "application/json; charset=utf-8", b'{"code":"Bad","message":"a<b"}'),
            ("raw", "text/plain; charset=utf-8", b"a<b"),
            (
                "storage_xml",
                "application/xml",
                b'<?xml version="1.0" encoding="utf-8"?><Error><Code>Bad</Code><Message>a&lt;b</Message></Error>',
            ),
        ],
    )
    def test_an_error_takes_the_shape_of_its_service(self, shape: str, content_type: str, body: bytes) -> None:
        answer = ServiceError(400, "Bad", "a<b", shape=shape).response()  # type: ignore[arg-type]
        assert (answer.headers["content-type"], answer.content()) == (content_type, body)

    def test_a_part_of_a_file_is_a_body(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"0123456789")
        assert Response(200, {}, FileRange(tmp_path / "file", 2, 3)).content() == b"234"


class TestRoles:
    @pytest.fixture
    def roles(self, state: State) -> RoleAssignments:
        return RoleAssignments(state, Directory(state), ManualClock(), lag_seconds=30)

    def assign(self, roles: RoleAssignments, scope: str, role: str, principal: str, *, minutes_ago: int = 1) -> None:
        created = (ManualClock().now() - timedelta(minutes=minutes_ago)).isoformat()
        roles.put(RoleAssignment(f"{scope}-{role}-{principal}", scope, role, principal, "Group", created))

    def test_a_role_counts_on_its_scope_below_it_and_through_groups(self, roles: RoleAssignments) -> None:
        self.assign(roles, SCOPE, READER.id, group_id("auditors"))
        auditor, read = service_principal_id("auditor"), "Microsoft.Storage/storageAccounts/read"
        assert roles.allows(auditor, read, f"{SCOPE.upper()}/providers/Microsoft.Storage/storageAccounts/a")
        assert not roles.allows(auditor, read, f"{SCOPE}2/providers/Microsoft.Storage/storageAccounts/a")
        assert not roles.allows(auditor, "Microsoft.Storage/storageAccounts/write", SCOPE)
        assert not roles.allows(auditor, read, SCOPE, data=True)
        assert not roles.allows(service_principal_id("outsider"), read, SCOPE)

    def test_a_new_role_counts_after_the_lag(self, roles: RoleAssignments) -> None:
        outsider = service_principal_id("outsider")
        self.assign(roles, SCOPE, READER.id, outsider, minutes_ago=0)
        assert not roles.allows(outsider, "a/read", SCOPE)
        roles.lag_seconds = 0
        assert roles.allows(outsider, "a/read", SCOPE)

    def test_what_a_role_withholds_it_does_not_allow(self) -> None:
        write = "Microsoft.Authorization/roleAssignments/write"
        assert OWNER.allows(write, data=False) and not CONTRIBUTOR.allows(write, data=False)
        assert not OWNER.allows("Microsoft.KeyVault/vaults/secrets/getSecret/action", data=True)
        blob_read = "microsoft.storage/storageaccounts/blobservices/containers/blobs/READ"
        assert STORAGE_BLOB_DATA_READER.allows(blob_read, data=True)

    def test_each_role_has_its_own_id_and_name(self) -> None:
        assert len({each.id for each in ROLE_DEFINITIONS}) == len({each.name for each in ROLE_DEFINITIONS})
        assert len(ROLE_DEFINITIONS) == len({each.id for each in ROLE_DEFINITIONS})

    def test_a_scope_holds_itself_and_what_is_below(self) -> None:
        assert within("/A/b", "/a") and within("/a/", "/a") and not within("/ab", "/a") and not within("/a", "/a/b")


class TestTokens:
    def test_a_token_ends_after_its_hour(self, state: State) -> None:
        clock, directory = ManualClock(), Directory(state)
        issuer = TokenIssuer(state, directory, clock)
        deployer = directory.by_name("deployer")
        assert deployer is not None
        request = Request("GET", "h", "/", headers={"authorization": f"Bearer {issuer.issue(deployer, 'https://a')}"})
        assert issuer.verify(request, "https://a/") == deployer
        clock.advance(timedelta(hours=1))
        with pytest.raises(ServiceError, match="ExpiredAuthenticationToken"):
            issuer.verify(request, "https://a")

    def test_a_token_is_kept_for_half_of_its_hour_by_whom_and_for_what_it_is(self, state: State) -> None:
        clock, directory = ManualClock(), Directory(state)
        issuer = TokenIssuer(state, directory, clock)
        first, second = (directory.add_managed_identity(name, f"/{name}") for name in "ab")
        kept = [issuer.kept(who, what) for who in (first, second) for what in ("https://a", "https://b")]
        assert len(set(kept)) == 4
        clock.advance(timedelta(minutes=29))
        assert issuer.kept(first, "https://a") == kept[0]
        clock.advance(timedelta(minutes=1))
        newer = issuer.kept(first, "https://a")
        clock.advance(timedelta(minutes=29))
        assert issuer.kept(first, "https://a") == newer != kept[0]
        request = Request("GET", "h", "/", headers={"authorization": f"Bearer {newer}"})
        assert issuer.verify(request, "https://a") == first

    def test_the_token_of_an_identity_that_is_gone_is_worth_nothing(self, state: State) -> None:
        directory = Directory(state)
        issuer = TokenIssuer(state, directory, ManualClock())
        workspace = directory.add_managed_identity("ws", "/x")
        request = Request("GET", "h", "/", headers={"authorization": f"Bearer {issuer.issue(workspace, 'https://a')}"})
        assert issuer.verify(request, "https://a") == workspace
        assert directory.remove_managed_identity("/X") and not directory.remove_managed_identity("/x")
        with pytest.raises(ServiceError, match="no longer exists"):
            issuer.verify(request, "https://a")

    @pytest.mark.parametrize(
        ("header", "text"),
        [("", "header is missing"), ("Basic x", "scheme 'Basic' is not supported"), ("Bearer x", "token is invalid")],
    )
    def test_what_is_no_token_is_refused(self, state: State, header: str, text: str) -> None:
        issuer = TokenIssuer(state, Directory(state), ManualClock())
        with pytest.raises(ServiceError, match=text):
            issuer.verify(Request("GET", "h", "/", headers={"authorization": header}), "https://a")

    def test_a_key_of_another_kind_is_not_used(self, state: State) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (state.folder / "token_signing_key.pem").write_bytes(pem)
        with pytest.raises(TypeError, match="expected an RSA private key; hint: delete the file"):
            TokenIssuer(state, Directory(state), ManualClock())


class TestAccountKeys:
    def test_keys_are_made_once_renewed_one_by_one_and_forgotten(self, state: State) -> None:
        keys = AccountKeys(state)
        first, second = keys.of("lake")
        assert keys.of("LAKE") == (first, second)
        keys.renew("lake", "key2")
        assert keys.of("lake")[0] == first and keys.of("lake")[1] != second
        with pytest.raises(KeyError, match="key3"):
            keys.renew("lake", "key3")
        keys.remove("lake")
        assert keys.of("lake")[0] != first


class TestNames:
    def test_every_service_host_is_on_the_certificate(self, tmp_path: Path) -> None:
        azure = LocalAzure(tmp_path / "state")
        hosts = [each.replace("*", "name") for each in CERTIFICATE_NAMES]
        assert [host for host in hosts if not any(service.owns(host) for service in azure.services)] == []
        azure.stop()

    def test_a_stand_in_that_does_not_run_has_no_ports(self, tmp_path: Path) -> None:
        azure = LocalAzure(tmp_path / "state", services=())
        with pytest.raises(RuntimeError, match="for its ports: it is not running"):
            _ = azure.proxy_url
        azure.stop()

    def test_a_stand_in_runs_once(self, tmp_path: Path) -> None:
        azure = LocalAzure(tmp_path / "state", services=())
        azure.start()
        assert azure.proxy_url_from("198.51.100.7").startswith("http://198.51.100.7:any@127.0.0.1:")
        with pytest.raises(RuntimeError, match="it runs already"):
            azure.start()
        azure.stop()

    def test_global_names_find_their_resource_until_it_is_gone(self, state: State) -> None:
        registry = ResourceRegistry(state)
        gone: list[dict[str, Any]] = []
        registry.when_removed(gone.append)
        arm_id = f"{SCOPE}/providers/Microsoft.Storage/storageAccounts/lake"
        document = {"id": arm_id, "name": "lake", "type": "Microsoft.Storage/storageAccounts"}
        registry.put(arm_id, document)
        assert registry.of_host("lake.dfs.core.windows.net") == document == registry.get(arm_id.upper())
        assert registry.of_host("lake.vault.azure.net") is None and registry.of_host("lake") is None
        assert registry.delete(arm_id) is True and registry.delete(arm_id) is False
        assert registry.of_host("lake.blob.core.windows.net") is None and gone == [document]


class TestCommand:
    def test_every_setting_has_an_option(self) -> None:
        switches = {field.name for field in fields(Settings) if field.default is False}
        names = [field.name for field in fields(Settings)]
        given = [f"--{name.replace('_', '-')}" + ("" if name in switches else "=7") for name in names]
        settings = _settings(_parser().parse_args(["--state-folder", "x", *given]))
        assert {name: str(getattr(settings, name)).removesuffix(".0") for name in names} == {
            name: "True" if name in switches else "7" for name in names
        }

    @pytest.mark.parametrize("option", ["--role-lag-seconds", "--synapse-role-lag-seconds"])
    @pytest.mark.parametrize("lag", ["-5", "nan", "inf"])
    def test_a_lag_is_a_time(self, option: str, lag: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            _parser().parse_args(["--state-folder", "x", f"{option}={lag}"])
        assert f"argument {option}: {lag} is no lag; expected 0 or more seconds" in capsys.readouterr().err

    def test_a_port_in_use_is_an_error_of_one_line(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        azure = LocalAzure(tmp_path / "first", services=())
        azure.start()
        port = azure.proxy_url.rpartition(":")[2]
        assert main(["--state-folder", str(tmp_path / "second"), "--proxy-port", port]) == 1
        expected = f"listening on port {port} of 127.0.0.1: Address already in use; hint: choose 0 or another"
        assert capsys.readouterr().err == f"local_azure: {expected}\n"
        azure.stop()


def test_a_listener_that_chooses_anew_takes_no_port_of_another(tmp_path: Path) -> None:
    spoken_for = {str(port): port for port in range(1024, 65536) if port % 3}
    write_ports(tmp_path, Ports(plugins=spoken_for))
    local_azure = LocalAzure(tmp_path, Settings())
    local_azure.start()
    try:
        assert not {local_azure.proxy_port, local_azure._running().tls_port} & set(spoken_for.values())
    finally:
        local_azure.stop()
