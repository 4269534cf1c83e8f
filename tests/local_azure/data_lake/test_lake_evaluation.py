"""Roles before ACLs, and which entry of an ACL decides.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control-model#how-permissions-are-evaluated
"""

from __future__ import annotations

import pytest
from azure.storage.filedatalake import DataLakeFileClient
from lake_bench import OWNER, Bench, group, refused

from azure_ids.acl import Permissions
from local_azure.services.data_lake.access import Caller, access_check
from local_azure.services.data_lake.nodes import SUPERUSER, Node

ME = "outsider"
G1, G2 = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
MEMBER, OTHER, STRANGER = "aaaaaaaa-0000-0000-0000-00000000000a", "owner", "stranger"
ONE_GROUP = frozenset({G1})
BOTH_GROUPS = frozenset({G1, G2})


def _node(owner: str, acl: str, owning_group: str = "owners") -> Node:
    return Node("1", "0", "n", False, 0, 0, "0x1", owner, owning_group, acl)


@pytest.mark.parametrize(
    ("owner", "owning_group", "acl", "groups", "wanted", "is_allowed"),
    [
        pytest.param(
            MEMBER,
            "g",
            f"user::---,user:{MEMBER}:rwx,group::rwx,mask::rwx,other::rwx",
            (),
            "r--",
            False,
            id="owner alone",
        ),
        pytest.param(
            OTHER,
            G1,
            f"user::rwx,user:{MEMBER}:---,group::rwx,mask::rwx,other::rwx",
            (G1,),
            "r--",
            False,
            id="named user first",
        ),
        pytest.param(
            OTHER,
            "g",
            f"user::rwx,user:{MEMBER}:rwx,group::---,mask::r--,other::---",
            (),
            "-w-",
            False,
            id="mask limits",
        ),
        pytest.param(
            MEMBER,
            "g",
            "user::rwx,group::---,mask::---,other::---",
            (),
            "rwx",
            True,
            id="mask does not touch the owner",
        ),
        pytest.param(
            OTHER,
            "g",
            f"user::rwx,group::---,group:{G1}:r--,group:{G2}:-w-,mask::rwx,other::---",
            (G1, G2),
            "rw-",
            False,
            id="groups are not added up",
        ),
        pytest.param(
            OTHER,
            "g",
            f"user::rwx,group::---,group:{G1}:r--,group:{G2}:rw-,mask::rwx,other::---",
            (G1, G2),
            "rw-",
            True,
            id="each group is tried",
        ),
        pytest.param(
            OTHER,
            "g",
            f"user::rwx,group::---,group:{G1}:---,mask::rwx,other::r--",
            (G1,),
            "r--",
            True,
            id="others after groups",
        ),
        pytest.param(
            OTHER, "g", "user::rwx,user:somebody:rwx,group::---,mask::rwx,other::---", (), "r--", False, id="stranger"
        ),
        pytest.param(
            OTHER,
            G1,
            "user::---,group::r-x,mask::r--,other::---",
            (G1,),
            "r-x",
            False,
            id="mask limits the owning group",
        ),
        pytest.param(
            SUPERUSER, SUPERUSER, "user::rwx,group::rwx,other::---", (), "r--", False, id="$superuser is nobody"
        ),
    ],
)
def test_the_first_identity_that_fits_decides(
    owner: str, owning_group: str, acl: str, groups: tuple[str, ...], wanted: str, is_allowed: bool
) -> None:
    caller = Caller(MEMBER, frozenset(groups))
    assert access_check(_node(owner, acl, owning_group), caller, Permissions.parse(wanted)) is is_allowed


def _file(bench: Bench, bits: str, passage: str = "--x") -> DataLakeFileClient:
    """A file that gives the caller the bits, below directories that give `passage`; the caller's client of it."""
    owner = bench.made_file_system()
    owner.create_directory("dir")
    owner.get_file_client("dir/file").upload_data(b"1234", overwrite=True)
    me = bench.object_id(ME)
    for path in ("/", "dir"):
        acl = f"user::rwx,user:{me}:{passage},group::---,other::---"
        owner.get_directory_client(path).set_access_control(acl=acl)
    acl = f"user::rwx,user:{me}:{bits},group::---,other::---"
    owner.get_file_client("dir/file").set_access_control(acl=acl)
    return bench.file_system("data", ME).get_file_client("dir/file")


def test_an_acl_takes_nothing_away_from_a_role(bench: Bench) -> None:
    file = _file(bench, "---", "---")
    bench.assign("Storage Blob Data Contributor", ME)
    assert file.download_file().readall() == b"1234"
    file.upload_data(b"new", overwrite=True)
    file.rename_file("data/dir/renamed").delete_file()


def test_a_reader_writes_where_the_acl_lets_it(bench: Bench) -> None:
    file = _file(bench, "-w-")
    bench.assign("Storage Blob Data Reader", ME)
    file.append_data(b"5", 4)
    file.flush_data(5)
    assert file.download_file().readall() == b"12345"


def test_a_reader_without_an_acl_reads_and_lists_but_does_not_write(bench: Bench) -> None:
    file = _file(bench, "---", "---")
    bench.assign("Storage Blob Data Reader", ME)
    assert file.download_file().readall() == b"1234"
    assert [each.name for each in bench.file_system("data", ME).get_paths()] == ["dir", "dir/file"]
    with refused(403, "AuthorizationPermissionMismatch"):
        file.append_data(b"5", 4)
    with refused(403, "AuthorizationPermissionMismatch"):
        file.set_metadata({"a": "b"})
    with refused(403, "AuthorizationPermissionMismatch"):
        file.delete_file()
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("data", ME).create_file("other")


@pytest.mark.parametrize("role", ["Owner", "Contributor", "Reader"])
def test_a_control_plane_role_opens_no_data(bench: Bench, role: str) -> None:
    file = _file(bench, "---", "---")
    bench.assign(role, ME)
    with refused(403, "AuthorizationPermissionMismatch"):
        file.download_file()
    with refused(403, "AuthorizationPermissionMismatch"):
        list(bench.file_system("data", ME).get_paths())


@pytest.mark.parametrize("level", ["subscription", "group", "account", "container"])
def test_a_role_is_inherited_by_everything_below_its_scope(bench: Bench, level: str) -> None:
    file = _file(bench, "---", "---")
    scopes = {
        "subscription": f"/subscriptions/{bench.azure.directory.subscription_id}",
        "group": bench.arm_id.partition("/providers/")[0],
        "account": bench.arm_id,
        "container": f"{bench.arm_id}/blobServices/default/containers/data",
    }
    assignment = bench.assign("Storage Blob Data Reader", ME, scopes[level])
    assert file.download_file().readall() == b"1234"
    bench.azure.role_assignments.delete(assignment.scope, assignment.name)
    with refused(403, "AuthorizationPermissionMismatch"):
        file.download_file()


def test_a_role_on_one_filesystem_opens_no_other(bench: Bench) -> None:
    bench.made_file_system("mine")
    bench.made_file_system("yours").create_file("a")
    bench.assign("Storage Blob Data Owner", ME, f"{bench.arm_id}/blobServices/default/containers/mine")
    bench.file_system("mine", ME).create_file("a")
    with refused(403, "AuthorizationPermissionMismatch"):
        list(bench.file_system("yours", ME).get_paths())
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("mine", ME).get_file_client("a").rename_file("yours/b")
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("yours", ME).get_file_client("a").rename_file("mine/b")
    with refused(403, "AuthorizationPermissionMismatch"):
        list(bench.lake(ME).list_file_systems())


def test_groups_of_the_directory_count(bench: Bench) -> None:
    owner = bench.made_file_system()
    owner.create_file("file")
    scientists = group("data-scientists")
    owner.get_directory_client("/").set_access_control(acl=f"user::rwx,group::---,group:{scientists}:r-x,other::---")
    owner.get_file_client("file").set_access_control(acl=f"user::rw-,group::---,group:{scientists}:r--,other::---")
    assert bench.file_system("data", "data-scientist").get_file_client("file").download_file().readall() == b""
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("data", "auditor").get_file_client("file").download_file()


def test_only_a_superuser_changes_the_owner_and_only_owners_change_access(bench: Bench) -> None:
    file = _file(bench, "rwx")
    with refused(403, "AuthorizationPermissionMismatch"):
        file.set_access_control(permissions="0777")
    bench.assign("Storage Blob Data Contributor", ME)
    with refused(403, "AuthorizationPermissionMismatch"):
        file.set_access_control(permissions="0777")
    me = bench.object_id(ME)
    with refused(403, "AuthorizationPermissionMismatch"):
        file.set_access_control(owner=me)
    bench.file_system().get_file_client("dir/file").set_access_control(owner=me)
    file.set_access_control(permissions="0640")
    assert file.get_access_control()["permissions"] == "rw-r-----+"
    with refused(403, "AuthorizationPermissionMismatch"):
        file.set_access_control(owner=bench.object_id(OWNER))


def test_an_owner_gives_an_item_only_to_a_group_that_it_is_in(bench: Bench) -> None:
    owner = bench.made_file_system()
    scientist = bench.object_id("data-scientist")
    owner.create_file("file")
    owner.get_directory_client("/").set_access_control(acl="user::rwx,group::---,other::--x")
    owner.get_file_client("file").set_access_control(owner=scientist)
    file = bench.file_system("data", "data-scientist").get_file_client("file")
    file.set_access_control(group=group("data-scientists"))
    with refused(403, "AuthorizationPermissionMismatch"):
        file.set_access_control(group=group("auditors"))
    assert file.get_access_control()["group"] == group("data-scientists")


def test_a_member_of_the_owning_group_does_not_change_access(bench: Bench) -> None:
    owner = bench.made_file_system()
    owner.create_file("file").set_access_control(group=group("data-scientists"), permissions="0770")
    owner.get_directory_client("/").set_access_control(permissions="0755")
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("data", "data-scientist").get_file_client("file").set_access_control(permissions="0777")


@pytest.mark.parametrize(
    ("identity", "is_sticky", "is_allowed"),
    [
        ("auditor", True, False),
        ("auditor", False, True),
        ("data-scientist", True, True),
        ("outsider", True, True),
        ("key", True, True),
        (OWNER, True, True),
    ],
)
@pytest.mark.parametrize("action", ["delete", "rename", "empty"])
def test_in_a_sticky_directory_only_owners_take_a_child_away(
    bench: Bench, identity: str, is_sticky: bool, is_allowed: bool, action: str
) -> None:
    owner = bench.made_file_system()
    owner.get_directory_client("/").set_access_control(permissions="0777")
    directory = owner.create_directory("shared")
    directory.create_file("file").set_access_control(owner=bench.object_id("data-scientist"))
    directory.set_access_control(owner=bench.object_id("outsider"))
    directory.set_access_control(permissions="1777" if is_sticky else "0777")
    assert directory.get_access_control()["permissions"] == ("rwxrwxrwt" if is_sticky else "rwxrwxrwx")
    client = bench.file_system("data", identity)

    def act() -> None:
        if action == "delete":
            client.get_file_client("shared/file").delete_file()
        elif action == "rename":
            client.get_file_client("shared/file").rename_file("data/moved")
        else:
            client.get_directory_client("shared").delete_directory()

    if is_allowed:
        act()
        return
    with refused(403, "AuthorizationPermissionMismatch"):
        act()


def test_container_operations_follow_control_plane_actions(bench: Bench) -> None:
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.lake(ME).create_file_system("data")
    bench.assign("Storage Blob Data Contributor", ME)
    created = bench.lake(ME).create_file_system("data")
    root = created.get_directory_client("/").get_access_control()
    assert (root["owner"], root["group"]) == (bench.object_id(ME), bench.object_id(ME))
    assert [each.name for each in bench.lake(ME).list_file_systems()] == ["data"]
    created.delete_file_system()


def test_a_role_that_was_just_assigned_does_not_count_yet(bench: Bench) -> None:
    file = _file(bench, "---", "---")
    assignment = bench.assign("Storage Blob Data Reader", ME)
    bench.azure.role_assignments.lag_seconds = 2 * 24 * 3600.0
    try:
        with refused(403, "AuthorizationPermissionMismatch"):
            file.download_file()
    finally:
        bench.azure.role_assignments.lag_seconds = 0.0
        bench.azure.role_assignments.delete(assignment.scope, assignment.name)
