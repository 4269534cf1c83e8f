"""Whether a stack's vault is there, was deleted and can be recovered, or has not been: Resource Manager is asked.

A deleted vault keeps its name until it is purged, and Resource Manager refuses to make another of that name.
https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
"""

import http.client
import json
from collections.abc import Callable
from enum import Enum
from typing import Any

import pulumi
from pulumi_azure_native import authorization

from infra.https import connection_to
from infra.naming import Names
from infra.settings import Settings

_HOST = "management.azure.com"
_API_VERSION = "2023-07-01"


class VaultPresence(Enum):
    """What there is of the vault before a deployment."""

    THERE = "there"
    DELETED = "deleted"
    """It can be recovered: with its settings and secrets of then, without its roles."""
    ABSENT = "absent"


class VaultUnknown(Exception):
    """Resource Manager cannot say what there is of the vault, or has one of that name elsewhere."""


class VaultRefused(VaultUnknown):
    """This identity may not see it."""


Ask = Callable[[str], tuple[int, Any]]
"""Reads a path of Resource Manager: the status, and the body of the answer."""


def vault_presence(settings: Settings, names: Names, ask: Ask | None = None) -> VaultPresence:
    """What there is of the vault. Raises VaultUnknown."""
    ask = ask or _ask
    subscription = f"/subscriptions/{settings.subscription_id}"
    vault = f"{subscription}/resourceGroups/{names.resource_group}/providers/Microsoft.KeyVault/vaults/{names.vault}"
    if _found(ask, vault) is not None:
        return VaultPresence.THERE
    where = f"{subscription}/providers/Microsoft.KeyVault/locations/{settings.location}"
    deleted = _deleted(ask, f"{where}/deletedVaults/{names.vault}")
    if deleted is None:
        return VaultPresence.ABSENT
    own, expected = str(deleted["properties"]["vaultId"]), vault
    if own.lower() != expected.lower():
        raise VaultUnknown(
            f"looking for the deleted vault {names.vault}: it was {own}\nexpected {expected}\n"
            "hint: raise vault_generation by one, which gives the vault another name"
        )
    pulumi.log.warn(
        f"{names.vault} was deleted on {deleted['properties']['deletionDate']} and is recovered, with its settings and "
        "secrets of then: if settings of the vault have changed since, run pulumi up --refresh after this deployment\n"
        "hint: another vault instead is made where vault_generation is raised by one"
    )
    return VaultPresence.DELETED


def _deleted(ask: Ask, path: str) -> dict[str, Any] | None:
    """The deleted vault; none where this identity may read a resource group alone, and not what was deleted in it."""
    try:
        return _found(ask, path)
    except VaultRefused as refusal:
        pulumi.log.warn(
            f"{refusal}\nhint: Reader of the subscription sees it; if the name of the vault is refused as that of a "
            "deleted one, raise vault_generation by one"
        )
        return None


def _found(ask: Ask, path: str) -> dict[str, Any] | None:
    status, body = ask(path)
    if status == http.client.NOT_FOUND:
        return None
    if status == http.client.OK:
        return dict(body)
    error = body.get("error", {}) if isinstance(body, dict) else {}
    cause = f"Resource Manager answered {status} {error.get('code', '')}: {error.get('message', '')}"
    failure = VaultRefused if status == http.client.FORBIDDEN else VaultUnknown
    raise failure(f"reading {path}: {cause}\nexpected 200 or 404")


def _ask(path: str) -> tuple[int, Any]:
    connection = connection_to(_HOST)
    try:
        token = authorization.get_client_token().token
        connection.request("GET", f"{path}?api-version={_API_VERSION}", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        raise VaultUnknown(f"reading {path}: {type(error).__name__}: {error}") from error
    finally:
        connection.close()
    return answer.status, json.loads(content) if content else {}
