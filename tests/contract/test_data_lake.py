"""What we count on of Data Lake Storage and no page of the vendor states (docs/verified.md)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.storage.filedatalake import FileSystemClient
from contract_bench import Place, lake, once_refused, refusal

PASSAGE = "user::rwx,group::r-x,other::--x"
"""Lets everybody through and shows nothing."""


@pytest.fixture(scope="module")
def account(place: Place) -> str:
    """An account with hierarchical namespace."""
    return place.new_account()


@pytest.fixture(scope="module")
def files(place: Place, account: str) -> FileSystemClient:
    """A filesystem; its root lets everybody through and shows nothing."""
    # Making one is an action of Resource Manager, and who made it owns its root: no data role is needed.
    made = lake(account, place.target.owner).create_file_system("contract")
    made.get_directory_client("/").set_access_control(acl=PASSAGE)
    return made


@pytest.fixture
def folder(files: FileSystemClient) -> str:
    """A folder for one test that lets everybody through and shows nothing."""
    name = uuid.uuid4().hex
    files.create_directory(name).set_access_control(acl=PASSAGE)
    return name


def _write(files: FileSystemClient, path: str, text: str) -> None:
    files.get_file_client(path).upload_data(text.encode(), overwrite=True)


def test_a_missing_role_and_a_missing_permission_are_refused_with_the_code_that_is_waited_on(
    files: FileSystemClient, account: str, place: Place
) -> None:
    outsider = lake(account, place.target.outsider)
    assert refusal(lambda: outsider.create_file_system("another")) == (403, "AuthorizationPermissionMismatch")
    listing = outsider.get_file_system_client(files.file_system_name)
    assert refusal(lambda: list(listing.get_paths())) == (403, "AuthorizationPermissionMismatch")


def test_reading_an_access_control_list_needs_only_the_way_there(
    files: FileSystemClient, folder: str, account: str, place: Place
) -> None:
    _write(files, f"{folder}/private.csv", "a")
    files.get_file_client(f"{folder}/private.csv").set_access_control(acl="user::rw-,group::---,other::---")
    outsider = lake(account, place.target.outsider).get_file_system_client(files.file_system_name)
    private = outsider.get_file_client(f"{folder}/private.csv")
    assert private.get_access_control()["acl"] == "user::rw-,group::---,other::---"
    assert refusal(lambda: private.download_file().readall()) == (403, "AuthorizationPermissionMismatch")
    files.get_directory_client(folder).set_access_control(acl="user::rwx,group::r-x,other::---")
    assert refusal(private.get_access_control) == (403, "AuthorizationPermissionMismatch")


def test_a_rename_replaces_the_file_that_was_there(files: FileSystemClient, folder: str) -> None:
    _write(files, f"{folder}/staged.csv", "new")
    _write(files, f"{folder}/published.csv", "old")
    files.get_file_client(f"{folder}/staged.csv").rename_file(f"contract/{folder}/published.csv")
    assert files.get_file_client(f"{folder}/published.csv").download_file().readall() == b"new"
    assert not files.get_file_client(f"{folder}/staged.csv").exists()


def test_a_renamed_file_keeps_the_access_it_got_where_it_was_made(
    files: FileSystemClient, folder: str, place: Place
) -> None:
    reader = place.target.outsider.object_id
    staging = files.create_directory(f"{folder}/_staging")
    staging.set_access_control(
        acl=f"user::rwx,group::r-x,other::---,default:user::rwx,default:user:{reader}:r--,default:group::r-x,"
        "default:mask::r-x,default:other::---"
    )
    published = files.create_directory(f"{folder}/published")
    published.set_access_control(acl=PASSAGE)
    _write(files, f"{folder}/_staging/a.csv", "a")
    staged = files.get_file_client(f"{folder}/_staging/a.csv").get_access_control()["acl"]
    assert f"user:{reader}:r--" in staged
    files.get_file_client(f"{folder}/_staging/a.csv").rename_file(f"contract/{folder}/published/a.csv")
    assert files.get_file_client(f"{folder}/published/a.csv").get_access_control()["acl"] == staged


def test_a_directory_that_is_not_empty_is_not_deleted_by_accident(files: FileSystemClient, folder: str) -> None:
    _write(files, f"{folder}/a.csv", "a")
    directory = files.get_directory_client(folder)
    assert refusal(lambda: directory._client.path.delete(recursive=False)) == (409, "DirectoryNotEmpty")
    assert files.get_file_client(f"{folder}/a.csv").exists()


def test_a_create_that_is_refused_says_what_there_is(files: FileSystemClient, folder: str) -> None:
    with pytest.raises(HttpResponseError) as caught:
        files.create_directory(folder, match_condition=MatchConditions.IfMissing)
    response: Any = caught.value.response
    told = response.headers.get("x-ms-existing-resource-type")
    assert (response.status_code, told) == (409, "directory")
    root = files.get_directory_client("/")._client.path
    assert refusal(lambda: root.get_properties())[0] == 400


def test_a_file_makes_the_directories_above_it(files: FileSystemClient, folder: str) -> None:
    files.get_file_client(f"{folder}/a/b/c.csv").create_file()
    assert files.get_directory_client(f"{folder}/a/b").get_directory_properties().metadata["hdi_isfolder"] == "true"


def test_a_list_with_a_named_entry_and_no_mask_gets_the_mask_that_lets_all_entries_through(
    files: FileSystemClient, folder: str, place: Place
) -> None:
    # Hadoop's rule, whose test vectors our calculation passes.
    reader = place.target.outsider.object_id
    directory = files.get_directory_client(folder)
    directory.set_access_control(acl=f"user::rwx,user:{reader}:-wx,group::r--,other::---")
    assert directory.get_access_control()["acl"] == f"user::rwx,user:{reader}:-wx,group::r--,mask::rwx,other::---"


def test_a_network_rule_refuses_with_the_code_that_is_waited_on(place: Place) -> None:
    account = place.new_account()
    client = lake(account, place.target.owner)
    client.create_file_system("contract")
    closed = {"networkAcls": {"defaultAction": "Deny", "bypass": "None"}}
    place.storage.storage_accounts.update(place.group, account, {"properties": closed})
    listing = client.get_file_system_client("contract")
    assert once_refused(lambda: list(listing.get_paths())) == (403, "AuthorizationFailure")


def test_without_public_access_an_account_refuses_whom_its_rules_let_in(place: Place) -> None:
    account = place.new_account()
    client = lake(account, place.target.owner)
    client.create_file_system("contract")
    closed = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}}
    place.storage.storage_accounts.update(place.group, account, {"properties": closed})
    listing = client.get_file_system_client("contract")
    assert once_refused(lambda: list(listing.get_paths())) == (403, "AuthorizationFailure")


def test_a_recursive_change_gives_every_path_the_mask_that_lets_all_its_entries_through(
    files: FileSystemClient, folder: str, place: Place
) -> None:
    reader, other = place.target.outsider.object_id, place.target.owner.object_id
    _write(files, f"{folder}/a.csv", "a")
    file = files.get_file_client(f"{folder}/a.csv")
    file.set_access_control(acl=f"user::rw-,user:{other}:r--,group::---,mask::r--,other::---")
    directory = files.get_directory_client(folder)
    directory.update_access_control_recursive(f"user:{reader}:-w-,default:user:{reader}:-w-")
    assert set(file.get_access_control()["acl"].split(",")) == {
        "user::rw-",
        f"user:{other}:r--",
        f"user:{reader}:-w-",
        "group::---",
        "mask::rw-",
        "other::---",
    }
    directory.remove_access_control_recursive(f"user:{reader},default:user:{reader}")
    assert "mask::r--" in file.get_access_control()["acl"]


def test_removing_entries_that_a_path_does_not_have_is_no_error(files: FileSystemClient, folder: str) -> None:
    stranger = str(uuid.uuid4())
    _write(files, f"{folder}/a.csv", "a")
    change = files.get_directory_client(folder).remove_access_control_recursive
    counters = change(f"user:{stranger},default:user:{stranger}").counters
    assert counters is not None
    assert (counters.directories_successful, counters.files_successful, counters.failure_count) == (1, 1, 0)


def test_a_token_that_is_none_is_refused_with_the_status_after_which_a_change_begins_anew(
    files: FileSystemClient, folder: str
) -> None:
    directory = files.get_directory_client(folder)
    refused = refusal(lambda: directory.update_access_control_recursive("other::--x", continuation_token="none"))
    assert refused[0] == 400


def test_a_filesystem_in_an_account_just_made_is_made_or_refused_as_is_waited_for(place: Place) -> None:
    service = lake(place.new_account(), place.target.owner)

    def answer() -> str:
        try:
            service.create_file_system("contract")
        except HttpResponseError as error:
            return f"{error.status_code} {getattr(error, 'error_code', '')}"
        except ServiceRequestError as error:
            return "name unknown" if "resolve" in str(error) else str(error)
        return "made"

    assert answer() in ("made", "404 ResourceNotFound", "name unknown")
