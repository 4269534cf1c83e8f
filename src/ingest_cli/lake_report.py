"""What a run wrote to the data lake and who may read it, asked of the lake itself."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from azure.core.credentials import TokenCredential
from azure.storage.filedatalake import DataLakeServiceClient, FileSystemClient

from azure_ids.acl import Acl, parse_acl

_STAGING = "_staging"


@dataclass(frozen=True)
class WrittenFile:
    """A file in the lake; `rows` without the header, None where the file is no CSV."""

    file_system: str
    path: str
    size: int
    modified: datetime
    rows: int | None

    @property
    def folder(self) -> str:
        """The file system and the folder that holds the file."""
        return str(PurePosixPath(self.file_system) / PurePosixPath(self.path).parent)


class LakeReport:
    """Reads one account as one identity."""

    def __init__(self, dfs_endpoint: str, credential: TokenCredential) -> None:
        """`dfs_endpoint` is `https://<account>.dfs.core.windows.net`."""
        self._service = DataLakeServiceClient(dfs_endpoint, credential=credential)

    def files(self, file_system: str, since: datetime, until: datetime) -> list[WrittenFile]:
        """Published files that were written in the time, sorted by path; rows are counted in CSV files."""
        client = self._service.get_file_system_client(file_system)
        found = []
        for path in client.get_paths(recursive=True):
            modified = path.last_modified.replace(tzinfo=UTC)  # the client gives it in UTC, without saying so
            staged = PurePosixPath(path.name).parts[0] == _STAGING
            if path.is_directory or staged or not since <= modified <= until:
                continue
            rows = _count_rows(client, path.name) if path.name.endswith(".csv") else None
            found.append(WrittenFile(file_system, path.name, path.content_length, modified, rows))
        return sorted(found, key=lambda each: each.path)

    def readers(self, file: WrittenFile) -> frozenset[str]:
        """Object ids of groups and people that its ACLs let read the file: `r` on it, `x` on every folder above it."""
        client = self._service.get_file_system_client(file.file_system)
        reading = _granted(_acl_of_file(client, file.path), "r")
        folders = ["/", *(str(each) for each in list(PurePosixPath(file.path).parents)[:-1])]
        for folder in folders:
            acl = client.get_directory_client(folder).get_access_control()["acl"]
            reading &= _granted(parse_acl(acl), "x")
        return reading


def _acl_of_file(client: FileSystemClient, path: str) -> Acl:
    return parse_acl(client.get_file_client(path).get_access_control()["acl"])


def _granted(acl: Acl, letter: str) -> frozenset[str]:
    """Ids of named entries whose permission, after the mask, holds the letter."""
    access = [entry for entry in acl if entry.scope == "access"]
    mask = next((entry.permissions for entry in access if entry.type == "mask"), None)
    named = (entry for entry in access if entry.id)
    return frozenset(
        entry.id for entry in named if letter in str(entry.permissions if mask is None else entry.permissions & mask)
    )


def _count_rows(client: FileSystemClient, path: str) -> int:
    content = client.get_file_client(path).download_file().readall()
    text = io.StringIO(bytes(content).decode("utf-8"), newline="")
    return max(0, sum(1 for _ in csv.reader(text)) - 1)


def by_folder(files: Iterable[WrittenFile]) -> Mapping[str, list[WrittenFile]]:
    """The files by their folder, in the order of the first of each."""
    found: dict[str, list[WrittenFile]] = {}
    for file in files:
        found.setdefault(file.folder, []).append(file)
    return found
