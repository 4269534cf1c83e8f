"""The lake as a process of its own, behind TLS and the proxy: official clients, led to it by their environment."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.credentials import TokenCredential
from azure.core.exceptions import ResourceNotFoundError, ServiceRequestError
from azure.identity import DefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobPrefix, BlobServiceClient, generate_blob_sas
from azure.storage.filedatalake import ContentSettings, DataLakeServiceClient, FileSystemClient
from lake_bench import refused
from running_azure import AzureBench, running_azure

from local_azure.http_protocol import REASON_HEADER
from local_azure.role_definitions import BY_NAME

ENGINEER, READER, OUTSIDER = "data-engineer", "data-scientist", "outsider"
MEBIBYTE = 1024 * 1024
ELSEWHERE = "198.51.100.7"


@dataclass(frozen=True)
class Account:
    """A storage account of a running stand-in; the engineer owns its data."""

    azure: AzureBench
    name: str
    key: str
    arm_id: str

    def lake(self, credential: TokenCredential | None = None) -> DataLakeServiceClient:
        """The Data Lake client; without a credential that of the environment."""
        return DataLakeServiceClient(
            f"https://{self.name}.dfs.core.windows.net",
            credential or DefaultAzureCredential(),
            retry_total=0,
            max_single_put_size=MEBIBYTE,
        )

    def blobs(self, credential: TokenCredential | str | None = None) -> BlobServiceClient:
        """The Blob client; without a credential that of the environment."""
        return BlobServiceClient(
            f"https://{self.name}.blob.core.windows.net",
            credential or DefaultAzureCredential(),
            retry_total=0,
            max_single_put_size=MEBIBYTE,
            max_block_size=MEBIBYTE,
            max_single_get_size=MEBIBYTE,
            max_chunk_get_size=MEBIBYTE,
        )

    def assign(self, role: str, identity: str) -> None:
        """Gives an identity a role on the account, through Resource Manager."""
        subscription = self.azure.endpoints.subscription_id
        client = AuthorizationManagementClient(self.azure.credential("deployer"), subscription)
        roles = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions"
        properties = {
            "roleDefinitionId": f"{roles}/{BY_NAME[role].id}",
            "principalId": self.azure.object_id(identity),
            "principalType": "ServicePrincipal",
        }
        client.role_assignments.create(self.arm_id, str(uuid.uuid4()), {"properties": properties})

    def new_file_system(self) -> FileSystemClient:
        """A fresh filesystem."""
        return self.lake().create_file_system(f"fs{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def azure_process() -> Iterator[AzureBench]:
    """The process that users start; clients of this module find it as the engineer would."""
    with running_azure() as running, running.acting_as(ENGINEER):
        yield running


def _make(azure: AzureBench, flat: bool = False) -> Account:
    name = f"acct{uuid.uuid4().hex[:10]}"
    made = azure.admin("POST", "/accounts", {"name": name, "flat": flat})
    return Account(azure, name, made["key"], made["id"])


@pytest.fixture(scope="module")
def account(azure_process: AzureBench) -> Account:
    """An account with hierarchical namespace."""
    made = _make(azure_process)
    made.assign("Storage Blob Data Owner", ENGINEER)
    return made


@pytest.fixture(scope="module")
def flat(azure_process: AzureBench) -> Account:
    """An account that knows blobs only."""
    return _make(azure_process, flat=True)


@pytest.fixture
def data(account: Account) -> FileSystemClient:
    """A fresh filesystem."""
    return account.new_file_system()


CONTENT = os.urandom(9 * MEBIBYTE + 12345)


def test_a_large_file_goes_up_and_down_in_chunks_on_the_data_lake_endpoint(data: FileSystemClient) -> None:
    file = data.get_file_client("large/file")
    file.upload_data(CONTENT, overwrite=True, chunk_size=MEBIBYTE, max_concurrency=3)
    assert file.get_file_properties().size == len(CONTENT)
    assert file.download_file(max_concurrency=3).readall() == CONTENT
    assert file.download_file(offset=MEBIBYTE - 3, length=7).readall() == CONTENT[MEBIBYTE - 3 : MEBIBYTE + 4]
    assert file.download_file(offset=len(CONTENT) - 5).readall() == CONTENT[-5:]


def test_a_large_blob_goes_up_in_blocks_and_down_by_ranges_and_is_the_same_file(
    account: Account, data: FileSystemClient
) -> None:
    blob = account.blobs().get_blob_client(data.file_system_name, "large/blob")
    blob.upload_blob(CONTENT, overwrite=True, max_concurrency=3, metadata={"MadeHere": "yes"})
    assert blob.get_blob_properties().metadata == {"MadeHere": "yes"}
    [listed] = account.blobs().get_container_client(data.file_system_name).list_blobs("large/b", include=["metadata"])
    assert listed.metadata == {"MadeHere": "yes"}
    assert blob.download_blob(max_concurrency=3).readall() == CONTENT
    assert blob.download_blob(offset=5, length=11).readall() == CONTENT[5:16]
    assert data.get_file_client("large/blob").download_file().readall() == CONTENT
    with refused(416, "InvalidRange"):
        blob.download_blob(offset=len(CONTENT), length=1)


def test_an_error_without_a_body_has_the_words_of_the_service_in_its_status_line(
    account: Account, data: FileSystemClient
) -> None:
    with pytest.raises(ResourceNotFoundError, match=r"The specified path does not exist\.") as caught:
        data.get_file_client("missing").get_access_control()
    assert caught.value.reason == "The specified path does not exist."
    response: Any = caught.value.response
    assert REASON_HEADER.decode() not in response.headers
    with pytest.raises(ResourceNotFoundError) as caught:
        account.blobs().get_blob_client(data.file_system_name, "missing").get_blob_properties()
    assert caught.value.reason == "The specified blob does not exist."


def test_a_rename_takes_content_properties_and_acl_along(account: Account, data: FileSystemClient) -> None:
    acl = f"user::rwx,user:{account.azure.object_id(READER)}:r-x,group::r-x,mask::r-x,other::---"
    directory = data.create_directory("from", metadata={"made": "here"})
    directory.create_sub_directory("empty")
    directory.create_file("file").upload_data(b"content", overwrite=True)
    directory.set_access_control(acl=acl)
    moved = directory.rename_directory(f"{data.file_system_name}/to")
    assert (moved.get_access_control()["acl"], moved.get_directory_properties().metadata["made"]) == (acl, "here")
    assert sorted(each.name for each in data.get_paths()) == ["to", "to/empty", "to/file"]
    assert data.get_file_client("to/file").download_file().readall() == b"content"


def test_a_rename_may_describe_a_file_anew(data: FileSystemClient) -> None:
    file = data.get_file_client("from")
    file.upload_data(b"content", overwrite=True, metadata={"made": "here"})
    language = ContentSettings(content_language="de")
    moved = file.rename_file(f"{data.file_system_name}/to", content_settings=language)
    properties = moved.get_file_properties()
    assert (properties.metadata, properties.content_settings.content_language) == ({"made": "here"}, "de")


def test_a_rename_replaces_a_file_unless_the_destination_must_be_missing(data: FileSystemClient) -> None:
    for name in ("new", "old"):
        data.get_file_client(name).upload_data(name.encode(), overwrite=True)
    target = f"{data.file_system_name}/old"
    with refused(409, "PathAlreadyExists"):
        data.get_file_client("new").rename_file(target, match_condition=MatchConditions.IfMissing)
    assert data.get_file_client("old").download_file().readall() == b"old"
    data.get_file_client("new").rename_file(target)
    assert [each.name for each in data.get_paths()] == ["old"]
    assert data.get_file_client("old").download_file().readall() == b"new"


def test_a_directory_with_content_is_deleted_by_a_recursive_request_only(
    account: Account, data: FileSystemClient
) -> None:
    for number in range(12):
        data.create_file(f"tree/{number % 3}/{number}")
    with refused(409, "DirectoryIsNotEmpty"):
        account.blobs().get_blob_client(data.file_system_name, "tree").delete_blob()
    data.get_directory_client("tree").delete_directory()
    assert list(data.get_paths()) == []


def test_paths_are_listed_in_pages_recursively_or_not(data: FileSystemClient) -> None:
    names = [f"d/{number}" for number in range(7)]
    for name in names:
        data.create_file(name)
    pages = data.get_paths("d", max_results=3).by_page()
    assert [[each.name for each in page] for page in pages] == [names[:3], names[3:6], names[6:]]
    assert [(each.name, each.is_directory) for each in data.get_paths(recursive=False)] == [("d", True)]
    with refused(404, "PathNotFound"):
        list(data.get_paths("missing"))


def test_blobs_are_listed_flat_and_by_folder(account: Account, data: FileSystemClient) -> None:
    for name in ("a/1", "a/2", "b/c/3", "d"):
        data.create_file(name)
    container = account.blobs().get_container_client(data.file_system_name)
    every = ["a", "a/1", "a/2", "b", "b/c", "b/c/3", "d"]
    assert [each.name for each in container.list_blobs(results_per_page=2)] == every
    assert [each.name for each in container.list_blobs(name_starts_with="a/")] == ["a/1", "a/2"]
    top = [(each.name, isinstance(each, BlobPrefix)) for each in container.walk_blobs()]
    assert top == [("a/", True), ("b/", True), ("d", False)]
    assert [each.name for each in container.walk_blobs("b/")] == ["b/c/"]


def test_a_lease_keeps_others_from_writing(account: Account, data: FileSystemClient) -> None:
    file = data.get_file_client("file")
    file.upload_data(b"1", overwrite=True)
    lease = file.acquire_lease(lease_duration=15)
    with refused(412, "LeaseIdMissing"):
        file.upload_data(b"2", overwrite=True)
    with refused(412, "LeaseIdMissing"):
        account.blobs().get_blob_client(data.file_system_name, "file").delete_blob()
    with refused(409, "LeaseAlreadyPresent"):
        file.acquire_lease()
    file.upload_data(b"3", overwrite=True, lease=lease)
    lease.renew()
    assert file.get_file_properties().lease.state == "leased"
    lease.release()
    file.upload_data(b"4", overwrite=True)
    broken = file.acquire_lease()
    assert broken.break_lease(lease_break_period=0) == 0
    assert file.get_file_properties().lease.state == "broken"
    file.delete_file()


def test_conditions_on_versions_hold_on_both_endpoints(account: Account, data: FileSystemClient) -> None:
    file = data.create_file("file")
    first = file.get_file_properties().etag
    file.upload_data(b"1", overwrite=True)
    second = file.get_file_properties().etag
    assert first != second
    with refused(412, "ConditionNotMet"):
        file.set_metadata({"a": "b"}, etag=first, match_condition=MatchConditions.IfNotModified)
    with refused(409, "PathAlreadyExists"):
        file.create_file(match_condition=MatchConditions.IfMissing)
    blob = account.blobs().get_blob_client(data.file_system_name, "file")
    with refused(409, "BlobAlreadyExists"):
        blob.upload_blob(b"2")
    with refused(304, "ConditionNotMet"):
        blob.download_blob(etag=second, match_condition=MatchConditions.IfModified)
    with refused(412, "ConditionNotMet"):
        blob.delete_blob(etag=first, match_condition=MatchConditions.IfNotModified)
    blob.delete_blob(etag=second, match_condition=MatchConditions.IfNotModified)


def test_a_bare_flat_account_is_used_with_its_key(flat: Account) -> None:
    text = (
        f"DefaultEndpointsProtocol=https;AccountName={flat.name};AccountKey={flat.key};EndpointSuffix=core.windows.net"
    )
    container = BlobServiceClient.from_connection_string(text, retry_total=0).create_container("data")
    names = ["a", "a/", "a//b", "a/b c", "z é"]
    for name in names:
        container.upload_blob(name, name.encode(), metadata={"n": "1"})
    assert [each.name for each in container.list_blobs()] == names
    assert [container.download_blob(name).readall().decode() for name in names] == names
    assert sorted(each.name for each in container.walk_blobs()) == ["a", "a/", "z é"]
    container.delete_blob("a/")
    assert [each.name for each in container.list_blobs(name_starts_with="a/")] == ["a//b", "a/b c"]
    assert container.get_blob_client("a//b").get_blob_properties().metadata == {"n": "1"}


def test_a_flat_account_has_no_data_lake_endpoint_here_and_no_key_but_its_own(flat: Account, account: Account) -> None:
    lake = DataLakeServiceClient(f"https://{flat.name}.dfs.core.windows.net", flat.key, retry_total=0)
    with refused(501, "NotImplementedLocally"):
        lake.get_file_system_client("data").create_file("file")
    with refused(403, "AuthenticationFailed"):
        list(flat.blobs(account.key).list_containers())


def test_who_holds_a_shared_access_signature_reads_with_it(account: Account, data: FileSystemClient) -> None:
    data.get_file_client("file").upload_data(b"content", overwrite=True)
    limit = datetime.now(UTC) + timedelta(hours=1)
    key = account.blobs().get_user_delegation_key(datetime.now(UTC), limit)
    signature = generate_blob_sas(
        account.name, data.file_system_name, "file", user_delegation_key=key, permission="r", expiry=limit
    )
    client = BlobServiceClient(f"https://{account.name}.blob.core.windows.net", signature, retry_total=0)
    blob = client.get_blob_client(data.file_system_name, "file")
    assert blob.download_blob().readall() == b"content"
    with refused(403, "AuthorizationPermissionMismatch"):
        blob.delete_blob()


def test_only_addresses_that_the_network_rules_name_reach_the_account(azure_process: AzureBench) -> None:
    account = _make(azure_process)
    account.assign("Storage Blob Data Owner", ENGINEER)
    subscription = azure_process.endpoints.subscription_id
    manager = StorageManagementClient(azure_process.credential("deployer"), subscription)
    group = account.arm_id.split("/")[4]
    rules = {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": ELSEWHERE, "action": "Allow"}]}
    manager.storage_accounts.update(group, account.name, {"properties": {"networkAcls": rules}})
    for service in (account.lake().list_file_systems, account.blobs().list_containers):
        with refused(403, "AuthorizationFailure"):
            list(service())
    with refused(403, "AuthorizationFailure"):
        list(account.blobs(account.key).list_containers())
    with azure_process.acting_as(ENGINEER, ELSEWHERE):
        account.lake().create_file_system("data").create_file("file")
        assert [each.name for each in account.blobs().list_containers()] == ["data"]


def test_a_role_counts_only_when_its_lag_is_over(azure_process: AzureBench, account: Account) -> None:
    data = account.new_file_system()
    data.create_file("file").upload_data(b"1", overwrite=True)
    reader = account.lake(azure_process.credential(OUTSIDER)).get_file_system_client(data.file_system_name)
    azure_process.admin("POST", "/role-lag", {"seconds": 300})
    try:
        account.assign("Storage Blob Data Reader", OUTSIDER)
        with refused(403, "AuthorizationPermissionMismatch"):
            reader.get_file_client("file").download_file()
        azure_process.admin("POST", "/clock", {"advanceSeconds": 301})
        assert reader.get_file_client("file").download_file().readall() == b"1"
    finally:
        azure_process.admin("POST", "/role-lag", {"seconds": 0})


def test_an_account_that_nobody_made_does_not_resolve(azure_process: AzureBench) -> None:
    client = Account(azure_process, "nosuchaccount", "", "").lake()
    with pytest.raises(ServiceRequestError, match="502"):
        list(client.list_file_systems())
