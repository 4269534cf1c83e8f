"""Fresh roles and network rules are waited for: on the exact codes, until a deadline, saying what is waited for."""

import socket
from datetime import timedelta
from typing import Any

import pytest
import requests
from azure.core.pipeline.transport import HttpTransport
from lake_bench import make_account
from provider_bench import ProviderBench, Reply, lines
from urllib3.exceptions import MaxRetryError, NameResolutionError

from dataplane_provider.clients import data_factory, data_lake, key_vault, synapse
from dataplane_provider.errors import NotPropagated, ServiceFailure
from provider_wire.lifecycle import Lifecycle
from provider_wire.verbs import Cancelled, Severity

NO_ROLE = {"code": "Unauthorized", "message": "The principal does not have the required Synapse RBAC permission."}
LAKE: dict[str, Any] = {
    "linkedService/lake": {
        "name": "lake",
        "properties": {"type": "AzureBlobFS", "typeProperties": {"url": "https://lake.dfs.core.windows.net"}},
    }
}


def secret(bench: ProviderBench, **more: object) -> dict[str, object]:
    return {"vaultUri": bench.vault_uri, "name": "key", **more}


@pytest.fixture
def without_role(bench: ProviderBench) -> str:
    """An account on which the deployer's role is just assigned; the stand-in lets 30 s pass before it counts."""
    account = make_account(bench.azure)
    account.made_file_system("data").create_directory("patients")
    bench.assign("Storage Blob Data Owner", account.arm_id, age=timedelta(0))
    return account.name


def directory(account: str, **more: object) -> dict[str, object]:
    return {"account": account, "fileSystem": "data", "path": "patients/2024", "acl": [], **more}


def test_a_role_that_does_not_work_yet_is_waited_for(bench: ProviderBench, without_role: str) -> None:
    life = bench.life("Directory")
    life.up(directory(without_role))
    id = f"https://{without_role}.dfs.core.windows.net/data/patients/2024"
    [line] = lines(life, Severity.INFO)
    assert line == (
        f"waiting for access to take effect: reading the ACL of {id} is refused with 403 "
        "AuthorizationPermissionMismatch; tried again for up to 1800 s"
    )
    assert 30 <= sum(bench.time.waits) < 60
    assert life.session.statuses[0].endswith("; 0 of 1800 s")


def test_patience_ends_at_the_deadline_with_what_to_look_at(bench: ProviderBench, without_role: str) -> None:
    with pytest.raises(NotPropagated) as caught:
        bench.life("Directory").up(directory(without_role, propagationTimeoutSeconds=10))
    first, hint = str(caught.value).split("\nhint: ")
    id = f"https://{without_role}.dfs.core.windows.net/data/patients/2024"
    assert first == (
        f"reading the ACL of {id}: the service answered 403 AuthorizationPermissionMismatch: "
        "This request is not authorized to perform this operation using this permission."
    )
    assert hint == (
        "refused for 10 s: check that the role is assigned to this identity and that the network rules let this "
        "machine in; if both were changed just now, raise propagationTimeoutSeconds"
    )
    assert sum(bench.time.waits) == pytest.approx(10)


def test_the_wish_to_stop_ends_the_wait(bench: ProviderBench, without_role: str) -> None:
    bench.time.cancel_after = 5
    with pytest.raises(Cancelled, match=r"^reading the ACL of https://.*: stopped on request$"):
        bench.life("Directory").up(directory(without_role))


def test_a_refresh_waits_a_minute_only(bench: ProviderBench) -> None:
    life = bench.life("GeneratedSecret")
    life.up(secret(bench))
    bench.wire.fail("GET", "/secrets/key/versions", *[_vault_refusal("ForbiddenByRbac")] * 100)
    with pytest.raises(NotPropagated, match="refused for 60 s"):
        life.refresh()


def _vault_refusal(inner: str) -> Reply:
    error = {"code": "Forbidden", "message": "Caller is not authorized.", "innererror": {"code": inner}}
    return Reply(403, {"error": error})


def test_a_fresh_role_on_a_vault_is_waited_for(bench: ProviderBench) -> None:
    bench.wire.fail("GET", "/secrets/key/versions", *[_vault_refusal("ForbiddenByRbac")] * 3)
    life = bench.life("GeneratedSecret")
    life.up(secret(bench))
    assert next(lines(life, Severity.INFO)).startswith(
        f"waiting for access to take effect: looking for {bench.vault_uri}/secrets/key is refused with 403 "
    )


def test_a_refusal_that_time_does_not_cure_ends_at_once(bench: ProviderBench) -> None:
    bench.wire.fail("GET", "/secrets/key/versions", _vault_refusal("ForbiddenByPolicy"))
    with pytest.raises(ServiceFailure) as caught:
        bench.life("GeneratedSecret").up(secret(bench))
    assert str(caught.value) == (
        f"looking for {bench.vault_uri}/secrets/key: the service answered 403 ForbiddenByPolicy: "
        "Caller is not authorized."
    )
    assert bench.time.waits == []


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDKs try again at once."""
    monkeypatch.setattr(HttpTransport, "sleep", lambda self, seconds: None)


def _unknown_name(wrapped: bool = True) -> requests.ConnectionError:
    """What the network library raises for a host that no name server knows, or that a proxy does not find."""
    if not wrapped:
        return requests.exceptions.ProxyError(OSError("Tunnel connection failed: 502 Bad Gateway"))
    cause = socket.gaierror(-2, "Name or service not known")
    name = NameResolutionError("lake", None, cause)  # type: ignore[arg-type]
    name.__cause__ = cause
    return requests.ConnectionError(MaxRetryError(None, "/", name))  # type: ignore[arg-type]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("wrapped", [True, False], ids=["no address", "proxy"])
def test_the_name_of_an_account_made_a_moment_ago_is_waited_for(bench: ProviderBench, wrapped: bool) -> None:
    account = make_account(bench.azure)
    bench.assign("Storage Blob Data Owner", account.arm_id)
    bench.wire.fail("", "/", *[_unknown_name(wrapped)] * 20)
    life = bench.life("FileSystem")
    life.up({"account": account.name, "name": "data"})
    [line] = lines(life, Severity.INFO)
    id = f"https://{account.name}.dfs.core.windows.net/data"
    assert line == (
        f"waiting for its name to be known here: reading the ACL of {id} fails: name unknown; "
        "tried again for up to 1800 s"
    )


@pytest.mark.usefixtures("hasty")
def test_the_name_of_a_vault_made_a_moment_ago_is_waited_for(bench: ProviderBench) -> None:
    bench.wire.fail("", "/", *[_unknown_name()] * 20)
    life = bench.life("GeneratedSecret")
    life.up(secret(bench))
    assert next(lines(life, Severity.INFO)).startswith("waiting for its name to be known here: looking for https://")


@pytest.mark.usefixtures("hasty")
def test_a_name_that_stays_unknown_ends_with_what_to_look_at_and_a_refresh_at_once(bench: ProviderBench) -> None:
    account = make_account(bench.azure)
    bench.assign("Storage Blob Data Owner", account.arm_id)
    life = bench.life("FileSystem")
    life.up({"account": account.name, "name": "data"})
    bench.wire.fail("", "/", *[_unknown_name()] * 10_000)
    with pytest.raises(NotPropagated, match=r"unknown for 10 s: check the name, .*private DNS zones are linked"):
        bench.life("FileSystem", "other").up({"account": account.name, "name": "more", "propagationTimeoutSeconds": 10})
    before = len(bench.time.waits)
    with pytest.raises(ServiceFailure, match=r"name unknown(.|\n)*hint: .*`pulumi up --refresh` what was in it"):
        life.refresh()
    assert len(bench.time.waits) == before


def test_an_account_that_the_service_does_not_know_yet_is_waited_for(bench: ProviderBench) -> None:
    account = make_account(bench.azure)
    bench.assign("Storage Blob Data Owner", account.arm_id)
    error = {"code": "ResourceNotFound", "message": "The specified resource does not exist."}
    unknown = Reply(404, {"error": error}, {"x-ms-error-code": "ResourceNotFound"})
    bench.wire.fail("PUT", "/data", *[unknown] * 3)
    life = bench.life("FileSystem")
    life.up({"account": account.name, "name": "data"})
    assert next(lines(life, Severity.INFO)).startswith("waiting for the service to know the account: creating https://")


def publish(bench: ProviderBench, **more: object) -> Lifecycle:
    life = bench.life("WorkspaceArtifacts")
    life.up({"endpoint": bench.workspace.endpoint, "documents": LAKE, **more})
    return life


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_fresh_synapse_role_is_waited_for(bench: ProviderBench, method: str) -> None:
    bench.wire.fail(method, "/linkedservices", *[Reply(403, NO_ROLE)] * 3)
    life = publish(bench)
    [line] = lines(life, Severity.INFO)
    assert "is refused with 403 Unauthorized; tried again for up to 600 s" in line
    assert set(bench.documents("linkedservices")) == {"lake"}


def test_a_missing_synapse_role_is_an_error_after_the_deadline(bench: ProviderBench) -> None:
    bench.wire.fail("PUT", "/linkedservices", *[Reply(403, NO_ROLE)] * 100)
    with pytest.raises(Exception, match=r"(?s)^publishing linkedService/lake: .*refused for 30 s"):
        publish(bench, propagationTimeoutSeconds=30)


@pytest.mark.parametrize(
    ("service", "status", "code", "detail", "waited_for"),
    [
        (synapse, 403, "Unauthorized", NO_ROLE["message"], "access to take effect"),
        (synapse, 401, "Unauthorized", NO_ROLE["message"], "access to take effect"),
        (synapse, 403, "ClientIpAddressNotAuthorized", "", "access to take effect"),
        (synapse, 403, "Unauthorized", "The token is expired.", ""),
        (synapse, 404, "Unauthorized", NO_ROLE["message"], ""),
        (synapse, 403, "Forbidden", NO_ROLE["message"], ""),
        (data_factory, 403, "AuthorizationFailed", "", "access to take effect"),
        (data_factory, 404, "AuthorizationFailed", "", ""),
        (data_factory, 403, "Forbidden", "", ""),
        (data_lake, 403, "AuthorizationPermissionMismatch", "", "access to take effect"),
        (data_lake, 403, "AuthorizationFailure", "", "access to take effect"),
        (data_lake, 409, "ContainerBeingDeleted", "", "the deleted filesystem of that name to be gone"),
        (data_lake, 409, "FilesystemBeingDeleted", "", "the deleted filesystem of that name to be gone"),
        (data_lake, 403, "AuthenticationFailed", "", ""),
        (data_lake, 404, "AuthorizationFailure", "", ""),
        (data_lake, 409, "FilesystemAlreadyExists", "", ""),
        (key_vault, 403, "ForbiddenByRbac", "", "access to take effect"),
        (key_vault, 409, "ObjectIsBeingDeleted", "", "the secret of that name to be deleted or recovered"),
        (key_vault, 409, "ObjectIsBeingRecovered", "", "the secret of that name to be deleted or recovered"),
        (key_vault, 403, "ForbiddenByPolicy", "", ""),
        (key_vault, 403, "ForbiddenByFirewall", "", ""),
        (key_vault, 409, "Conflict", "", ""),
    ],
)
def test_only_what_time_cures_is_waited_for(service: Any, status: int, code: str, detail: str, waited_for: str) -> None:
    assert service.is_lag(ServiceFailure("reading x", status, code, detail)) == waited_for
