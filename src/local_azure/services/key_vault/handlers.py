"""Operations on secrets: each checks its data action, then reads or writes the store.

https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.http import Request, Response, ServiceError
from local_azure.services.key_vault import errors
from local_azure.services.key_vault.backups import Backups
from local_azure.services.key_vault.store import SecretStore

_ACTIONS = {
    "get": "getSecret/action",
    "set": "setSecret/action",
    "list": "readMetadata/action",
    "delete": "delete",
    "recover": "recover/action",
    "purge": "purge/action",
    "backup": "backup/action",
    "restore": "restore/action",
}
"""Permission of an access policy to the end of the data action: Microsoft.KeyVault/vaults/secrets/…"""
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_SET_KEYS = frozenset({"value", "contentType", "tags", "attributes"})
# https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
_MOST_OCTETS = 25 * 1024
_LONGEST_CONTENT_TYPE = 255
_MOST_TAGS, _LONGEST_TAG = 15, 512
_ATTRIBUTE_KEYS = frozenset({"enabled", "nbf", "exp", "created", "updated", "recoveryLevel", "recoverableDays"})


@dataclass(frozen=True)
class Call:
    """One request on one vault by an authenticated caller."""

    request: Request
    vault: dict[str, Any]
    principal: Principal

    @property
    def generation(self) -> str:
        """The key under which the vault's secrets are kept."""
        return str(self.vault["_generation"])

    @property
    def base(self) -> str:
        """The vault's URL without a final slash."""
        return f"https://{self.request.host}"


class Secrets:
    """Handlers for every route; `name` and `version` come from the path."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = SecretStore(context.state)
        self._backups = Backups(context.state)
        context.resources.when_removed(self._forget)

    def _forget(self, document: dict[str, Any]) -> None:
        if "_generation" in document:
            self._store.remove_vault(document["_generation"])

    def certificate_contacts(self, call: Call) -> Response:
        """GET /certificates/contacts: there are none, since no certificates are; Terraform's provider asks for them.

        https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificate-contacts
        """
        self._require_of(call, "certificates", "managecontacts", "certificatecontacts/write", "certificatecontacts")
        raise errors.contacts_not_found()

    def _require(self, call: Call, permission: str, name: str = "", action: str = "") -> None:
        """Raises 403 unless a policy gives the permission or a role the data action that goes with it."""
        action = f"secrets/{action or _ACTIONS[permission]}"
        self._require_of(call, "secrets", permission, action, f"secrets/{name}".rstrip("/"))

    def _require_of(self, call: Call, kind: str, permission: str, action: str, path: str) -> None:
        vault, principal = call.vault, call.principal
        if vault["properties"].get("enableRbacAuthorization"):
            action, resource = f"Microsoft.KeyVault/vaults/{action}", f"{vault['id']}/{path}"
            if not self._context.role_assignments.allows(principal.object_id, action, resource, data=True):
                raise errors.forbidden_by_role(principal, action, resource, vault)
            return
        holders = {principal.object_id, *self._context.directory.groups_of(principal.object_id)}
        for policy in vault["properties"].get("accessPolicies", []):
            granted = {str(each).lower() for each in policy.get("permissions", {}).get(kind) or []}
            if policy.get("objectId") in holders and granted & {permission, "all"}:
                return
        raise errors.forbidden_by_policy(principal, kind, permission, vault)

    def _now(self) -> int:
        return int(self._context.clock.now().timestamp())

    def set(self, call: Call, name: str) -> Response:
        """PUT /secrets/{name}: a new version."""
        _check_name(name)
        self._require(call, "set", name)
        version = self.add_version(call.vault, name, _body(call.request, _SET_KEYS))
        return Response.json(200, self._bundle(call, name, version, with_value=True))

    def add_version(self, vault: dict[str, Any], name: str, body: dict[str, Any]) -> dict[str, Any]:
        """The newest version of a secret, as `value`, `contentType`, `tags` and `attributes` say; raises ServiceError.

        Who may do that was asked before.
        """
        _check_name(name)
        if not isinstance(body.get("value"), str):
            raise errors.bad_parameter("The property 'value' is required and must be a string.")
        _check_lengths(body)
        existing = self.found(vault, name)
        if existing is not None and existing["deleted"] is not None:
            raise errors.secret_is_deleted(name)
        now = self._now()
        return self._store.add_version(
            str(vault["_generation"]),
            name,
            {
                "value": body["value"],
                "contentType": body.get("contentType"),
                "tags": body.get("tags"),
                "attributes": {"enabled": True, **_attributes(body), "created": now, "updated": now},
            },
        )

    def get(self, call: Call, name: str, version: str) -> Response:
        """GET /secrets/{name}[/{version}]: value and attributes; the newest version without one."""
        self._require(call, "get", name)
        found = _version_of(self.live(call.vault, name), version)
        if not found["attributes"]["enabled"]:
            raise errors.secret_disabled("get")
        return Response.json(200, self._bundle(call, name, found, with_value=True))

    def update(self, call: Call, name: str, version: str) -> Response:
        """PATCH /secrets/{name}/{version}: attributes, content type and tags, never the value."""
        # A policy has no permission of its own for it: https://learn.microsoft.com/rest/api/keyvault/secrets/update-secret
        self._require(call, "set", name, "update/action")
        body = _body(call.request, _SET_KEYS - {"value"})
        found = self.change_version(call.vault, name, version, body)
        return Response.json(200, self._bundle(call, name, found, with_value=False))

    def change_version(self, vault: dict[str, Any], name: str, version: str, body: dict[str, Any]) -> dict[str, Any]:
        """A version ("" for the newest) with other attributes, content type and tags; raises ServiceError."""
        _check_lengths(body)
        document = self.live(vault, name)
        found = _version_of(document, version)
        found["attributes"] |= {**_attributes(body), "updated": self._now()}
        found |= {key: body[key] for key in ("contentType", "tags") if key in body}
        self._store.put(str(vault["_generation"]), document)
        return found

    def list(self, call: Call) -> Response:
        """GET /secrets: names and attributes, page by page."""
        self._require(call, "list")
        live = self.all_live(call.vault)
        items = [self._bundle(call, each["name"], each["versions"][-1], with_value=False, plain=True) for each in live]
        return _page(call, items)

    def versions(self, call: Call, name: str) -> Response:
        """GET /secrets/{name}/versions: none where there is no such secret."""
        self._require(call, "list", name)
        document = self._store.get(call.generation, name)
        versions = [] if document is None or document["deleted"] is not None else document["versions"]
        return _page(call, [self._bundle(call, name, each, with_value=False) for each in versions])

    def backup(self, call: Call, name: str) -> Response:
        """POST /secrets/{name}/backup: all versions in a text that only a restore can read."""
        self._require(call, "backup", name)
        return Response.json(200, {"value": self._backups.sealed(self.live(call.vault, name))})

    def restore(self, call: Call) -> Response:
        """POST /secrets/restore: all versions of a secret whose name is free; answers the newest."""
        self._require(call, "restore")
        body = _body(call.request, frozenset({"value"}))
        document = self._backups.opened(str(body.get("value")))
        if document is None:
            raise errors.bad_parameter("Backup blob contains invalid or corrupt data.")
        with self._context.state.transaction():
            existing = self.found(call.vault, document["name"])
            if existing is not None and existing["deleted"] is not None:
                raise errors.secret_is_deleted(document["name"])
            if existing is not None:
                raise errors.secret_exists(document["name"])
            self._store.put(call.generation, document)
        return Response.json(200, self._bundle(call, document["name"], document["versions"][-1], with_value=False))

    def delete(self, call: Call, name: str) -> Response:
        """DELETE /secrets/{name}: soft delete of all versions."""
        self._require(call, "delete", name)
        document = self.live(call.vault, name)
        document["deleted"] = self._now()
        self._store.put(call.generation, document)
        return Response.json(200, self._deleted_bundle(call, document))

    def get_deleted(self, call: Call, name: str) -> Response:
        """GET /deletedsecrets/{name}: no value, so that to a role it is metadata."""
        self._require(call, "get", name, _ACTIONS["list"])
        return Response.json(200, self._deleted_bundle(call, self._deleted(call, name)))

    def list_deleted(self, call: Call) -> Response:
        """GET /deletedsecrets."""
        self._require(call, "list")
        names = [each["name"] for each in self._store.list(call.generation) if each["deleted"] is not None]
        gone = [found for name in names if (found := self.found(call.vault, name)) is not None]
        return _page(call, [self._deleted_bundle(call, each) for each in gone])

    def recover(self, call: Call, name: str) -> Response:
        """POST /deletedsecrets/{name}/recover."""
        self._require(call, "recover", name)
        document = self._deleted(call, name)
        document["deleted"] = None
        self._store.put(call.generation, document)
        return Response.json(200, self._bundle(call, name, document["versions"][-1], with_value=False))

    def purge(self, call: Call, name: str) -> Response:
        """DELETE /deletedsecrets/{name}: gone for good."""
        self._require(call, "purge", name)
        self._deleted(call, name)
        if call.vault["properties"].get("enablePurgeProtection"):
            raise errors.purge_forbidden(name)
        self._store.remove(call.generation, name)
        return Response(204)

    def found(self, vault: dict[str, Any], name: str) -> dict[str, Any] | None:
        """A secret, deleted or not; one that was deleted so long ago that its time is over is purged."""
        generation = str(vault["_generation"])
        document = self._store.get(generation, name)
        if document is None or document["deleted"] is None or self._now() < _purged_at(vault, document):
            return document
        self._store.remove(generation, name)
        return None

    def all_live(self, vault: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The secrets of a vault that are not deleted."""
        return (each for each in self._store.list(str(vault["_generation"])) if each["deleted"] is None)

    def live(self, vault: dict[str, Any], name: str) -> dict[str, Any]:
        """A secret that is not deleted; raises SecretNotFound."""
        document = self.found(vault, name)
        if document is None or document["deleted"] is not None:
            raise errors.secret_not_found(name)
        return document

    def _deleted(self, call: Call, name: str) -> dict[str, Any]:
        document = self.found(call.vault, name)
        if document is None or document["deleted"] is None:
            raise errors.secret_not_found(name)
        return document

    def _bundle(
        self, call: Call, name: str, version: dict[str, Any], *, with_value: bool, plain: bool = False
    ) -> dict[str, Any]:
        properties = call.vault["properties"]
        level = "Recoverable" if properties.get("enablePurgeProtection") else "Recoverable+Purgeable"
        attributes = {
            **version["attributes"],
            "recoveryLevel": level,
            "recoverableDays": properties["softDeleteRetentionInDays"],
        }
        bundle: dict[str, Any] = {
            "id": f"{call.base}/secrets/{name}" + ("" if plain else f"/{version['version']}"),
            "attributes": attributes,
        }
        bundle |= {key: version[key] for key in ("contentType", "tags") if version.get(key) is not None}
        return {"value": version["value"], **bundle} if with_value else bundle

    def _deleted_bundle(self, call: Call, document: dict[str, Any]) -> dict[str, Any]:
        name, deleted = document["name"], int(document["deleted"])
        return {
            "recoveryId": f"{call.base}/deletedsecrets/{name}",
            "deletedDate": deleted,
            "scheduledPurgeDate": _purged_at(call.vault, document),
            **self._bundle(call, name, document["versions"][-1], with_value=False),
        }


def _purged_at(vault: dict[str, Any], document: dict[str, Any]) -> int:
    """When a deleted secret is purged by itself, in seconds since 1970."""
    days = timedelta(days=int(vault["properties"]["softDeleteRetentionInDays"]))
    return int(document["deleted"]) + int(days.total_seconds())


def _version_of(document: dict[str, Any], version: str) -> dict[str, Any]:
    """One version of a secret, the newest where none is named; raises SecretNotFound."""
    versions: list[dict[str, Any]] = document["versions"]
    found = next((each for each in versions[::-1] if version in ("", each["version"])), None)
    if found is None:
        raise errors.secret_not_found(f"{document['name']}/{version}")
    return found


def _body(request: Request, known: frozenset[str]) -> dict[str, Any]:
    try:
        body = request.json()
    except ServiceError as error:
        raise errors.bad_parameter(error.message) from error
    if not isinstance(body, dict):
        raise errors.bad_parameter("The request body must be a JSON object.")
    unknown = sorted(set(body) - known)
    if unknown:
        raise errors.bad_parameter(f"Property has invalid value or is unknown: {', '.join(unknown)}")
    return body


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise errors.bad_parameter(f"The request URI contains an invalid name: {name}")


def _check_lengths(body: dict[str, Any]) -> None:
    """Raises BadParameter for a value, a content type or tags that are too long or too many."""
    octets = len(str(body.get("value", "")).encode())
    if octets > _MOST_OCTETS:
        raise errors.bad_parameter(f"The value of a secret is too long: {octets} bytes, at most {_MOST_OCTETS}.")
    if len(body.get("contentType") or "") > _LONGEST_CONTENT_TYPE:
        raise errors.bad_parameter(f"The contentType is too long: at most {_LONGEST_CONTENT_TYPE} characters.")
    tags: dict[str, str] = body.get("tags") or {}
    if len(tags) > _MOST_TAGS or any(len(text) > _LONGEST_TAG for tag in tags.items() for text in tag):
        raise errors.bad_parameter(
            f"The tags are too many or too long: at most {_MOST_TAGS}, each name and value {_LONGEST_TAG} characters."
        )


def _attributes(body: dict[str, Any]) -> dict[str, Any]:
    given = body.get("attributes") or {}
    unknown = sorted(set(given) - _ATTRIBUTE_KEYS)
    if unknown:
        raise errors.bad_parameter(f"Unknown attributes: {', '.join(unknown)}")
    return {key: given[key] for key in ("enabled", "nbf", "exp") if given.get(key) is not None}


def _page(call: Call, items: list[dict[str, Any]]) -> Response:
    text, start = call.request.query.get("maxresults", "25"), call.request.query.get("$skiptoken", "0")
    if not text.isdecimal() or not 1 <= int(text) <= 25 or not start.isdecimal():
        raise errors.bad_parameter(f"maxresults {text!r} or $skiptoken {start!r} is invalid; expected 1 to 25.")
    end = int(start) + int(text)
    next_link = None
    if end < len(items):
        version = call.request.query["api-version"]
        next_link = f"{call.base}{call.request.path}?api-version={version}&$skiptoken={end}&maxresults={text}"
    return Response.json(200, {"value": items[int(start) : end], "nextLink": next_link})
