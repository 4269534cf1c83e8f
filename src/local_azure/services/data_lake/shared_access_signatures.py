"""Shared access signatures: whether one is valid for a request, and what it grants.

https://learn.microsoft.com/rest/api/storageservices/create-account-sas
https://learn.microsoft.com/rest/api/storageservices/create-service-sas
https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from local_azure.account_keys import signature
from local_azure.clock import moment_of
from local_azure.context import ServiceContext
from local_azure.directory import TENANT_ID
from local_azure.http import ServiceError
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.access_policies import limits_of
from local_azure.services.data_lake.accounts import AccountDirectory, StorageAccount
from local_azure.services.data_lake.delegation_keys import DelegationKey, DelegationKeys
from local_azure.services.data_lake.errors import Surface
from local_azure.services.data_lake.grants import Grant, Resource
from local_azure.services.data_lake.nodes import SUPERUSER
from local_azure.services.data_lake.store import LakeStore
from local_azure.services.data_lake.versions import KNOWN_VERSIONS

_OVERRIDES = {
    "rscc": "cache-control",
    "rscd": "content-disposition",
    "rsce": "content-encoding",
    "rscl": "content-language",
    "rsct": "content-type",
}
_KEY_PARTS = ("skoid", "sktid", "skt", "ske", "sks", "skv")
PARAMETERS = frozenset(
    {"sv", "ss", "srt", "sp", "st", "se", "sr", "sip", "spr", "sig", "si", "sdd", "ses", "snapshot", "srh", "srq"}
    | {"saoid", "suoid", "scid", "skdutid", "sduoid", *_KEY_PARTS, *_OVERRIDES}
)
"""Query parameters of a signature, and the snapshot that it may be for."""
OF_SIGNATURES = PARAMETERS - {"snapshot"}
"""Query parameters of a signature that mean nothing to the operation."""
_NOT_SERVED = {
    "ses": "an encryption scope",
    "srh": "request headers",
    "srq": "request parameters",
    "skdutid": "the tenant of a user",
    "sduoid": "a user",
}
_RESOURCES: Mapping[str, Resource] = {"c": "container", "d": "directory", "b": "blob", "bs": "blob"}
_EARLIEST, _WITH_RESOURCE = "2015-04-05", "2018-11-09"
_WITH_AGENTS, _WITH_SCOPES, _WITH_USERS, _WITH_REQUESTS = "2020-02-10", "2020-12-06", "2025-07-05", "2026-04-06"
"""Versions that brought further lines into what is signed."""


class SharedAccessSignatures:
    """Verifies signatures; every method raises ServiceError: 403 for an invalid one, 501 for what is not served."""

    def __init__(self, context: ServiceContext, accounts: AccountDirectory, store: LakeStore) -> None:
        self._accounts = accounts
        self._store = store
        self._delegation_keys = DelegationKeys(context.state)

    def grant_of(
        self,
        surface: Surface,
        account: StorageAccount,
        query: Mapping[str, str],
        file_system: str,
        path: tuple[str, ...],
        source_ip: str,
    ) -> Grant:
        """What a signature in a query grants on a path of an account."""
        self._check_served(surface, query)
        limits = self._limits(surface, account, query, file_system)
        signed = _Signed(surface, {**query, **limits})
        signed.check_time("st", "se")
        signed.check_address(source_ip)
        if "ss" in query:
            return self._of_account(signed, account)
        resource = _RESOURCES.get(query.get("sr", ""))
        if resource is None:
            raise signed.failure(f"sr is {query.get('sr', 'missing')}; expected one of {', '.join(_RESOURCES)}")
        depth = _depth(signed) if resource == "directory" else {"container": 0, "blob": len(path)}[resource]
        named = path[:depth]
        canonical = "/".join(["/blob", account.name, file_system, *named])
        signer = self._check_resource(signed, account, canonical, query)
        return Grant(
            frozenset(signed.query.get("sp", "")),
            resource,
            signer,
            file_system,
            named,
            agent=query.get("suoid", ""),
            response_headers={name: query[key] for key, name in _OVERRIDES.items() if key in query},
        )

    def _check_served(self, surface: Surface, query: Mapping[str, str]) -> None:
        for name, what in _NOT_SERVED.items():
            if name in query:
                raise errors.refused(surface, f"a shared access signature that names {what} (query parameter {name})")
        if query.get("sr") in ("bv", "i", "f", "s"):
            raise errors.refused(surface, f"a shared access signature for sr={query['sr']}")
        version = query.get("sv", "")
        if version in KNOWN_VERSIONS and version < _EARLIEST:
            raise errors.refused(surface, f"a shared access signature of version {version} (query parameter sv)")
        if version not in KNOWN_VERSIONS:
            raise errors.unauthenticated(surface, f"sv is no version: '{version}'.")

    def _limits(
        self, surface: Surface, account: StorageAccount, query: Mapping[str, str], file_system: str
    ) -> dict[str, str]:
        """What the stored access policy that a signature names says; what it says the signature itself may not.

        https://learn.microsoft.com/rest/api/storageservices/define-stored-access-policy
        """
        name = query.get("si", "")
        if not name:
            return {}
        if "skoid" in query or "ss" in query:
            raise errors.unauthenticated(surface, "si is for signatures of a container or a blob by a key.")
        found = self._store.file_system(account.name, file_system)
        limits = limits_of(found.access_policies, name) if found is not None else None
        if limits is None:
            raise errors.unauthenticated(surface, f"Access policy identifier not found: '{name}'.")
        twice = sorted(limits.keys() & query.keys())
        if twice:
            raise errors.unauthenticated(surface, f"{', '.join(twice)}: in the signature and in its access policy.")
        return limits

    def _of_account(self, signed: _Signed, account: StorageAccount) -> Grant:
        query = signed.query
        names = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
        lines = [account.name, *(query.get(name, "") for name in names)]
        if query["sv"] >= _WITH_SCOPES:
            lines.append("")
        self._check_key(signed, account, "\n".join([*lines, ""]))
        if "b" not in query["ss"]:
            raise errors.failure(signed.surface, "AuthorizationServiceMismatch")
        permissions = frozenset(query.get("sp", ""))
        return Grant(permissions, "account", SUPERUSER, resource_types=frozenset(query.get("srt", "")))

    def _check_resource(
        self, signed: _Signed, account: StorageAccount, canonical: str, query: Mapping[str, str]
    ) -> str:
        """Who signed the query."""
        version = query["sv"]
        is_delegated = "skoid" in query
        lines = [query.get(name, "") for name in ("sp", "st", "se")] + [canonical]
        if is_delegated:
            names = [*_KEY_PARTS, *(("saoid", "suoid", "scid") if version >= _WITH_AGENTS else ())]
            names += ["skdutid", "sduoid"] if version >= _WITH_USERS else []
        else:
            names = ["si"]
        names += ["sip", "spr", "sv", *(["sr", "snapshot"] if version >= _WITH_RESOURCE else [])]
        names += ["ses"] if version >= _WITH_SCOPES else []
        names += ["srh", "srq"] if is_delegated and version >= _WITH_REQUESTS else []
        if query.get("sr") != "bs":
            query = {name: value for name, value in query.items() if name != "snapshot"}
        text = "\n".join([*lines, *(query.get(name, "") for name in [*names, *_OVERRIDES])])
        if not is_delegated:
            self._check_key(signed, account, text)
            return SUPERUSER
        signed.check_time("skt", "ske")
        if query["sktid"] != TENANT_ID:
            raise signed.failure(f"sktid is the tenant {query['sktid']}, not that of the account, {TENANT_ID}.")
        key = DelegationKey(*(query.get(name, "") for name in _KEY_PARTS))
        signed.check_signature(text, [self._delegation_keys.value_of(account.name, key)])
        return key.object_id

    def _check_key(self, signed: _Signed, account: StorageAccount, text: str) -> None:
        if not account.shared_key_is_allowed:
            raise errors.failure(signed.surface, "KeyBasedAuthenticationNotPermitted")
        signed.check_signature(text, self._accounts.keys_of(account))


class _Signed:
    """A query with a signature, and the checks that every kind of signature passes."""

    def __init__(self, surface: Surface, query: Mapping[str, str]) -> None:
        self.surface = surface
        self.query = query

    def failure(self, detail: str) -> ServiceError:
        """403 with what is wrong."""
        return errors.unauthenticated(self.surface, detail)

    def check_signature(self, text: str, keys: Iterable[str]) -> None:
        """Raises ServiceError unless one of the keys (base64) signs the text as the query says."""
        given = self.query["sig"].encode()
        if not any(hmac.compare_digest(signature(key, text).encode(), given) for key in keys):
            raise self.failure(f"Signature did not match. String to sign used was {text!r}")

    def check_time(self, start: str, expiry: str) -> None:
        """Compares with the machine's time, which is that of whoever signed."""
        now = datetime.now(UTC)
        begins, ends = self._moment(start), self._moment(expiry)
        if ends is None:
            raise self.failure(f"{expiry} is mandatory. Cannot be empty")
        if now >= ends or (begins is not None and now < begins):
            frame = f"Start [{self.query.get(start, '')}] - Expiry [{self.query[expiry]}] - Current [{now:%FT%TZ}]"
            raise self.failure(f"Signature not valid in the specified time frame: {frame}")

    def check_address(self, source_ip: str) -> None:
        """Raises ServiceError where the signature is for other addresses."""
        text = self.query.get("sip")
        if text is None:
            return
        first, _, last = text.partition("-")
        try:
            begin, end = ipaddress.ip_address(first), ipaddress.ip_address(last or first)
        except ValueError as error:
            raise self.failure(f"sip is no address or range of addresses: '{text}'.") from error
        if not int(begin) <= int(ipaddress.ip_address(source_ip)) <= int(end):
            raise errors.failure(self.surface, "AuthorizationSourceIPMismatch")

    def _moment(self, name: str) -> datetime | None:
        text = self.query.get(name)
        if not text:
            return None
        try:
            return moment_of(text)
        except ValueError as error:
            raise self.failure(f"{name} is no time: '{text}'.") from error


def _depth(signed: _Signed) -> int:
    text = signed.query.get("sdd", "")
    if not text.isdecimal():
        raise signed.failure("sdd, the depth of the directory, is mandatory for sr=d.")
    return int(text)
