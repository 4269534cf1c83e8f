"""What a new item is given: owner, group, permissions, default ACL; and what setting an ACL leaves behind.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control
"""

from __future__ import annotations

from typing import Any

import pytest
from azure.storage.filedatalake import DataLakeDirectoryClient, FileSystemClient
from lake_bench import OWNER, Bench, group, refused

FOO = "f0000000-0000-0000-0000-00000000000f"
DEFAULT = "default:user::rwx,default:user:FOO:rwx,default:group::r-x,default:mask::rwx,default:other::---"


def _shown(client: Any) -> tuple[str, str]:
    """Permissions and ACL of an item, with the id of the named user as FOO."""
    found = client.get_access_control()
    return str(found["permissions"]), str(found["acl"]).replace(FOO, "FOO")


def _acl(text: str) -> str:
    return text.replace("FOO", FOO)


@pytest.fixture
def data(bench: Bench) -> FileSystemClient:
    """A filesystem of the account."""
    return bench.made_file_system()


def _directory(data: FileSystemClient, permissions: str = "0750", acl: str = "") -> DataLakeDirectoryClient:
    directory = data.get_directory_client("parent")
    directory.create_directory(permissions=permissions, umask="0000")
    if acl:
        directory.set_access_control(acl=_acl(acl))
    return directory


def test_the_root_of_a_filesystem_belongs_to_its_creator(bench: Bench) -> None:
    for identity, owner in ((OWNER, bench.object_id(OWNER)), ("key", "$superuser")):
        root = bench.made_file_system(f"by-{identity}", identity).get_directory_client("/").get_access_control()
        assert (root["owner"], root["group"], root["permissions"]) == (owner, owner, "rwxr-x---")


def test_a_new_item_belongs_to_its_creator_and_to_the_group_of_its_parent(bench: Bench) -> None:
    data = bench.made_file_system()
    directory = data.create_directory("parent")
    directory.set_access_control(group=group("data-engineers"))
    for identity, owner in ((OWNER, bench.object_id(OWNER)), ("key", "$superuser")):
        file = bench.file_system("data", identity).get_directory_client("parent").create_file(identity)
        found = file.get_access_control()
        assert (found["owner"], found["group"]) == (owner, group("data-engineers"))


@pytest.mark.parametrize(
    ("kind", "permissions", "umask", "expected"),
    [
        ("directory", None, None, "rwxr-x---"),
        ("file", None, None, "rw-r-----"),
        ("file", "0777", "0057", "rwx-w----"),
        ("directory", "rwxr--r--", "0000", "rwxr--r--"),
        ("directory", "1777", "0000", "rwxrwxrwt"),
        ("file", "0644", "0022", "rw-r--r--"),
        ("directory", "0777", "0022", "rwxr-xr-x"),
    ],
)
def test_without_a_default_acl_the_umask_restricts_the_permissions(
    data: FileSystemClient, kind: str, permissions: str | None, umask: str | None, expected: str
) -> None:
    parent = _directory(data)
    parent.set_access_control(acl=_acl("user::rwx,user:FOO:rwx,group::r-x,other::---"))
    wishes = {key: value for key, value in (("permissions", permissions), ("umask", umask)) if value}
    item: Any = data.get_file_client("parent/new") if kind == "file" else data.get_directory_client("parent/new")
    item.create_file(**wishes) if kind == "file" else item.create_directory(**wishes)
    found = item.get_access_control()
    assert found["permissions"] == expected
    assert FOO not in found["acl"]


@pytest.mark.parametrize(
    ("parent_mode", "permissions", "shown", "acl"),
    [
        ("0750", "0644", "rw-r-----+", "user::rw-,user:FOO:rwx,group::r-x,mask::r--,other::---"),
        ("0755", "0740", "rwxr-----+", "user::rwx,user:FOO:rwx,group::r-x,mask::r--,other::---"),
        ("0755", None, "rw-rw----+", "user::rw-,user:FOO:rwx,group::r-x,mask::rw-,other::---"),
    ],
)
def test_a_new_file_takes_the_default_acl_limited_by_its_permissions_and_not_by_the_umask(
    data: FileSystemClient, parent_mode: str, permissions: str | None, shown: str, acl: str
) -> None:
    _directory(data, parent_mode, "default:user:FOO:rwx")
    file: Any = data.get_file_client("parent/file")
    file.create_file(umask="0022", **({"permissions": permissions} if permissions else {}))
    assert _shown(file) == (shown, acl)


@pytest.mark.parametrize(
    ("parent_mode", "permissions", "shown", "other", "default_other"),
    [
        ("0750", "0777", "rwxrwx---+", "---", "---"),
        ("0755", "0740", "rwxr-----+", "---", "r-x"),
    ],
)
def test_a_new_directory_takes_the_default_acl_and_passes_it_on_as_it_is(
    data: FileSystemClient, parent_mode: str, permissions: str, shown: str, other: str, default_other: str
) -> None:
    _directory(data, parent_mode, "default:user:FOO:rwx")
    directory = data.get_directory_client("parent/directory")
    directory.create_directory(permissions=permissions, umask="0022")
    mask = shown[3:6]
    access = f"user::rwx,user:FOO:rwx,group::r-x,mask::{mask},other::{other}"
    default = DEFAULT.removesuffix("---") + default_other
    assert _shown(directory) == (shown, f"{access},{default}")


def test_a_minimal_default_acl_brings_no_mask(data: FileSystemClient) -> None:
    parent = _directory(data, "0750", "default:user::rwx,default:group::r-x,default:other::---")
    parent.create_file("file", permissions="0644", umask="0022")
    parent.create_sub_directory("directory", permissions="0777", umask="0022")
    assert _shown(data.get_file_client("parent/file")) == ("rw-r-----", "user::rw-,group::r--,other::---")
    assert _shown(data.get_directory_client("parent/directory")) == (
        "rwxr-x---+",
        "user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:other::---",
    )


def test_a_rename_leaves_the_acl_as_it_is(data: FileSystemClient) -> None:
    _directory(data, "0750", "default:user:FOO:rwx")
    file = data.create_file("file").rename_file("data/parent/file")
    directory = data.create_directory("directory").rename_directory("data/parent/directory")
    assert _shown(file) == ("rw-r-----", "user::rw-,group::r--,other::---")
    assert _shown(directory) == ("rwxr-x---", "user::rwx,group::r-x,other::---")


def test_changing_a_default_acl_leaves_existing_children_alone(data: FileSystemClient) -> None:
    parent = _directory(data)
    before = _shown(parent.create_file("file"))
    parent.set_access_control(acl=_acl("default:user:FOO:rwx"))
    assert _shown(data.get_file_client("parent/file")) == before


def test_directories_made_on_the_way_take_the_default_acl_too(data: FileSystemClient) -> None:
    _directory(data, "0750", "default:user:FOO:rwx")
    data.create_file("parent/a/b/file")
    access = "user::rwx,user:FOO:rwx,group::r-x,mask::rwx,other::---"
    for path in ("parent/a", "parent/a/b"):
        assert _shown(data.get_directory_client(path)) == ("rwxrwx---+", f"{access},{DEFAULT}")


def test_a_file_never_has_a_default_acl(data: FileSystemClient) -> None:
    file = data.create_file("file")
    with refused(400, "InvaldAccessControlList"):
        file.set_access_control(acl=_acl("default:user:FOO:rwx"))
    with refused(400, "InvaldAccessControlList"):
        data.create_file("other", acl=_acl("user::rwx,group::---,other::---,default:user:FOO:rwx"))


def test_owner_group_and_acl_of_a_create_request_are_taken(data: FileSystemClient, bench: Bench) -> None:
    owner, owning_group = bench.object_id("auditor"), group("auditors")
    acl = "user::rwx,group::r-x,other::rwx"
    directory = data.create_directory("directory", acl=acl, owner=owner, group=owning_group)
    found = directory.get_access_control()
    assert (found["acl"], found["permissions"]) == (acl, "rwxr-xrwx")
    assert (found["owner"], found["group"]) == (owner, owning_group)


def test_the_root_has_an_acl_that_is_set_and_changed_like_any_other(data: FileSystemClient) -> None:
    root = data.get_directory_client("/")
    root.set_access_control(acl=_acl("user::rwx,user:FOO:rwx,group::r-x,other::---,default:user:FOO:rwx"))
    root.update_access_control_recursive(acl=_acl("user:FOO:r-x,default:user:FOO:r-x"))
    access = "user::rwx,user:FOO:r-x,group::r-x,mask::r-x,other::---"
    default = ",".join(f"default:{each}" for each in access.split(","))
    assert _shown(root) == ("rwxr-x---+", f"{access},{default}")
    root.set_access_control(acl="user::rwx,group::r-x,other::---")
    assert _shown(root) == ("rwxr-x---", "user::rwx,group::r-x,other::---")


def test_an_acl_has_at_most_32_entries_of_each_scope(data: FileSystemClient) -> None:
    directory = data.create_directory("directory")
    base = ["user::rwx", "group::r-x", "mask::rwx", "other::---"]
    named = [f"user:{number:08}-0000-0000-0000-000000000000:r--" for number in range(29)]
    directory.set_access_control(acl=",".join(base + named[:28]))
    with refused(400, "InvaldAccessControlList"):
        directory.set_access_control(acl=",".join(base + named))
    with refused(400, "InvaldAccessControlList"):
        directory.update_access_control_recursive(acl="user:eeeeeeee-0000-0000-0000-000000000000:r--")


@pytest.mark.parametrize("acl", ["asdf", "user::rwx,user::r--", "user::rwy", "mask:x:rwx"])
def test_a_text_that_is_no_acl_is_refused_with_the_code_as_the_service_spells_it(
    data: FileSystemClient, acl: str
) -> None:
    with refused(400, "InvaldAccessControlList"):
        data.create_directory("directory").set_access_control(acl=acl)


@pytest.mark.parametrize("permissions", ["7777", "rwx", "x"])
def test_a_text_that_is_no_mode_is_refused(data: FileSystemClient, permissions: str) -> None:
    with refused(400, "InvalidHeaderValue"):
        data.create_directory("directory").set_access_control(permissions=permissions)


def test_creating_a_directory_once_more_keeps_what_is_in_it_and_its_acl(data: FileSystemClient) -> None:
    directory = data.create_directory("directory", permissions="0700", umask="0000")
    directory.create_file("file")
    directory.create_directory(metadata={"a": "b"})
    assert _shown(directory)[0] == "rwx------"
    assert directory.get_directory_properties().metadata["a"] == "b"
    assert [each.name for each in data.get_paths()] == ["directory", "directory/file"]
    directory.create_directory(acl="user::rwx,group::rwx,other::---", owner=FOO, group=group("auditors"))
    found = directory.get_access_control()
    assert (found["permissions"], found["owner"], found["group"]) == ("rwxrwx---", FOO, group("auditors"))
