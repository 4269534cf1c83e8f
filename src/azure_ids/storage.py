"""Ids of Data Lake Storage: accounts, filesystems and paths; https as the service says them, abfss as Spark does.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction-abfs-uri
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

DFS_SUFFIX = ".dfs.core.windows.net"
BLOB_SUFFIX = ".blob.core.windows.net"
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage
_ACCOUNT_NAME = re.compile(r"[a-z0-9]{3,24}")
# https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
_FILE_SYSTEM_NAME = re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(-[a-z0-9]+)*|\$(root|logs|web)")
_ABFSS = re.compile(r"abfss?://([^@/]+)@([^/]+)(/.*)?", re.DOTALL)
_HTTPS = re.compile(r"https://([^/?#]+)/([^/?#]+)(/[^?#]*)?")


class StorageIdError(ValueError):
    """A text that is no id of an account, filesystem or path; the message says why and what is expected."""


@dataclass(frozen=True)
class StorageAccountName:
    """The global name of a storage account. Raises StorageIdError for a name that Azure does not allow."""

    value: str

    def __post_init__(self) -> None:
        if not _ACCOUNT_NAME.fullmatch(self.value):
            raise StorageIdError(
                f"parsing storage account name {self.value!r}: it is no name of a storage account\n"
                "expected 3 to 24 lower-case letters and digits"
            )

    @property
    def dfs_host(self) -> str:
        """Host of the Data Lake endpoint."""
        return self.value + DFS_SUFFIX

    @property
    def blob_host(self) -> str:
        """Host of the Blob endpoint."""
        return self.value + BLOB_SUFFIX

    def __str__(self) -> str:
        return self.value


def is_file_system_name(text: str) -> bool:
    """Whether Azure allows the text as the name of a filesystem, which is a blob container."""
    return _FILE_SYSTEM_NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class FileSystemId:
    """A filesystem of an account; its text form is `https://<account>.dfs.core.windows.net/<filesystem>`."""

    account: StorageAccountName
    file_system: str

    def __post_init__(self) -> None:
        if not is_file_system_name(self.file_system):
            raise StorageIdError(
                f"parsing filesystem name {self.file_system!r}: it is no name of a filesystem\n"
                "expected 3 to 63 lower-case letters, digits and single hyphens between them"
            )

    @staticmethod
    def parse(text: str) -> FileSystemId:
        """The filesystem that a text is, in either form. Raises StorageIdError."""
        path = PathId.parse(text)
        if path.path:
            raise StorageIdError(f"parsing filesystem {text!r}: it is a path in one\nexpected no path")
        return path.file_system_id

    @property
    def abfss(self) -> str:
        """`abfss://<filesystem>@<account>.dfs.core.windows.net/`."""
        return f"abfss://{self.file_system}@{self.account.dfs_host}/"

    def path(self, path: str) -> PathId:
        """A path in the filesystem."""
        return PathId(self.account, self.file_system, path)

    def __str__(self) -> str:
        return f"https://{self.account.dfs_host}/{self.file_system}"


@dataclass(frozen=True)
class PathId:
    """A file or directory; `path` is decoded, without slashes at its ends, "" is the root of the filesystem."""

    account: StorageAccountName
    file_system: str
    path: str

    def __post_init__(self) -> None:
        FileSystemId(self.account, self.file_system)
        object.__setattr__(self, "path", self.path.strip("/"))

    @staticmethod
    def parse(text: str) -> PathId:
        """The path that a text is: https (percent-encoded; Data Lake or Blob host) or abfss. Raises StorageIdError."""
        spark = _ABFSS.fullmatch(text)
        web = _HTTPS.fullmatch(text)
        if spark:
            file_system, host, path = spark.group(1), spark.group(2), spark.group(3) or ""
        elif web:
            host, file_system, path = web.group(1), unquote(web.group(2)), unquote(web.group(3) or "")
        else:
            raise _no_path(text)
        for suffix in (DFS_SUFFIX, BLOB_SUFFIX):
            if host.lower().endswith(suffix):
                return PathId(StorageAccountName(host.lower().removesuffix(suffix)), file_system, path)
        raise _no_path(text)

    @property
    def file_system_id(self) -> FileSystemId:
        """The filesystem it is in."""
        return FileSystemId(self.account, self.file_system)

    @property
    def abfss(self) -> str:
        """`abfss://<filesystem>@<account>.dfs.core.windows.net/<path>`."""
        return self.file_system_id.abfss + self.path

    def __str__(self) -> str:
        return f"{self.file_system_id}/{quote(self.path)}".rstrip("/")


def _no_path(text: str) -> StorageIdError:
    return StorageIdError(
        f"parsing storage path {text!r}: it is no path of a storage account\n"
        f"expected https://<account>{DFS_SUFFIX}/<filesystem>/<path> or abfss://<filesystem>@<account>{DFS_SUFFIX}/<path>"
    )
