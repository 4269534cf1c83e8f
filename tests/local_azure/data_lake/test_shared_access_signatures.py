"""Shared access signatures as the official clients make them: of an account, a container, a directory and a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.storage.blob import (
    AccessPolicy,
    BlobServiceClient,
    ContainerClient,
    generate_account_sas,
    generate_blob_sas,
    generate_container_sas,
)
from azure.storage.filedatalake import DataLakeServiceClient, generate_directory_sas, generate_file_system_sas
from lake_bench import OWNER, Bench, refused

READER, OUTSIDER = "data-scientist", "outsider"
NOW = datetime.now(UTC)
SOON, BEFORE, LATER = NOW + timedelta(hours=1), NOW - timedelta(hours=1), NOW + timedelta(hours=2)


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """An account with /top and /dir/file."""
    data = bench.made_file_system()
    data.get_file_client("top").upload_data(b"top", overwrite=True)
    data.get_file_client("dir/file").upload_data(b"inside", overwrite=True)
    return bench


def blobs(bench: Bench, signature: str) -> ContainerClient:
    """The container as the holder of a signature sees it."""
    url = bench.blob("").removesuffix("/")
    return BlobServiceClient(url, signature, **bench.options()).get_container_client("data")


def paths(bench: Bench, signature: str) -> Any:
    """The filesystem as the holder of a signature sees it."""
    url = bench.dfs("").removesuffix("/")
    return DataLakeServiceClient(url, signature, **bench.options()).get_file_system_client("data")


def of_account(bench: Bench, permission: str, types: str = "sco", **more: Any) -> str:
    """A signature of the account."""
    given: Any = {"permission": permission, "resource_types": types, "expiry": SOON, **more}
    return generate_account_sas(bench.name, bench.key, **given)


def of_container(bench: Bench, permission: str, **more: Any) -> str:
    """A signature of the container."""
    given: Any = {"account_key": bench.key, "permission": permission, "expiry": SOON, **more}
    return generate_container_sas(bench.name, "data", **given)


def of_blob(bench: Bench, permission: str, name: str = "top", **more: Any) -> str:
    """A signature of a blob."""
    given: Any = {"account_key": bench.key, "permission": permission, "expiry": SOON, **more}
    return generate_blob_sas(bench.name, "data", name, **given)


def of_directory(bench: Bench, permission: str, credential: Any = None, **more: Any) -> str:
    """A signature of the directory."""
    given: Any = {"permission": permission, "expiry": SOON, **more}
    return generate_directory_sas(bench.name, "data", "dir", credential or bench.key, **given)


@pytest.mark.parametrize("sign", [of_account, of_container, of_blob])
def test_what_is_permitted_is_done_and_the_rest_is_not(filled: Bench, sign: Callable[[Bench, str], str]) -> None:
    assert blobs(filled, sign(filled, "r")).download_blob("top").readall() == b"top"
    with refused(403, "AuthorizationPermissionMismatch"):
        blobs(filled, sign(filled, "r")).get_blob_client("top").upload_blob(b"new", overwrite=True)
    blobs(filled, sign(filled, "w")).get_blob_client("top").upload_blob(b"new", overwrite=True)
    with refused(403, "AuthorizationPermissionMismatch"):
        blobs(filled, sign(filled, "c")).get_blob_client("top").set_blob_metadata({"a": "b"})
    with refused(403, "AuthorizationPermissionMismatch"):
        blobs(filled, sign(filled, "rw")).delete_blob("top")
    blobs(filled, sign(filled, "d")).delete_blob("top")
    blobs(filled, sign(filled, "c")).get_blob_client("top").upload_blob(b"again")


def test_a_signature_opens_what_it_was_made_for_alone(filled: Bench) -> None:
    with refused(403, "AuthenticationFailed"):
        blobs(filled, of_blob(filled, "r", "dir/file")).download_blob("top").readall()
    assert paths(filled, of_directory(filled, "r")).get_file_client("dir/file").download_file().readall() == b"inside"
    with refused(403, "AuthenticationFailed"):
        paths(filled, of_directory(filled, "r")).get_file_client("top").download_file()
    with refused(403, "AuthorizationPermissionMismatch"):
        list(blobs(filled, of_account(filled, "rl", "o")).list_blobs())
    with refused(403, "AuthorizationPermissionMismatch"):
        blobs(filled, of_account(filled, "rl", "c")).download_blob("top")
    with refused(403, "AuthorizationPermissionMismatch"):
        blobs(filled, of_container(filled, "rwdl")).delete_container()
    blobs(filled, of_account(filled, "d", "c")).delete_container()


def test_names_are_listed_by_who_may_list(filled: Bench) -> None:
    assert [each.name for each in blobs(filled, of_container(filled, "l")).list_blobs()] == ["dir", "dir/file", "top"]
    assert [each.name for each in paths(filled, of_directory(filled, "l")).get_paths("dir")] == ["dir/file"]
    with refused(403, "AuthorizationPermissionMismatch"):
        list(blobs(filled, of_container(filled, "r")).list_blobs())
    listing = BlobServiceClient(filled.blob(""), of_account(filled, "l"), **filled.options())
    assert [each.name for each in listing.list_containers()] == ["data"]
    with refused(403, "AuthorizationPermissionMismatch"):
        BlobServiceClient(filled.blob(""), of_account(filled, "l", "c"), **filled.options()).list_containers().next()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"expiry": BEFORE}, "AuthenticationFailed"),
        ({"start": SOON, "expiry": LATER}, "AuthenticationFailed"),
        ({"account_key": "AAAA"}, "AuthenticationFailed"),
        ({"ip": "198.51.100.1-198.51.100.9"}, "AuthorizationSourceIPMismatch"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused(filled: Bench, more: dict[str, Any], code: str) -> None:
    with refused(403, code):
        blobs(filled, of_blob(filled, "r", **more)).download_blob("top")


def test_a_signature_takes_its_limits_from_the_policy_that_it_names(filled: Bench) -> None:
    container = filled.blobs().get_container_client("data")
    container.set_container_access_policy(
        {
            "read": AccessPolicy(permission="r", expiry=SOON),
            "whenever": AccessPolicy(permission="rl"),
            "over": AccessPolicy(permission="r", expiry=BEFORE),
        }
    )
    given: Any = {"account_key": filled.key, "account_name": filled.name, "container_name": "data"}
    signature = generate_container_sas(**given, policy_id="read")
    assert blobs(filled, signature).download_blob("top").readall() == b"top"
    with refused(403, "AuthorizationPermissionMismatch"):
        blobs(filled, signature).upload_blob("new", b"1")
    later = generate_blob_sas(**given, blob_name="top", policy_id="whenever", expiry=SOON)
    assert blobs(filled, later).download_blob("top").readall() == b"top"
    for policy, more in (
        ("over", {}),
        ("none", {}),
        ("whenever", {}),
        ("read", {"permission": "r"}),
        ("read", {"expiry": SOON}),
    ):
        with refused(403, "AuthenticationFailed"):
            blobs(filled, generate_container_sas(**given, policy_id=policy, **more)).download_blob("top")
    container.set_container_access_policy({})
    with refused(403, "AuthenticationFailed"):
        blobs(filled, signature).download_blob("top")


def test_what_is_not_served_is_named(filled: Bench) -> None:
    with refused(501, "NotImplementedLocally"):
        blobs(filled, of_blob(filled, "r", version_id="2026-01-01T00:00:00.0000000Z")).download_blob("top")


def test_a_reader_gets_the_headers_that_were_signed(filled: Bench) -> None:
    signature = of_blob(filled, "r", content_disposition="attachment", ip="203.0.113.1-203.0.113.20")
    settings = blobs(filled, signature).get_blob_client("top").get_blob_properties().content_settings
    assert settings.content_disposition == "attachment"


def test_an_account_may_switch_signatures_of_its_keys_off(filled: Bench) -> None:
    key = filled.lake(OWNER).get_user_delegation_key(BEFORE, SOON)
    signatures = [of_directory(filled, "r"), of_account(filled, "r")]
    filled.change_account(allowSharedKeyAccess=False)
    for signature in signatures:
        with refused(403, "KeyBasedAuthenticationNotPermitted"):
            paths(filled, signature).get_file_client("dir/file").download_file()
    assert paths(filled, of_directory(filled, "r", key)).get_file_client("dir/file").download_file().readall()


def test_a_delegation_key_gives_what_its_owner_has(filled: Bench) -> None:
    with refused(403, "AuthorizationPermissionMismatch"):
        filled.lake(OUTSIDER).get_user_delegation_key(BEFORE, SOON)
    with refused(403, "AuthorizationPermissionMismatch"):
        filled.lake("key").get_user_delegation_key(BEFORE, SOON)
    filled.assign("Storage Blob Data Reader", READER)
    key = filled.lake(READER).get_user_delegation_key(BEFORE, SOON)
    holder = paths(filled, generate_file_system_sas(filled.name, "data", key, permission="rwdl", expiry=SOON))
    assert holder.get_file_client("top").download_file().readall() == b"top"
    with refused(403, "AuthorizationPermissionMismatch"):
        holder.get_file_client("top").delete_file()
    with refused(400, "InvalidXmlNodeValue"):
        filled.lake(READER).get_user_delegation_key(NOW, NOW + timedelta(days=8))


def test_an_agent_must_be_allowed_by_access_control_lists(filled: Bench) -> None:
    key = filled.lake(OWNER).get_user_delegation_key(BEFORE, SOON)
    agent = filled.object_id(OUTSIDER)
    signature = of_directory(filled, "rwl", key, agent_object_id=agent)
    with refused(403, "AuthorizationPermissionMismatch"):
        paths(filled, signature).get_file_client("dir/file").download_file()
    data = filled.file_system()
    root, directory = data.get_directory_client("/"), data.get_directory_client("dir")
    root.set_access_control(acl=f"user::rwx,user:{agent}:--x,group::r-x,mask::r-x,other::---")
    directory.update_access_control_recursive(f"user:{agent}:rwx")
    assert paths(filled, signature).get_file_client("dir/file").download_file().readall() == b"inside"
    paths(filled, signature).create_file("dir/made")
    assert data.get_file_client("dir/made").get_access_control()["owner"] == agent


def test_a_source_is_read_by_its_own_signature(filled: Bench) -> None:
    writer = blobs(filled, of_container(filled, "cw"))
    with refused(403, "AuthorizationPermissionMismatch"):
        writer.get_blob_client("copy").start_copy_from_url(filled.blob("data/top"))
    writer.get_blob_client("copy").start_copy_from_url(f"{filled.blob('data/top')}?{of_blob(filled, 'r')}")
    assert filled.file_system().get_file_client("copy").download_file().readall() == b"top"


def test_a_source_that_is_copied_at_once_needs_a_signature(filled: Bench) -> None:
    copy = filled.blobs().get_blob_client("data", "copy")
    with refused(401, "NoAuthenticationInformation") as told:
        copy.start_copy_from_url(filled.blob("data/top"), requires_sync=True)
    response: Any = told.value.response
    assert response.headers["x-ms-copy-source-status-code"] == "401"
    copy.start_copy_from_url(f"{filled.blob('data/top')}?{of_blob(filled, 'r')}", requires_sync=True)
    assert copy.download_blob().readall() == b"top"


def test_a_signature_renames_within_what_it_was_made_for(filled: Bench) -> None:
    moved = paths(filled, of_directory(filled, "rwm")).get_file_client("dir/file").rename_file("data/dir/new")
    assert moved.download_file().readall() == b"inside"
    with refused(403, "AuthenticationFailed"):
        paths(filled, of_directory(filled, "rwm")).get_file_client("dir/new").rename_file("data/outside")
