"""The permission table of the service's documentation: each operation passes with exactly the listed bits, no fewer.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#common-scenarios-related-to-acl-permissions
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from azure.storage.blob import AccessPolicy
from azure.storage.filedatalake import DataLakeFileClient, FileSystemClient
from lake_bench import Bench, refused

CALLER = "outsider"
ROOT, OREGON, PORTLAND, DATA = "/", "Oregon", "Oregon/Portland", "Oregon/Portland/Data.txt"
SALEM = "Oregon/Portland/Salem"
"""An empty directory beside the file."""


@dataclass(frozen=True)
class Operation:
    """An operation with the bits that it needs on each item."""

    name: str
    run: Callable[[Bench, FileSystemClient], object]
    bits: Mapping[str, str]
    has_file: bool = True


def _file(file_system: FileSystemClient) -> DataLakeFileClient:
    return file_system.get_file_client(DATA)


def _append(bench: Bench, file_system: FileSystemClient) -> None:
    file = _file(file_system)
    file.append_data(b"more", 4)
    file.flush_data(8)


def _rename(bench: Bench, file_system: FileSystemClient) -> None:
    _file(file_system).rename_file(f"{file_system.file_system_name}/Oregon/Moved.txt")


OPERATIONS = [
    Operation(
        "read on the Blob endpoint",
        lambda bench, fs: _file(fs).download_file().readall(),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "--x", DATA: "r--"},
    ),
    Operation("append", _append, {ROOT: "--x", OREGON: "--x", PORTLAND: "--x", DATA: "rw-"}),
    Operation(
        "delete a file",
        lambda bench, fs: _file(fs).delete_file(),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx", DATA: "---"},
    ),
    Operation(
        "delete a blob",
        lambda bench, fs: bench.blobs(CALLER).get_blob_client("data", DATA).delete_blob(),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx", DATA: "---"},
    ),
    Operation(
        "create a file",
        lambda bench, fs: _file(fs).create_file(),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx"},
        has_file=False,
    ),
    Operation(
        "create a blob",
        lambda bench, fs: bench.blobs(CALLER).get_blob_client("data", DATA).upload_blob(b"new"),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx"},
        has_file=False,
    ),
    Operation(
        "create a directory",
        lambda bench, fs: fs.get_directory_client(f"{PORTLAND}/Bend").create_directory(),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx"},
    ),
    Operation("list the root", lambda bench, fs: list(fs.get_paths(recursive=False)), {ROOT: "r-x", OREGON: "---"}),
    Operation(
        "list a directory",
        lambda bench, fs: list(fs.get_paths(OREGON, recursive=False)),
        {ROOT: "--x", OREGON: "r-x", PORTLAND: "---"},
    ),
    Operation(
        "list a directory further down",
        lambda bench, fs: list(fs.get_paths(PORTLAND, recursive=False)),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "r-x"},
    ),
    Operation(
        "list blobs of a directory",
        lambda bench, fs: list(bench.blobs(CALLER).get_container_client("data").walk_blobs(f"{OREGON}/")),
        {ROOT: "--x", OREGON: "r-x", PORTLAND: "---"},
    ),
    Operation(
        "delete a directory recursively",
        lambda bench, fs: fs.get_directory_client(PORTLAND).delete_directory(),
        {ROOT: "--x", OREGON: "-wx", PORTLAND: "rwx", SALEM: "rwx", DATA: "---"},
    ),
    Operation("rename", _rename, {ROOT: "--x", OREGON: "-wx", PORTLAND: "-wx", DATA: "---"}),
    Operation(
        "rename a directory",
        lambda bench, fs: fs.get_directory_client(PORTLAND).rename_directory(f"{fs.file_system_name}/Elsewhere"),
        {ROOT: "-wx", OREGON: "-wx", PORTLAND: "---"},
    ),
]


def _entries(owner: FileSystemClient, path: str, acl: str) -> None:
    client = owner.get_file_client(path) if path == DATA else owner.get_directory_client(path)
    client.set_access_control(acl=acl)


def _tree(bench: Bench, operation: Operation, bits: Mapping[str, str]) -> FileSystemClient:
    """A tree whose items give the caller the bits, and everybody else nothing; the caller's client of it."""
    owner = bench.made_file_system()
    owner.create_directory(PORTLAND)
    owner.create_directory(SALEM)
    paths = [ROOT, OREGON, PORTLAND, SALEM]
    if operation.has_file:
        owner.get_file_client(DATA).upload_data(b"1234", overwrite=True)
        paths.append(DATA)
    caller = bench.object_id(CALLER)
    for path in paths:
        _entries(owner, path, f"user::---,user:{caller}:{bits.get(path, '---')},group::---,mask::rwx,other::---")
    return bench.file_system("data", CALLER)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_an_operation_passes_with_exactly_the_listed_permissions(bench: Bench, operation: Operation) -> None:
    operation.run(bench, _tree(bench, operation, operation.bits))


READER_OPERATIONS = [
    Operation("append", _append, {ROOT: "--x", OREGON: "--x", PORTLAND: "--x", DATA: "-w-"}),
    Operation(
        "delete a file", lambda bench, fs: _file(fs).delete_file(), {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx"}
    ),
    Operation(
        "create a file",
        lambda bench, fs: _file(fs).create_file(),
        {ROOT: "--x", OREGON: "--x", PORTLAND: "-wx"},
        has_file=False,
    ),
    Operation("read", lambda bench, fs: _file(fs).download_file().readall(), {}),
    Operation("list the root", lambda bench, fs: list(fs.get_paths(recursive=True)), {}),
]
"""What a caller with the role Storage Blob Data Reader needs besides.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control-model#permissions-table-combining-azure-rbac-abac-and-acls
"""


def _with_one_bit_less(operations: list[Operation]) -> Iterator[tuple[Operation, str, str]]:
    for operation in operations:
        for path, bits in operation.bits.items():
            for letter in bits.replace("-", ""):
                yield operation, path, letter


@pytest.mark.parametrize(
    ("operation", "path", "letter"),
    [pytest.param(*each, id=f"{each[0].name}: no {each[2]} on {each[1]}") for each in _with_one_bit_less(OPERATIONS)],
)
def test_an_operation_is_refused_when_any_one_bit_is_missing(
    bench: Bench, operation: Operation, path: str, letter: str
) -> None:
    bits = {**operation.bits, path: operation.bits[path].replace(letter, "-")}
    client = _tree(bench, operation, bits)
    with refused(403, "AuthorizationPermissionMismatch"):
        operation.run(bench, client)


@pytest.mark.parametrize("operation", READER_OPERATIONS, ids=lambda each: each.name)
def test_a_reader_passes_with_exactly_what_the_role_leaves_open(bench: Bench, operation: Operation) -> None:
    client = _tree(bench, operation, operation.bits)
    bench.assign("Storage Blob Data Reader", CALLER)
    operation.run(bench, client)


@pytest.mark.parametrize(
    ("operation", "path", "letter"),
    [
        pytest.param(*each, id=f"{each[0].name}: no {each[2]} on {each[1]}")
        for each in _with_one_bit_less(READER_OPERATIONS)
    ],
)
def test_a_reader_is_refused_when_any_one_bit_is_missing(
    bench: Bench, operation: Operation, path: str, letter: str
) -> None:
    client = _tree(bench, operation, {**operation.bits, path: operation.bits[path].replace(letter, "-")})
    bench.assign("Storage Blob Data Reader", CALLER)
    with refused(403, "AuthorizationPermissionMismatch"):
        operation.run(bench, client)


def test_nobody_can_delete_the_root_directory(bench: Bench) -> None:
    bench.made_file_system()
    for identity in ("data-engineer", "key"):
        with refused(400, "InvalidUri"):
            bench.file_system("data", identity).get_directory_client("/").delete_directory()


def test_whoever_may_not_pass_a_directory_does_not_learn_what_is_missing_in_it(bench: Bench) -> None:
    owner = bench.made_file_system()
    owner.create_directory("closed")
    root_acl = f"user::rwx,user:{bench.object_id(CALLER)}:--x,group::---,other::---"
    owner.get_directory_client("/").set_access_control(acl=root_acl)
    client = bench.file_system("data", CALLER)
    with refused(403, "AuthorizationPermissionMismatch"):
        client.get_file_client("closed/missing").get_access_control()
    with refused(404, "PathNotFound"):
        client.get_file_client("missing").get_access_control()


def test_stored_access_policies_are_opened_by_a_role_that_manages_containers(bench: Bench) -> None:
    bench.made_file_system()
    owned = bench.blobs().get_container_client("data")
    owned.set_container_access_policy({"id": AccessPolicy(permission="r")})
    assert [each.id for each in owned.get_container_access_policy()["signed_identifiers"]] == ["id"]
    bench.assign("Storage Blob Data Contributor", CALLER)
    other = bench.blobs(CALLER).get_container_client("data")
    with refused(403, "AuthorizationPermissionMismatch"):
        other.get_container_access_policy()
    with refused(403, "AuthorizationPermissionMismatch"):
        other.set_container_access_policy({})


def test_access_is_checked_by_lists_and_by_roles(bench: Bench) -> None:
    data = bench.made_file_system()
    data.create_file("dir/file")
    for client, others in (
        (data.get_directory_client("/"), "--x"),
        (data.get_directory_client("dir"), "--x"),
        (data.get_file_client("dir/file"), "r--"),
    ):
        client.set_access_control(acl=f"user::rwx,group::---,other::{others}")

    def status(wanted: str) -> int:
        url = bench.dfs(f"data/dir/file?action=checkAccess&fsAction={wanted}")
        return bench.send("HEAD", url, identity=CALLER).status_code

    assert [status(each) for each in ("---", "r--", "rw-", "r-x")] == [200, 200, 403, 403]
    bench.assign("Storage Blob Data Reader", CALLER)
    assert [status(each) for each in ("r-x", "rwx")] == [200, 403]
    bench.assign("Storage Blob Data Contributor", CALLER)
    assert status("rwx") == 200
