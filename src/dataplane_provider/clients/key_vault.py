"""Secrets of a key vault, through azure-keyvault-secrets: made, looked for, deleted; a value is never read.

https://learn.microsoft.com/rest/api/keyvault/secrets
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core.exceptions import HttpResponseError

from dataplane_provider.clients.sdk_errors import NAME_UNKNOWN, translated
from dataplane_provider.clients.waiting import ACCESS, NAME, Waiter, until_permitted
from dataplane_provider.errors import ServiceFailure

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient

Result = TypeVar("Result")


def is_lag(failure: ServiceFailure) -> str:
    """What to wait for if time cures the refusal, else an empty text.

    `ForbiddenByRbac`: a role that is assigned but not in force.
    https://learn.microsoft.com/azure/key-vault/general/rbac-guide#known-limits-and-performance
    """
    if failure.status == 403 and failure.code == "ForbiddenByRbac":
        return ACCESS
    if failure.status == 409 and failure.code in {"ObjectIsBeingDeleted", "ObjectIsBeingRecovered"}:
        return "the secret of that name to be deleted or recovered"
    return ""


def is_lag_of_new(failure: ServiceFailure) -> str:
    """As `is_lag`, for a vault made a moment ago: name servers may not know it, or remember that it was not there."""
    return NAME if failure.code == NAME_UNKNOWN else is_lag(failure)


def open_vault(vault_uri: str, credential: Any, transport: Any = None) -> "SecretClient":
    """A connection pool to a vault; throttling and transient faults are retried by the SDK's own policy."""
    options: dict[str, Any] = {} if transport is None else {"transport": transport}
    from azure.keyvault.secrets import SecretClient  # here, not above: previews look at no vault

    return SecretClient(vault_uri, credential, retry_total=5, **options)


@dataclass(frozen=True)
class KeyVaultClient:
    """One vault as one verb uses it. Each method waits for access that is granted but not in force yet."""

    vault: "SecretClient"
    waiter: Waiter
    patience_seconds: float
    what_to_wait_for: Callable[[ServiceFailure], str] = is_lag

    def of_new_vault(self) -> "KeyVaultClient":
        """The same for a vault that was made a moment ago: it waits for the vault's name, too."""
        return replace(self, what_to_wait_for=is_lag_of_new)

    def exists(self, name: str) -> bool:
        """Whether the secret has a version. Lists versions, which needs no right to read the value."""

        def first() -> object:
            return next(iter(self.vault.list_properties_of_secret_versions(name)), None)

        try:
            return self._do(f"looking for {self._id(name)}", first) is not None
        except ServiceFailure as failure:
            if failure.status == 404:
                return False
            raise

    def make(self, name: str, value: str) -> bool:
        """Write the secret; False if a deleted secret of that name was recovered instead. Raises ServiceFailure."""
        try:
            self._do(f"creating {self._id(name)}", lambda: self.vault.set_secret(name, value))
        except ServiceFailure as failure:
            if failure.status == 409 and failure.code == "ObjectIsDeletedButRecoverable":
                self._do(f"recovering {self._id(name)}", lambda: self.vault.begin_recover_deleted_secret(name).wait())
                return False
            raise
        return True

    def delete(self, name: str) -> None:
        """Delete the secret (recoverable for the vault's retention); one that is gone already is a success."""
        try:
            self._do(f"deleting {self._id(name)}", lambda: self.vault.begin_delete_secret(name).wait())
        except ServiceFailure as failure:
            if failure.status != 404:
                raise

    def _id(self, name: str) -> str:
        return f"{self.vault.vault_url.rstrip('/')}/secrets/{name}"

    def _do(self, doing: str, call: Callable[[], Result]) -> Result:
        return until_permitted(
            lambda: translated(doing, call, _code_and_detail), self.what_to_wait_for, self.waiter, self.patience_seconds
        )


def _code_and_detail(error: HttpResponseError) -> tuple[str, str]:
    """The innermost code of `{"error": {"code", "message", "innererror": {"code"}}}`, the most exact one."""
    outer = error.error
    if outer is None:
        return "", str(error.message)
    inner: Mapping[str, Any] = outer.innererror or {}
    return str(inner.get("code") or outer.code or ""), str(outer.message or "")
