"""Secrets as Resource Manager has them: deployments write them, nobody reads a value.

https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_azure.http import Request, Response, ServiceError
from local_azure.resource_providers import Operation
from local_azure.resources import VAULT_SECRET
from local_azure.services.key_vault.handlers import Secrets

_EVERY_VERSION: frozenset[str] = frozenset()
"""Resource Manager has looked at it already."""
_Answer = Callable[[dict[str, Any], str, Request], Response]


class SecretOperations:
    """The provider of Microsoft.KeyVault/vaults/secrets."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def find(self, method: str, below: str) -> Operation | None:
        """The operation on the secret of that name, or on all of them where it is empty."""
        table: Mapping[str, tuple[str, _Answer]] = {
            "GET": ("read", self._get if below else self._list),
            "PUT": ("write", self._put),
            "PATCH": ("write", self._patch),
        }
        if method not in table:
            return None
        verb, handle = table[method]

        def answer(vault: Mapping[str, Any], request: Request) -> Response:
            try:
                return handle(dict(vault), below, request)
            except ServiceError as error:
                raise ServiceError(error.status, error.code, error.message) from error

        return Operation(f"{VAULT_SECRET}/{verb}", _EVERY_VERSION, answer)

    def _list(self, vault: dict[str, Any], _: str, request: Request) -> Response:
        found = [_document(vault, each["name"], each["versions"][-1]) for each in self._secrets.all_live(vault)]
        return Response.json(200, {"value": found})

    def _get(self, vault: dict[str, Any], name: str, request: Request) -> Response:
        document = self._secrets.live(vault, name)
        return Response.json(200, _document(vault, document["name"], document["versions"][-1]))

    def _put(self, vault: dict[str, Any], name: str, request: Request) -> Response:
        existed = self._secrets.found(vault, name) is not None
        made = self._secrets.add_version(vault, name, _flat(request))
        return Response.json(200 if existed else 201, _document(vault, name, made))

    def _patch(self, vault: dict[str, Any], name: str, request: Request) -> Response:
        given = _flat(request)
        self._secrets.live(vault, name)
        if "value" in given:
            changed = self._secrets.add_version(vault, name, given)
        else:
            changed = self._secrets.change_version(vault, name, "", given)
        return Response.json(200, _document(vault, name, changed))


def _flat(request: Request) -> dict[str, Any]:
    """What a body says of a secret, as the vault itself takes it."""
    body = request.json()
    properties = body.get("properties") or {}
    kept = {key: properties[key] for key in ("value", "contentType", "attributes") if properties.get(key) is not None}
    return kept | ({"tags": body["tags"]} if body.get("tags") is not None else {})


def _document(vault: dict[str, Any], name: str, version: dict[str, Any]) -> dict[str, Any]:
    address = f"{vault['properties']['vaultUri']}secrets/{name}"
    properties = {
        "attributes": version["attributes"],
        "secretUri": address,
        "secretUriWithVersion": f"{address}/{version['version']}",
    }
    if version.get("contentType") is not None:
        properties["contentType"] = version["contentType"]
    return {
        "id": f"{vault['id']}/secrets/{name}",
        "name": name,
        "type": VAULT_SECRET,
        "location": vault["location"],
        "tags": version.get("tags") or {},
        "properties": properties,
    }
