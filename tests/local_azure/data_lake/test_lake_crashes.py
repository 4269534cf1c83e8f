"""The process killed in the middle of writes: what was answered is there, anything else as a whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import AzureError
from azure.storage.blob import BlobBlock, BlobServiceClient
from azure.storage.filedatalake import DataLakeServiceClient, FileSystemClient
from running_azure import AzureBench, running_azure

KILLS = 2
SIZE = 40_000
ACCOUNT = "crashes"


def _version(number: int) -> bytes:
    return f"{number:08}".encode() * (SIZE // 8)


@dataclass
class Writer:
    """Writes one version after the other until the process is gone; `answered` is the last one that was confirmed."""

    data: FileSystemClient
    blobs: BlobServiceClient
    answered: dict[str, int] = field(default_factory=lambda: {"log": 0, "slot": 0, "blob": 0})

    def write(self, reached: Callable[[int], None]) -> None:
        """Never ends by itself."""
        with contextlib.suppress(AzureError):
            for number in range(1, 10_000):
                self._append(number)
                self._replace(number)
                self._put_blocks(number)
                reached(number)

    def _append(self, number: int) -> None:
        log = self.data.get_file_client("log")
        start = (number - 1) * SIZE
        log.append_data(_version(number), start)
        log.flush_data(start + SIZE)
        self.answered["log"] = number

    def _replace(self, number: int) -> None:
        fresh = self.data.get_file_client(f"new/{number}")
        fresh.upload_data(_version(number), overwrite=True)
        fresh.rename_file(f"{self.data.file_system_name}/slot")
        self.answered["slot"] = number

    def _put_blocks(self, number: int) -> None:
        blob = self.blobs.get_blob_client(self.data.file_system_name, "blob")
        content = _version(number)
        for index, part in enumerate((content[: SIZE // 2], content[SIZE // 2 :])):
            blob.stage_block(f"{number}-{index}", part)
        blob.commit_block_list([BlobBlock(f"{number}-{index}") for index in (0, 1)])
        self.answered["blob"] = number


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[AzureBench]:
    """The process with its lake; without the stand-in of a plugin, which these tests do not need."""
    with running_azure(["--plugin-module", ""], folder) as azure, azure.acting_as("deployer"):
        yield azure


def _clients(azure: AzureBench) -> tuple[DataLakeServiceClient, BlobServiceClient]:
    path = f"/subscriptions/{azure.endpoints.subscription_id}/resourceGroups/bare-accounts/providers"
    arm_id = f"{path}/Microsoft.Storage/storageAccounts/{ACCOUNT}"
    token = azure.credential("deployer").get_token("https://management.azure.com/.default").token
    url = f"https://management.azure.com{arm_id}/listKeys?api-version=2023-01-01"
    key = azure.call("POST", url, b"", {"Authorization": f"Bearer {token}"})["keys"][0]["value"]
    lake = DataLakeServiceClient(f"https://{ACCOUNT}.dfs.core.windows.net", key, retry_total=0)
    return lake, BlobServiceClient(f"https://{ACCOUNT}.blob.core.windows.net", key, retry_total=0)


def _write_until_killed(azure: AzureBench, file_system: str, versions: int) -> dict[str, int]:
    lake, blobs = _clients(azure)
    data = lake.create_file_system(file_system)
    data.create_file("log")
    writer, reached = Writer(data, blobs), threading.Event()

    def tell(number: int) -> None:
        if number == versions:
            reached.set()

    thread = threading.Thread(target=writer.write, args=(tell,))
    thread.start()
    assert reached.wait(60)
    os.kill(azure.endpoints.pid, signal.SIGKILL)
    os.waitpid(azure.endpoints.pid, 0)
    thread.join()
    return writer.answered


def _check(data: FileSystemClient, answered: dict[str, int]) -> None:
    log = data.get_file_client("log").download_file().readall()
    assert log == b"".join(_version(number) for number in range(1, len(log) // SIZE + 1))
    assert len(log) // SIZE in (answered["log"], answered["log"] + 1)
    for name in ("slot", "blob"):
        found = data.get_file_client(name).download_file().readall()
        assert found in (_version(answered[name]), _version(answered[name] + 1)), name
    waiting = {each.name for each in data.get_paths("new") if not each.is_directory}
    slot = int(data.get_file_client("slot").download_file().readall()[:8])
    assert waiting <= {f"new/{slot + 1}"}


def _dangling(folder: Path) -> tuple[set[str], set[str]]:
    """Content files that nothing points to, and pointers to content that is not there."""
    connection = sqlite3.connect(folder / "state.sqlite")
    with contextlib.closing(connection):
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        query = "SELECT document FROM documents WHERE collection IN ('data_lake.paths', 'data_lake.uncommitted')"
        documents: list[Any] = [json.loads(text) for (text,) in connection.execute(query)]
    wanted = {document["content"] for document in documents if document.get("content")}
    present = {each.name for each in (folder / "content").rglob("*") if each.is_file()}
    return present - wanted, wanted - present


def test_what_was_answered_survives_a_kill_and_nothing_is_half_written(tmp_path: Path) -> None:
    for kill in range(1, KILLS + 1):
        name = f"round{kill}"
        with _running(tmp_path) as azure:
            if kill == 1:
                azure.admin("POST", "/accounts", {"name": ACCOUNT})
            answered = _write_until_killed(azure, name, kill * 3)
        _, missing = _dangling(tmp_path)
        assert missing == set()
        with _running(tmp_path) as azure:
            assert _dangling(tmp_path) == (set(), set())
            lake, _ = _clients(azure)
            _check(lake.get_file_system_client(name), answered)
            lake.get_file_system_client(name).create_file("afterwards").upload_data(b"1", overwrite=True)


def test_a_stop_leaves_no_process_no_address_file_and_no_content_of_what_was_deleted(tmp_path: Path) -> None:
    with _running(tmp_path) as azure:
        azure.admin("POST", "/accounts", {"name": ACCOUNT})
        lake, _ = _clients(azure)
        data = lake.create_file_system("data")
        data.get_file_client("file").upload_data(_version(1), overwrite=True)
        data.delete_file_system()
        pid = azure.endpoints.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not (tmp_path / "endpoints.json").exists()
    with _running(tmp_path):
        assert _dangling(tmp_path) == (set(), set())
