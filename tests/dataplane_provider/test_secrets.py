"""Secrets in what services say reach no message, log, diff or state; a mask is never written for a secret."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from artifact_documents import FILES, LAKE, documents
from azure.core.exceptions import ServiceRequestError
from provider_bench import ProviderBench, Reply

from dataplane_provider.masking import masked
from dataplane_provider.resources.told_changes import tell_changes
from provider_wire.lifecycle import Action, CheckFailed, Lifecycle
from provider_wire.verbs import PartialFailure, ProviderError
from synapse_artifacts.packed import pack

CANARY = "Canary0aB3xZ9qL7"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJ5ZXMifQ.c2lnbmF0dXJl"
SAID = {
    "account key": f"cannot open DefaultEndpointsProtocol=https;AccountName=x;AccountKey={CANARY}==;EndpointSuffix=y",
    "password in a connection string": f"Login failed: Server=tcp:s,1433;Initial Catalog=d;User ID=u;Password={CANARY}",
    "pwd with spaces, quoted": f"Driver=x;UID=u;PWD = '{CANARY} {CANARY}';Encrypt=yes",
    "shared access key": f"Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=r;SharedAccessKey={CANARY}=",
    "SAS": f"GET https://x.blob.core.windows.net/c/f?sv=2024-01-01&se=2030-01-01&sig={CANARY}%3D&sp=r failed",
    "SAS in JSON": json.dumps({"sasUri": f"https://x.blob.core.windows.net/c?sp=r&sig={CANARY}"}),
    "bearer": f"refused: Authorization: Bearer {CANARY}.{CANARY}",
    "token": f"the token {JWT} is not good",
    "JSON password": json.dumps({"typeProperties": {"userName": "u", "password": CANARY}}),
    "JSON in JSON": json.dumps({"error": json.dumps({"servicePrincipalKey": CANARY})}),
    "SecureString": json.dumps({"password": {"type": "SecureString", "value": CANARY}}),
    "escaped quote": json.dumps({"password": f'{CANARY}"{CANARY}'}),
    "user information": f"cannot reach https://user:{CANARY}@host.example/path",
    "token of GitHub": f"fatal: could not read ghp_{CANARY}{CANARY}{CANARY[:4]}",
    "key alone": f"spark.conf.set(x, {(CANARY * 6)[:86]}==)",
    "client secret": f"client_secret={CANARY}&grant_type=client_credentials",
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
def test_a_secret_is_hidden_and_the_rest_stays(said: str) -> None:
    told = masked(said)
    assert CANARY not in told
    assert JWT not in told
    assert "**********" in told
    assert told[:8] == said[:8]


@pytest.mark.parametrize(
    "said",
    [
        "The document cannot be deleted since it is referenced by pwd_reset and password_policy.",
        "the keys of table 'secrets' differ; see https://learn.microsoft.com/azure/key-vault?tabs=sig",
        "linkedService/lake: the property 'password' is missing",
        "waiting 30 s: access to take effect, code=Unauthorized",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert masked(said) == said


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts", "artifacts")


def everything_told(life: Lifecycle, error: BaseException | None = None) -> str:
    """All that anybody could read: log, status, error, state."""
    state = repr(life.deployed) if life.deployed else ""
    reasons = repr(error.reasons) if isinstance(error, PartialFailure) else ""
    return "\n".join([*(text for _, text in life.session.lines), *life.session.statuses, str(error), reasons, state])


@pytest.mark.parametrize("status", [400, 403, 409, 429, 500])
@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
def test_a_service_that_repeats_a_secret_is_not_repeated(
    bench: ProviderBench, life: Lifecycle, said: str, status: int
) -> None:
    body = {"code": "BadRequest", "message": said}
    bench.wire.fail("PUT", "/datasets/files", *[Reply(status, body)] * 500)
    with pytest.raises(PartialFailure) as caught:
        life.up({"endpoint": bench.workspace.endpoint, "documents": documents()})
    told = everything_told(life, caught.value)
    assert CANARY not in told
    assert JWT not in told
    assert "publishing dataset/files: the service answered" in told


def test_neither_are_bare_texts_operations_and_failures_of_the_network(bench: ProviderBench, life: Lifecycle) -> None:
    said = SAID["account key"]
    polled = Reply(202, None, {"Location": f"{bench.workspace.endpoint}/operationResults/x", "Retry-After": "1"})
    for faults in (
        [("PUT", "/linkedservices/lake", [Reply(400, said)])],
        [
            ("PUT", "/linkedservices/lake", [polled]),
            ("GET", "/operationResults/x", [Reply(200, {"status": "Failed", "error": {"code": "X", "message": said}})]),
        ],
        [("PUT", "/linkedservices/lake", [ServiceRequestError(said)] * 500)],
    ):
        for method, path, replies in faults:
            bench.wire.fail(method, path, *replies)
        with pytest.raises(ProviderError) as caught:
            life.up({"endpoint": bench.workspace.endpoint, "documents": documents()})
        bench.wire.heal()
        assert CANARY not in everything_told(life, caught.value)


def test_a_vault_that_repeats_a_secret_is_not_repeated(bench: ProviderBench) -> None:
    life = bench.life("GeneratedSecret")
    error = {"error": {"code": "BadParameter", "message": SAID["JSON password"]}}
    bench.wire.fail("PUT", "/secrets/key", Reply(400, error))
    with pytest.raises(ProviderError) as caught:
        life.up({"vaultUri": bench.vault_uri, "name": "key"})
    assert CANARY not in everything_told(life, caught.value)


def test_a_generated_secret_and_tokens_are_told_nowhere(bench: ProviderBench, life: Lifecycle) -> None:
    secret = bench.life("GeneratedSecret")
    secret.up({"vaultUri": bench.vault_uri, "name": "key"})
    life.up({"endpoint": bench.workspace.endpoint, "documents": documents()})
    [sent] = [call.body["value"] for call in bench.wire.calls if call.method == "PUT" and "/secrets/key" in call.path]
    told = everything_told(secret) + everything_told(life)
    assert len(sent) >= 32
    assert sent not in told
    assert "Bearer" not in told
    assert "eyJ" not in told


def with_password(value: str) -> dict[str, Any]:
    found = documents()
    found[LAKE]["properties"]["typeProperties"]["accountKey"] = {"type": "SecureString", "value": value}
    return found


@pytest.mark.parametrize("form", [dict, pack])
def test_a_secret_in_a_document_is_refused_by_its_place_before_the_engine_sees_a_difference(
    bench: ProviderBench, life: Lifecycle, form: Callable[[dict[str, Any]], Any]
) -> None:
    plain = with_password(CANARY)
    plain[LAKE]["properties"]["typeProperties"]["connectionString"] = f"AccountName=a;AccountKey={CANARY}"
    with pytest.raises(CheckFailed) as refused:
        life.preview({"endpoint": bench.workspace.endpoint, "documents": form(plain)})
    places = [f"{LAKE}/properties/typeProperties/{name}: it holds " for name in ("accountKey", "connectionString")]
    assert all(place in str(refused.value) for place in places)
    assert CANARY not in everything_told(life, refused.value)


@pytest.mark.parametrize("form", [dict, pack])
def test_a_secret_that_comes_into_a_published_document_is_refused(
    bench: ProviderBench, life: Lifecycle, form: Callable[[dict[str, Any]], Any]
) -> None:
    life.up({"endpoint": bench.workspace.endpoint, "documents": form(documents())})
    writes = len(bench.wire.calls)
    with pytest.raises(CheckFailed, match=f"{LAKE}/properties/typeProperties/accountKey: it holds "):
        life.up({"endpoint": bench.workspace.endpoint, "documents": form(with_password(CANARY))})
    assert len(bench.wire.calls) == writes


def test_an_encrypted_credential_and_a_key_in_code_are_refused_with_a_remedy(
    bench: ProviderBench, life: Lifecycle
) -> None:
    found = documents()
    found[LAKE]["properties"]["typeProperties"]["encryptedCredential"] = "ew0K"
    cell = {"cell_type": "code", "metadata": {}, "source": [f"token = 'ghp_{CANARY}{CANARY}{CANARY[:4]}'"]}
    found["notebook/n"] = {"name": "n", "properties": {"nbformat": 4, "nbformat_minor": 2, "cells": [cell]}}
    with pytest.raises(CheckFailed) as refused:
        life.preview({"endpoint": bench.workspace.endpoint, "documents": found})
    told = str(refused.value)
    encrypted = "it holds an encryptedCredential, which only the workspace that made it can read"
    assert f"{LAKE}/properties/typeProperties/encryptedCredential: {encrypted}" in told
    assert "expected no secret in a file: use the managed identity, or an AzureKeyVaultSecret" in told
    assert "notebook/n/properties/cells/0/source/0: it holds a token of GitHub" in told
    assert CANARY not in everything_told(life, refused.value)


def test_a_secret_that_an_older_state_holds_is_not_shown_beside_the_resource(life: Lifecycle) -> None:
    """What was published before such a document was refused."""
    plain = with_password(CANARY)
    plain[LAKE]["properties"]["typeProperties"]["connectionString"] = f"AccountName=a;AccountKey={CANARY}"
    tell_changes(plain, with_password("**********"), life.session)
    lines = "\n".join(text for _, text in life.session.lines)
    assert "typeProperties.connectionString" in lines
    assert CANARY not in lines


def test_a_masked_secret_is_kept_and_never_written(bench: ProviderBench, life: Lifecycle) -> None:
    bench.outside("PUT", "/linkedservices/lake", with_password(CANARY)[LAKE]["properties"])()
    assert life.adopt(f"{bench.workspace.endpoint}#{LAKE}")
    assert CANARY not in everything_told(life)
    held: dict[str, Any] = {
        "endpoint": bench.workspace.endpoint,
        "documents": {LAKE: with_password("**********")[LAKE]},
    }
    assert life.preview(held) == (Action.SAME, {})
    more = {**held, "documents": {**held["documents"], FILES: documents()[FILES]}}
    life.up(more)
    changed = with_password("**********")[LAKE]
    changed["properties"]["description"] = "x"
    bench.wire.calls.clear()
    refusal = (
        "publishing linkedService/lake/properties/typeProperties/accountKey/value: it holds the asterisks that the "
        "service shows instead of a secret; they would become the secret\n"
        "expected a reference to a secret in Key Vault (AzureKeyVaultSecret)"
    )
    with pytest.raises(ProviderError) as caught:
        life.preview({**more, "documents": {**more["documents"], LAKE: changed}})
    assert str(caught.value) == refusal
    with pytest.raises(ProviderError) as caught:
        bench.life("WorkspaceArtifacts").up({**held, "documents": {"linkedService/new": {**changed, "name": "new"}}})
    assert str(caught.value) == refusal.replace("lake", "new", 1)
    assert bench.wire.writes == 0
