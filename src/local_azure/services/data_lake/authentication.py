"""Who sends a request: a bearer token, an account key or a shared access signature; everything else is refused.

https://learn.microsoft.com/rest/api/storageservices/authorize-requests-to-azure-storage
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from azure_ids.storage import BLOB_SUFFIX, DFS_SUFFIX
from local_azure.context import ServiceContext
from local_azure.http import Request, ServiceError
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.access import Caller
from local_azure.services.data_lake.accounts import AccountDirectory, StorageAccount
from local_azure.services.data_lake.call import split_path
from local_azure.services.data_lake.errors import Surface
from local_azure.services.data_lake.nodes import SUPERUSER
from local_azure.services.data_lake.shared_access_signatures import SharedAccessSignatures
from local_azure.services.data_lake.shared_key import is_signed_by
from local_azure.services.data_lake.store import LakeStore
from local_azure.services.data_lake.versions import KNOWN_VERSIONS
from local_azure.services.data_lake.wire import SOURCE_AUTHORIZATION

AUDIENCE = "https://storage.azure.com"
_CLOCK_SKEW = timedelta(minutes=15)
_EARLIEST_FOR_TOKENS = "2017-11-09"
"""The first version of the Blob endpoint that takes a token.

https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
"""


class Authentication:
    """Tells who calls; raises ServiceError for whoever can't be told."""

    def __init__(self, context: ServiceContext, accounts: AccountDirectory, store: LakeStore) -> None:
        self._context = context
        self._accounts = accounts
        self._signatures = SharedAccessSignatures(context, accounts, store)

    def caller(self, request: Request, surface: Surface, account: StorageAccount) -> Caller:
        """The sender of a request to an account."""
        if "sig" in request.query:
            return self._signature_holder(request, surface, account, request.query, request.path)
        scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
        if not scheme:
            raise _anonymous(request, surface, account)
        if scheme == "bearer":
            return self._token_holder(request, surface, account)
        if scheme == "sharedkey":
            return self._key_holder(request, surface, account)
        if scheme == "sharedkeylite":
            raise errors.refused(surface, "authorizing with the scheme SharedKeyLite")
        raise errors.challenge(surface, "InvalidAuthenticationInfo", f"The scheme '{scheme}' is not supported.")

    def reader_of_source(
        self, request: Request, surface: Surface, account: StorageAccount, query: Mapping[str, str], raw_path: str
    ) -> Caller:
        """Who reads what a request copies from a path of an account: by a signature, or by a token in a header."""
        if query:
            return self._signature_holder(request, surface, account, query, raw_path)
        authorization = request.headers[SOURCE_AUTHORIZATION]
        named = replace(request, headers={**request.headers, "authorization": authorization})
        return self._token_holder(named, surface, account)

    def _signature_holder(
        self, request: Request, surface: Surface, account: StorageAccount, query: Mapping[str, str], raw_path: str
    ) -> Caller:
        """The holder of the signature in a query, for a path of an account.

        A listing of directories is signed by the directory, which the Data Lake endpoint names in the query.
        """
        file_system, path = split_path(raw_path)
        names = tuple(filter(None, (path or query.get("directory", "")).split("/")))
        grant = self._signatures.grant_of(surface, account, query, file_system, names, request.source_ip)
        object_id = query.get("suoid") or query.get("saoid") or grant.signer
        return Caller(object_id, self._context.directory.groups_of(object_id), grant)

    def _token_holder(self, request: Request, surface: Surface, account: StorageAccount) -> Caller:
        version = request.headers.get("x-ms-version", "")
        if surface == "blob" and version < _EARLIEST_FOR_TOKENS and version in {"", *KNOWN_VERSIONS}:
            raise errors.unauthenticated(surface, "Authentication scheme Bearer is not supported in this version.")
        hosts = [f"https://{account.name}{suffix}" for suffix in (BLOB_SUFFIX, DFS_SUFFIX)]
        try:
            principal = self._context.tokens.verify(request, [AUDIENCE, *hosts])
        except ServiceError as error:
            raise errors.challenge(surface, "InvalidAuthenticationInfo", error.message) from error
        return Caller(principal.object_id, self._context.directory.groups_of(principal.object_id))

    def _key_holder(self, request: Request, surface: Surface, account: StorageAccount) -> Caller:
        if not account.shared_key_is_allowed:
            raise errors.failure(surface, "KeyBasedAuthenticationNotPermitted")
        name, _, signature = request.headers["authorization"].partition(" ")[2].strip().partition(":")
        if name != account.name:
            raise errors.unauthenticated(surface, f"The account name '{name}' is not that of the host.")
        _check_date(request, surface)
        if not is_signed_by(request, name, signature, self._accounts.keys_of(account)):
            detail = "The MAC signature found in the HTTP request is not the same as any computed signature."
            raise errors.unauthenticated(surface, detail)
        return Caller(SUPERUSER)


def _check_date(request: Request, surface: Surface) -> None:
    """Compares with the machine's time: it is the client's clock too, even when the stand-in's was moved."""
    text = request.headers.get("x-ms-date") or request.headers.get("date", "")
    try:
        sent = parsedate_to_datetime(text)
    except ValueError as error:
        raise errors.unauthenticated(surface, f"The Date header '{text}' is no date.") from error
    if sent.tzinfo is None or abs(datetime.now(UTC) - sent) > _CLOCK_SKEW:
        raise errors.unauthenticated(surface, f"Request date header too old: '{text}'.")


def _anonymous(request: Request, surface: Surface, account: StorageAccount) -> ServiceError:
    if "x-ms-version" in request.headers:
        return errors.challenge(surface, "NoAuthenticationInformation", "")
    if account.public_access_is_allowed:
        return errors.failure(surface, "ResourceNotFound")
    return errors.failure(surface, "PublicAccessNotPermitted")
