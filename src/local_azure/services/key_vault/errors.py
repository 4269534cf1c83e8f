"""Errors of Key Vault's data plane, in its shape: code, message and an inner code that says more.

https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
"""

from __future__ import annotations

from typing import Any

from local_azure.directory import TENANT_ID, Principal
from local_azure.http import ServiceError

_CHALLENGE = f'Bearer authorization="https://login.microsoftonline.com/{TENANT_ID}", resource="https://vault.azure.net"'


def _error(status: int, code: str, message: str, inner: str = "") -> ServiceError:
    details: dict[str, Any] = {"innererror": {"code": inner}} if inner else {}
    return ServiceError(status, code, message, shape="key_vault", details=details)


def unauthorized(message: str) -> ServiceError:
    """No usable token: the challenge says where to get one, clients wait for it before they send anything."""
    return ServiceError(401, "Unauthorized", message, {"www-authenticate": _CHALLENGE}, "key_vault")


def _caller(principal: Principal) -> str:
    issuer = f"https://sts.windows.net/{TENANT_ID}/"
    return f"Caller: appid={principal.client_id};oid={principal.object_id};iss={issuer}"


def forbidden_by_role(principal: Principal, action: str, resource: str, vault: dict[str, Any]) -> ServiceError:
    """RBAC mode, and no role allows the data action."""
    return _error(
        403,
        "Forbidden",
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
        "definitions were changed recently, please observe propagation time.\r\n"
        f"{_caller(principal)}\r\nAction: '{action}'\r\nResource: '{resource.lower()}'\r\nAssignment: (not found)\r\n"
        f"DenyAssignmentId: null\r\nDecisionReason: null \r\nVault: {vault['name']};location={vault['location']}\r\n",
        "ForbiddenByRbac",
    )


def forbidden_by_policy(principal: Principal, kind: str, permission: str, vault: dict[str, Any]) -> ServiceError:
    """Access-policy mode, and no policy gives the permission."""
    return _error(
        403,
        "Forbidden",
        f"The user, group or application '{_caller(principal).removeprefix('Caller: ')}' does not have {kind} "
        f"{permission} permission on key vault '{vault['name']};location={vault['location']}'. For help resolving this "
        "issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
        "AccessDenied",
    )


def forbidden_by_network(principal: Principal, source_ip: str, vault: dict[str, Any]) -> ServiceError:
    """The vault's network rules do not let the address in."""
    if str(vault["properties"].get("publicNetworkAccess", "Enabled")).lower() == "disabled":
        return _error(
            403,
            "Forbidden",
            "Public network access is disabled and request is not from a trusted service nor via an approved private "
            f"link.\r\n{_caller(principal)}\r\nVault: {vault['name']};location={vault['location']}",
            "ForbiddenByConnection",
        )
    return _error(
        403,
        "Forbidden",
        "Client address is not authorized and caller is not a trusted service.\r\n"
        f"Client address: {source_ip}\r\n{_caller(principal)}\r\nVault: {vault['name']};location={vault['location']}",
        "ForbiddenByFirewall",
    )


def secret_not_found(name: str) -> ServiceError:
    """No secret, or no version, of that name."""
    return _error(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret "
        "you may be able "
        "to recover it using the correct recovery command. For help resolving this issue, please see "
        "https://go.microsoft.com/fwlink/?linkid=2125182",
    )


def contacts_not_found() -> ServiceError:
    """Nobody is to be told of certificates."""
    return _error(404, "ContactsNotFound", "No contacts are set on this key vault.")


def secret_disabled(operation: str) -> ServiceError:
    """The version exists and is switched off."""
    return _error(403, "Forbidden", f"Operation {operation} is not allowed on a disabled secret.", "SecretDisabled")


def secret_is_deleted(name: str) -> ServiceError:
    """The name belongs to a secret that may still be recovered."""
    return _error(
        409,
        "Conflict",
        f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in "
        "this state, the "
        "secret can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable",
    )


def secret_exists(name: str) -> ServiceError:
    """The name of a secret to be restored is taken."""
    return _error(409, "Conflict", f"Secret {name} already exists in this vault; a backup is restored to a free name.")


def purge_forbidden(name: str) -> ServiceError:
    """Purge protection keeps deleted secrets until their date."""
    return _error(
        403,
        "Forbidden",
        f'Operation "purge" is not enabled for this vault: secret {name} is protected.',
        "ForbiddenByPolicy",
    )


def bad_parameter(message: str) -> ServiceError:
    """A name, a version or a body that does not fit."""
    return _error(400, "BadParameter", message)


def host_unknown(host: str) -> ServiceError:
    """No vault of that name: on Azure the name does not resolve."""
    return _error(404, "HostNotFound", f"The host name '{host}' does not resolve: there is no such key vault.")
