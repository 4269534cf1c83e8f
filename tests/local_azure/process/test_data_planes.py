"""Each data plane as a user reaches it: through the proxy, by its own host name, from an address, with a token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from arm_bench import ArmBench, unique
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.storage.v2023_05_01.models import AccountSasParameters, ServiceSasParameters
from azure.storage.blob import BlobServiceClient
from azure.storage.filedatalake import DataLakeServiceClient
from azure.synapse.artifacts import ArtifactsClient
from running_azure import AzureBench

from local_azure.role_definitions import STORAGE_BLOB_DATA_OWNER

OFFICE, HOME = "203.0.113.10", "198.51.100.7"


@pytest.fixture(autouse=True)
def _environment(shared_azure: AzureBench) -> Iterator[None]:
    with shared_azure.acting_as("deployer"):
        yield


@pytest.fixture(scope="module")
def arm(shared_azure: AzureBench) -> ArmBench:
    """Resource Manager as the deployer."""
    return ArmBench(shared_azure)


@pytest.mark.parametrize(("source_ip", "error"), [(OFFICE, None), (HOME, "AuthorizationFailure")])
def test_a_storage_account_lets_in_whom_its_rules_name(
    shared_azure: AzureBench, arm: ArmBench, source_ip: str, error: str | None
) -> None:
    group = arm.new_group()
    rules = {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": OFFICE}]}
    name = arm.new_account(group, networkAcls=rules)
    scope = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"
    arm.give(scope, STORAGE_BLOB_DATA_OWNER.id, "data-engineer")
    with (
        shared_azure.acting_as("data-engineer", source_ip),
        DefaultAzureCredential() as credential,
        DataLakeServiceClient(f"https://{name}.dfs.core.windows.net", credential, retry_total=0) as client,
    ):
        if error is None:
            assert client.create_file_system("raw").exists()
            return
        with pytest.raises(HttpResponseError) as caught:
            client.create_file_system("raw")
    assert caught.value.status_code == 403 and error in str(caught.value)
    refused = next(each for each in reversed(shared_azure.requests()) if each["host"].startswith(name))
    assert (refused["source_ip"], refused["principal"]) == (HOME, shared_azure.object_id("data-engineer"))


@pytest.mark.parametrize("days", [None, 7])
def test_a_blob_client_reads_how_long_deleted_blobs_are_kept(arm: ArmBench, days: int | None) -> None:
    group = arm.new_group()
    name = arm.new_account(group)
    policy = {"enabled": False} if days is None else {"enabled": True, "days": days}
    properties = {"deleteRetentionPolicy": policy, "containerDeleteRetentionPolicy": policy}
    arm.storage.blob_services.set_service_properties(group, name, {"properties": properties})
    with (
        DefaultAzureCredential() as credential,
        BlobServiceClient(f"https://{name}.blob.core.windows.net", credential, retry_total=0) as client,
    ):
        kept = client.get_service_properties()["delete_retention_policy"]
    assert (kept.enabled, kept.days) == (days is not None, days)


def test_a_workspace_lets_in_whom_its_firewall_names(shared_azure: AzureBench, arm: ArmBench) -> None:
    group = arm.new_group()
    name = arm.new_workspace(group)
    arm.synapse.ip_firewall_rules.begin_create_or_update(
        group, name, "office", {"properties": {"startIpAddress": OFFICE, "endIpAddress": OFFICE}}
    ).result()

    def read(source_ip: str) -> str:
        with (
            shared_azure.acting_as("deployer", source_ip),
            DefaultAzureCredential() as credential,
            ArtifactsClient(credential, f"https://{name}.dev.azuresynapse.net") as client,
        ):
            return str(client.workspace.get().name)

    assert read(OFFICE) == name
    with pytest.raises(HttpResponseError, match=HOME) as caught:
        read(HOME)
    assert caught.value.status_code == 403


def test_a_script_reaches_the_source_database_under_its_own_name(shared_azure: AzureBench) -> None:
    credential = shared_azure.credential("database-administrator")
    token = credential.get_token("https://database.windows.net//.default").token
    script = "CREATE USER [data-engineer] FROM EXTERNAL PROVIDER"
    url = f"https://{unique('patients-')}.database.windows.net/databases/records/script"
    with requests.Session() as session:
        answer = session.post(url, script.encode(), headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        refused = session.post(url, script.encode())
        assert refused.status_code == 401


def test_signatures_that_resource_manager_makes_open_an_account_and_a_container(arm: ArmBench) -> None:
    group = arm.new_group()
    name = arm.new_account(group)
    accounts, until = arm.storage.storage_accounts, datetime.now(UTC) + timedelta(hours=1)
    whole = accounts.list_account_sas(
        group,
        name,
        AccountSasParameters(
            services="b", resource_types="sco", permissions="rwlc", shared_access_expiry_time=until, key_to_sign="key2"
        ),
    )
    url = f"https://{name}.blob.core.windows.net"
    with BlobServiceClient(url, whole.account_sas_token, retry_total=0) as client:
        client.create_container("data").upload_blob("blob", b"1")
    read = ServiceSasParameters(
        canonicalized_resource=f"/blob/{name}/data", resource="c", permissions="rl", shared_access_expiry_time=until
    )
    token = accounts.list_service_sas(group, name, read).service_sas_token
    with BlobServiceClient(url, token, retry_total=0) as client:
        container = client.get_container_client("data")
        assert [each.name for each in container.list_blobs()] == ["blob"]
        with pytest.raises(HttpResponseError, match="AuthorizationPermissionMismatch"):
            container.upload_blob("other", b"2")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"canonicalized_resource": "/queue/x/y"}, "canonicalizedResource"),
        ({"resource": "q"}, "signedResource"),
        ({"key_to_sign": "key3"}, "keyToSign"),
    ],
)
def test_a_wrong_signature_is_not_made(arm: ArmBench, changed: dict[str, str], told: str) -> None:
    group = arm.new_group()
    name = arm.new_account(group)
    given: Any = {"canonicalized_resource": f"/blob/{name}/data", "resource": "c", **changed}
    with pytest.raises(HttpResponseError, match=told):
        arm.storage.storage_accounts.list_service_sas(group, name, ServiceSasParameters(**given))
