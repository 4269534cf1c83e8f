"""Ids of storage accounts, filesystems and paths: both forms, both directions, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_ids.storage import FileSystemId, PathId, StorageAccountName, StorageIdError, is_file_system_name

ACCOUNT = StorageAccountName("lake1")


@given(st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1))
def test_a_path_survives_being_written_and_read_in_both_forms(name: str) -> None:
    path = PathId(ACCOUNT, "raw", f"dir/{name}")
    assert PathId.parse(str(path)) == path
    assert PathId.parse(path.abfss) == path


def test_a_path_is_written_percent_encoded_for_https_and_as_it_is_for_spark() -> None:
    path = PathId(ACCOUNT, "raw", "/a b/ü.csv/")
    assert str(path) == "https://lake1.dfs.core.windows.net/raw/a%20b/%C3%BC.csv"
    assert path.abfss == "abfss://raw@lake1.dfs.core.windows.net/a b/ü.csv"
    assert path.path == "a b/ü.csv"


def test_the_root_of_a_filesystem_is_its_own_text() -> None:
    file_system = FileSystemId.parse("https://LAKE1.blob.core.windows.net/raw/")
    assert str(file_system) == "https://lake1.dfs.core.windows.net/raw"
    assert file_system == FileSystemId.parse(file_system.abfss)
    assert str(file_system.path("")) == str(file_system)
    assert file_system.path("a").file_system_id == file_system


def test_an_account_has_a_host_for_each_endpoint() -> None:
    assert (ACCOUNT.dfs_host, ACCOUNT.blob_host) == ("lake1.dfs.core.windows.net", "lake1.blob.core.windows.net")
    assert str(ACCOUNT) == "lake1"


@pytest.mark.parametrize("name", ["ab", "a" * 25, "Lake", "la-ke", ""])
def test_another_text_is_refused_as_an_account_name(name: str) -> None:
    with pytest.raises(StorageIdError, match=re.escape(f"parsing storage account name {name!r}: it is no name")):
        StorageAccountName(name)


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Raw", "a--b", "-ab", "ab-", "$other"])
def test_another_text_is_refused_as_a_filesystem_name(name: str) -> None:
    assert not is_file_system_name(name)
    with pytest.raises(StorageIdError, match=re.escape(f"parsing filesystem name {name!r}: it is no name")):
        FileSystemId(ACCOUNT, name)


@pytest.mark.parametrize("name", ["raw", "a-b-1", "$root", "$web", "a" * 63])
def test_names_of_filesystems(name: str) -> None:
    assert is_file_system_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "raw/a",
        "http://lake1.dfs.core.windows.net/raw",
        "https://lake1.example.com/raw",
        "https://lake1.dfs.core.windows.net/",
        "abfss://lake1.dfs.core.windows.net/raw",
        "https://lake1.dfs.core.windows.net/raw/a?sig=1",
    ],
)
def test_another_text_is_refused_as_a_path(text: str) -> None:
    with pytest.raises(StorageIdError, match=re.escape(f"parsing storage path {text!r}: it is no path")):
        PathId.parse(text)


def test_a_path_is_refused_as_a_filesystem() -> None:
    with pytest.raises(StorageIdError, match="it is a path in one\nexpected no path"):
        FileSystemId.parse("https://lake1.dfs.core.windows.net/raw/a")
