"""Requests that go through a whole tree: setting access-control lists, deleting; in batches, with tokens to go on.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
"""

from __future__ import annotations

from typing import Any

import pytest
from azure.storage.filedatalake import AccessControlChangeResult, DataLakeDirectoryClient
from lake_bench import Bench, refused

from local_azure.services.data_lake import paths

ME = "outsider"
FOO = "f0000000-0000-0000-0000-00000000000f"
SET = f"user::rwx,user:{FOO}:r-x,group::r-x,other::---"
MASKED = f"user::rwx,user:{FOO}:r-x,group::r-x,mask::r-x,other::---"


def _tree(bench: Bench, directories: int = 5, files: int = 5) -> DataLakeDirectoryClient:
    tree = bench.made_file_system().create_directory("tree")
    for number in range(directories):
        for each in range(files):
            tree.create_file(f"{number}/{each}")
    return tree


def _counts(result: AccessControlChangeResult) -> tuple[int, int, int]:
    """Directories and files changed, and failures."""
    assert result.counters is not None
    return result.counters.directories_successful, result.counters.files_successful, result.counters.failure_count


def _acl(client: Any) -> str:
    return str(client.get_access_control()["acl"])


def test_every_item_is_counted_the_directory_itself_too_and_no_version_changes(bench: Bench) -> None:
    tree = _tree(bench)
    before = tree.get_directory_properties().etag
    assert _counts(tree.set_access_control_recursive(SET)) == (6, 25, 0)
    assert tree.get_directory_properties().etag == before
    assert _acl(tree) == _acl(tree.get_file_client("3/4")) == MASKED


def test_a_tree_is_changed_in_batches_and_goes_on_where_a_token_says(bench: Bench) -> None:
    tree, sizes = _tree(bench, 2, 3), []

    def progress(changes: Any) -> None:
        batch = changes.batch_counters
        sizes.append(batch.directories_successful + batch.files_successful)

    first = tree.set_access_control_recursive(SET, batch_size=2, max_batches=2)
    assert _counts(first) == (2, 2, 0)
    assert _acl(tree.get_file_client("1/0")) != MASKED
    rest = tree.set_access_control_recursive(
        SET, batch_size=2, continuation_token=first.continuation, progress_hook=progress
    )
    assert (sizes, rest.continuation) == ([2, 2, 1], None)
    assert _acl(tree.get_file_client("1/2")) == MASKED


def test_default_entries_go_to_directories_only(bench: Bench) -> None:
    tree = _tree(bench, 1, 1)
    tree.update_access_control_recursive(f"user:{FOO}:r--,default:user:{FOO}:r-x")
    assert f"default:user:{FOO}:r-x" in _acl(tree.get_sub_directory_client("0"))
    assert _acl(tree.get_file_client("0/0")) == f"user::rw-,user:{FOO}:r--,group::r--,mask::r--,other::---"
    removed = tree.remove_access_control_recursive(f"mask,default:mask,user:{FOO},default:user:{FOO}")
    assert _counts(removed) == (2, 1, 0)
    assert FOO not in _acl(tree) + _acl(tree.get_file_client("0/0"))


def _owned(bench: Bench) -> DataLakeDirectoryClient:
    """A tree whose items belong to the caller, except the file 0/1."""
    tree = _tree(bench, 1, 3)
    me = bench.object_id(ME)
    everyone = [tree, tree.get_sub_directory_client("0"), *(tree.get_file_client(f"0/{each}") for each in (0, 2))]
    for each in everyone:
        each.set_access_control(owner=me)
    bench.file_system().get_directory_client("/").set_access_control(permissions="0755")
    return bench.file_system("data", ME).get_directory_client("tree")


def test_what_the_caller_does_not_own_is_reported_and_the_rest_goes_on_if_so_wished(bench: Bench) -> None:
    failures: list[Any] = []
    result = _owned(bench).set_access_control_recursive(
        SET, continue_on_failure=True, progress_hook=lambda changes: failures.extend(changes.batch_failures)
    )
    assert _counts(result) == (2, 2, 1)
    assert [(each.name, each.is_directory) for each in failures] == [("tree/0/1", False)]
    assert "not authorized" in failures[0].error_message


def test_otherwise_the_first_failure_ends_the_change(bench: Bench) -> None:
    tree = _owned(bench)
    assert _counts(tree.set_access_control_recursive(SET)) == (2, 1, 1)
    assert _acl(bench.file_system().get_file_client("tree/0/2")) != MASKED


def test_nobody_but_an_owner_or_superuser_begins_such_a_change(bench: Bench) -> None:
    _tree(bench, 1, 1)
    bench.assign("Storage Blob Data Contributor", ME)
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("data", ME).get_directory_client("tree").set_access_control_recursive(SET)


def _opened(bench: Bench, bits: str = "rwx") -> None:
    """A tree that the caller may delete by its lists; the last directory gives the caller `bits`."""
    tree, me = _tree(bench, 4, 1), bench.object_id(ME)
    tree.set_access_control_recursive(f"user::rwx,user:{me}:rwx,group::---,other::---")
    last = tree.get_sub_directory_client("3")
    last.set_access_control(acl=f"user::rwx,user:{me}:{bits},group::---,mask::rwx,other::---")
    root = bench.file_system().get_directory_client("/")
    root.set_access_control(acl=f"user::rwx,user:{me}:-wx,group::---,other::---")


def test_a_recursive_delete_by_access_control_lists_is_answered_in_parts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "CHECKS_PER_REQUEST", 3)
    _opened(bench)
    url, token, requests = bench.dfs("data/tree?recursive=true&paginated=true"), "", 0
    while token or not requests:
        answer = bench.send("DELETE", f"{url}&continuation={token}" if token else url, ME)
        assert answer.status_code == 200
        token, requests = answer.headers.get("x-ms-continuation", ""), requests + 1
        assert bench.send("HEAD", bench.dfs("data/tree")).status_code == (200 if token else 404)
    assert requests == 3


def test_a_tree_with_one_directory_that_may_not_be_emptied_stays_whole(bench: Bench) -> None:
    _opened(bench, "r-x")
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.file_system("data", ME).get_directory_client("tree").delete_directory()
    assert len(list(bench.file_system().get_paths("tree"))) == 8
