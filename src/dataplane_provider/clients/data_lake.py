"""Filesystems and directories of a storage account with hierarchical namespace, through azure-storage-file-datalake.

https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError

from dataplane_provider.clients.sdk_errors import translated
from dataplane_provider.clients.waiting import ACCESS, Waiter, until_permitted
from dataplane_provider.errors import ServiceFailure

if TYPE_CHECKING:
    from azure.storage.filedatalake import DataLakeServiceClient

_ROLE_LAG = frozenset({"AuthorizationPermissionMismatch", "AuthorizationFailure"})
_BEING_DELETED = frozenset({"ContainerBeingDeleted", "FilesystemBeingDeleted"})
_MISSING = frozenset({"PathNotFound", "FilesystemNotFound", "ContainerNotFound", "BlobNotFound", "ResourceNotFound"})
Result = TypeVar("Result")


def is_lag(failure: ServiceFailure) -> str:
    """What to wait for if time cures the refusal, else an empty text.

    `AuthorizationPermissionMismatch`: a role that is assigned but not in force; `AuthorizationFailure`: a network rule.
    https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
    """
    if failure.status == 403 and failure.code in _ROLE_LAG:
        return ACCESS
    if failure.status == 409 and failure.code in _BEING_DELETED:
        return "the deleted filesystem of that name to be gone"
    return ""


def open_service(account: str, credential: Any, transport: Any = None) -> "DataLakeServiceClient":
    """A connection pool to an account; throttling and transient faults are retried by the SDK's own policy."""
    options: dict[str, Any] = {} if transport is None else {"transport": transport}
    # Here, not above: the import takes longer than a preview that looks at no account.
    from azure.storage.filedatalake import DataLakeServiceClient, ExponentialRetry

    retries = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=5)  # 36 s at most
    return DataLakeServiceClient(
        f"https://{account}.dfs.core.windows.net", credential=credential, retry_policy=retries, **options
    )


@dataclass(frozen=True)
class DataLakeClient:
    """One account as one verb uses it. Each method waits for access that is granted but not in force yet."""

    account: str
    service: "DataLakeServiceClient"
    waiter: Waiter
    patience_seconds: float

    def acl(self, file_system: str, path: str) -> str | None:
        """The ACL of a path ("" is the root) as the service writes it; None if path or filesystem does not exist.

        Needs no data role when ACLs allow traversal, so the identities of preview and drift can read it.
        """
        doing = f"reading the ACL of {self._id(file_system, path)}"
        client = self.service.get_directory_client(file_system, path or "/")
        answer = self._try(doing, client.get_access_control)
        return None if answer is None else str(answer["acl"])

    def create_file_system(self, name: str) -> None:
        """Make a filesystem. Raises ServiceFailure."""
        self._do(f"creating {self._id(name)}", lambda: self.service.create_file_system(name))

    def delete_file_system(self, name: str) -> None:
        """Delete a filesystem with everything in it; one that is gone already is a success. Raises ServiceFailure."""
        self._try(f"deleting {self._id(name)}", lambda: self.service.delete_file_system(name))

    def is_empty(self, file_system: str, path: str = "") -> bool:
        """Whether a filesystem or directory holds nothing; one that does not exist holds nothing."""

        def first() -> object:
            client = self.service.get_file_system_client(file_system)
            return next(iter(client.get_paths(path=path or None, recursive=False, max_results=1)), None)

        return self._try(f"listing {self._id(file_system, path)}", first) is None

    def is_directory(self, file_system: str, path: str) -> bool | None:
        """True for a directory, False for a file, None if nothing has that path."""
        doing = f"looking for {self._id(file_system, path)}"
        client = self.service.get_directory_client(file_system, path)
        properties = self._try(doing, client.get_directory_properties)
        return None if properties is None else str((properties.metadata or {}).get("hdi_isfolder", "")) == "true"

    def create_directory(self, file_system: str, path: str, acl: str) -> None:
        """Make a directory with its ACL in one request, so that it never has another. Raises ServiceFailure."""
        client = self.service.get_directory_client(file_system, path)
        self._do(
            f"creating {self._id(file_system, path)}",
            lambda: client.create_directory(acl=acl, match_condition=MatchConditions.IfMissing),
        )

    def set_acl(self, file_system: str, path: str, acl: str) -> None:
        """Replace the whole ACL of a path. Raises ServiceFailure."""
        client = self.service.get_directory_client(file_system, path or "/")
        self._do(f"setting the ACL of {self._id(file_system, path)}", lambda: client.set_access_control(acl=acl))

    def delete_directory(self, file_system: str, path: str) -> None:
        """Delete a directory with everything in it; one that is gone already is a success. Raises ServiceFailure."""
        client = self.service.get_directory_client(file_system, path)
        self._try(f"deleting {self._id(file_system, path)}", client.delete_directory)

    def _id(self, file_system: str, path: str = "") -> str:
        return f"https://{self.account}.dfs.core.windows.net/{file_system}/{path}".rstrip("/")

    def _do(self, doing: str, call: Callable[[], Result]) -> Result:
        return until_permitted(
            lambda: translated(doing, call, _code_and_detail), is_lag, self.waiter, self.patience_seconds
        )

    def _try(self, doing: str, call: Callable[[], Result]) -> Result | None:
        """As `_do`, but None if the path or filesystem does not exist."""
        try:
            return self._do(doing, call)
        except ServiceFailure as failure:
            if failure.status == 404 and failure.code in _MISSING:
                return None
            raise


def _code_and_detail(error: HttpResponseError) -> tuple[str, str]:
    code = getattr(error, "error_code", None)  # set by the storage SDK from the body or x-ms-error-code
    return str(getattr(code, "value", code) or ""), str(error.message).split("\n", 1)[0]
