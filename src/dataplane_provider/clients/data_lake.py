"""Filesystems and directories of a storage account with hierarchical namespace, through azure-storage-file-datalake.

https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError

from dataplane_provider.clients.sdk_errors import NAME_UNKNOWN, translated
from dataplane_provider.clients.waiting import ACCESS, NAME, Waiter, until_permitted
from dataplane_provider.errors import ServiceFailure

if TYPE_CHECKING:
    from azure.storage.filedatalake import DataLakeServiceClient

_ROLE_LAG = frozenset({"AuthorizationPermissionMismatch", "AuthorizationFailure"})
_BEING_DELETED = frozenset({"ContainerBeingDeleted", "FilesystemBeingDeleted"})
_MISSING = frozenset({"PathNotFound", "FilesystemNotFound", "ContainerNotFound", "BlobNotFound", "ResourceNotFound"})
_WITHOUT_BODY = "Operation returned an invalid status"
"""How azure-core begins where an answer has no body: the service's words stand in the status line alone."""
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
    return is_throttling(failure)


def is_lag_of_new(failure: ServiceFailure) -> str:
    """As `is_lag`, for an account made a moment ago: name servers may not know it, or remember that it was not there.

    Azure-Samples/azuresandbox#167, microsoft/AzureTRE#3767
    """
    return NAME if failure.code == NAME_UNKNOWN else is_lag(failure)


def is_lag_of_account(failure: ServiceFailure) -> str:
    """What to wait for where the service does not know the account yet; hashicorp/terraform-provider-azurerm#13070."""
    is_unknown = failure.status == 404 and failure.code == "ResourceNotFound"
    return "the service to know the account" if is_unknown else ""


def is_throttling(failure: ServiceFailure) -> str:
    """What to wait for after 429, which the SDK does not try again (408 and 5xx it does), else an empty text."""
    return "the service to take more requests" if failure.status == 429 else ""


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
class Access:
    """Who may do what with a path: object ids of owner and owning group, and the ACL as the service writes it."""

    owner: str
    group: str
    acl: str


@dataclass(frozen=True)
class DataLakeClient:
    """One account as one verb uses it. Each method waits for access that is granted but not in force yet."""

    account: str
    service: "DataLakeServiceClient"
    waiter: Waiter
    patience_seconds: float
    what_to_wait_for: Callable[[ServiceFailure], str] = is_lag

    def of_new_account(self) -> "DataLakeClient":
        """The same for an account that was made a moment ago: it waits for the account's name, too."""
        return replace(self, what_to_wait_for=is_lag_of_new)

    def acl(self, file_system: str, path: str) -> str | None:
        """The ACL of a path ("" is the root) as the service writes it; None if path or filesystem does not exist.

        Needs no data role when ACLs allow traversal, so the identities of preview and drift can read it.
        """
        found = self.access(file_system, path)
        return None if found is None else found.acl

    def access(self, file_system: str, path: str) -> Access | None:
        """As `acl`, with owner and group."""
        doing = f"reading the ACL of {self.id_of(file_system, path)}"
        client = self.service.get_directory_client(file_system, path or "/")
        answer = self.attempt_on_existing(doing, client.get_access_control)
        return None if answer is None else Access(str(answer["owner"]), str(answer["group"]), str(answer["acl"]))

    def create_file_system(self, name: str) -> None:
        """Make a filesystem. Raises ServiceFailure."""
        known = self.what_to_wait_for
        patient = replace(self, what_to_wait_for=lambda failure: is_lag_of_account(failure) or known(failure))
        patient.attempt(f"creating {self.id_of(name)}", lambda: self.service.create_file_system(name))

    def delete_file_system(self, name: str) -> None:
        """Delete a filesystem with everything in it; one that is gone already is a success. Raises ServiceFailure."""
        self.attempt_on_existing(f"deleting {self.id_of(name)}", lambda: self.service.delete_file_system(name))

    def is_empty(self, file_system: str, path: str = "") -> bool:
        """Whether a filesystem or directory holds nothing; one that does not exist holds nothing."""

        def first() -> object:
            client = self.service.get_file_system_client(file_system)
            return next(iter(client.get_paths(path=path or None, recursive=False, max_results=1)), None)

        return self.attempt_on_existing(f"listing {self.id_of(file_system, path)}", first) is None

    def is_directory(self, file_system: str, path: str) -> bool | None:
        """True for a directory, False for a file, None if nothing has that path."""
        doing = f"looking for {self.id_of(file_system, path)}"
        client = self.service.get_directory_client(file_system, path)
        properties = self.attempt_on_existing(doing, client.get_directory_properties)
        return None if properties is None else str((properties.metadata or {}).get("hdi_isfolder", "")) == "true"

    def create_directory(
        self, file_system: str, path: str, acl: str, owner: str | None = None, group: str | None = None
    ) -> None:
        """Make a directory with its `acl`, `owner` and `group` in one request, so that it never has others.

        Raises ServiceFailure.
        """
        client = self.service.get_directory_client(file_system, path)
        self.attempt(
            f"creating {self.id_of(file_system, path)}",
            lambda: client.create_directory(
                acl=acl, owner=owner, group=group, match_condition=MatchConditions.IfMissing
            ),
        )

    def set_access(
        self, file_system: str, path: str, acl: str | None = None, owner: str | None = None, group: str | None = None
    ) -> None:
        """Set `acl` (the whole list), `owner` and `group` of a path, each as far as given. Raises ServiceFailure."""
        client = self.service.get_directory_client(file_system, path or "/")
        self.attempt(
            f"setting the ACL of {self.id_of(file_system, path)}",
            lambda: client.set_access_control(owner=owner, group=group, acl=acl),
        )

    def delete_directory(self, file_system: str, path: str) -> None:
        """Delete a directory with everything in it; one that is gone already is a success. Raises ServiceFailure."""
        client = self.service.get_directory_client(file_system, path)
        self.attempt_on_existing(f"deleting {self.id_of(file_system, path)}", client.delete_directory)

    def id_of(self, file_system: str, path: str = "") -> str:
        """The address of a path."""
        return f"https://{self.account}.dfs.core.windows.net/{file_system}/{path}".rstrip("/")

    def attempt(self, doing: str, call: Callable[[], Result]) -> Result:
        """Call the SDK, waiting for what time cures. Raises ServiceFailure, NotPropagated, Cancelled."""
        return until_permitted(
            lambda: translated(doing, call, _code_and_detail), self.what_to_wait_for, self.waiter, self.patience_seconds
        )

    def attempt_on_existing(self, doing: str, call: Callable[[], Result]) -> Result | None:
        """As `attempt`, but None if the path or filesystem does not exist."""
        try:
            return self.attempt(doing, call)
        except ServiceFailure as failure:
            if failure.status == 404 and failure.code in _MISSING:
                return None
            raise


def _code_and_detail(error: HttpResponseError) -> tuple[str, str]:
    code = getattr(error, "error_code", None)  # set by the storage SDK from the body or x-ms-error-code
    words = str(error.message)
    if words.startswith(_WITHOUT_BODY) and error.reason:
        words = error.reason
    return str(getattr(code, "value", code) or ""), words.split("\n", 1)[0]
