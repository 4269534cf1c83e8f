"""Routes of *.vault.azure.net, with the challenge and the network rules that stand before all of them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from local_azure.context import ServiceContext
from local_azure.dispatch import Service, unknown_route
from local_azure.http import Request, Response, ServiceError
from local_azure.resources import VAULT_SECRET
from local_azure.services.key_vault import errors
from local_azure.services.key_vault.arm_secrets import SecretOperations
from local_azure.services.key_vault.handlers import Call, Secrets

AUDIENCE = "https://vault.azure.net"
_SUFFIX = ".vault.azure.net"
_API_VERSION = re.compile(r"7\.[0-9](-preview(\.\d)?)?|202[5-9]-\d\d-\d\d(-preview(\.\d)?)?")


class KeyVault:
    """The data plane of every vault."""

    name = "key_vault"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._secrets = Secrets(context)
        context.providers.register(VAULT_SECRET, SecretOperations(self._secrets))

    def owns(self, host: str) -> bool:
        """Every host below vault.azure.net, existing or not."""
        return host.endswith(_SUFFIX)

    def handle(self, request: Request) -> Response:
        """The answer to a request; raises ServiceError."""
        vault = self._context.resources.of_host(request.host)
        if vault is None:
            raise errors.host_unknown(request.host)
        if "authorization" not in request.headers:
            raise errors.unauthorized("AKV10000: Request is missing a Bearer or PoP token.")
        try:
            principal = self._context.tokens.verify(request, AUDIENCE)
        except ServiceError as error:
            raise errors.unauthorized(f"Error validating token: {error.message}") from error
        if not self._context.network.permits(vault, request.source_ip, request.host):
            raise errors.forbidden_by_network(principal, request.source_ip, vault)
        version = request.query.get("api-version", "")
        if not _API_VERSION.fullmatch(version):
            raise errors.bad_parameter(f"The specified version ({version}) is not recognized. Consider using 7.4.")
        return self._route(Call(request, vault, principal), request)

    def _route(self, call: Call, request: Request) -> Response:
        steps = [unquote(step) for step in request.path.strip("/").split("/")]
        secrets = self._secrets
        match request.method, steps:
            case "GET", ["secrets"]:
                return secrets.list(call)
            case "GET", ["secrets", name, "versions"]:
                return secrets.versions(call, name)
            case "GET", ["secrets", name, *version] if len(version) <= 1:
                return secrets.get(call, name, "".join(version))
            case "PUT", ["secrets", name]:
                return secrets.set(call, name)
            case "PATCH", ["secrets", name, *version] if len(version) <= 1:
                return secrets.update(call, name, "".join(version))
            case "DELETE", ["secrets", name]:
                return secrets.delete(call, name)
            case "POST", ["secrets", name, "backup"]:
                return secrets.backup(call, name)
            case "POST", ["secrets", "restore"]:
                return secrets.restore(call)
            case _:
                return self._route_deleted(call, request, steps)

    def _route_deleted(self, call: Call, request: Request, steps: list[str]) -> Response:
        match request.method, steps:
            case "GET", ["deletedsecrets"]:
                return self._secrets.list_deleted(call)
            case "GET", ["deletedsecrets", name]:
                return self._secrets.get_deleted(call, name)
            case "POST", ["deletedsecrets", name, "recover"]:
                return self._secrets.recover(call, name)
            case "DELETE", ["deletedsecrets", name]:
                return self._secrets.purge(call, name)
            case "GET", ["certificates", "contacts"]:
                return self._secrets.certificate_contacts(call)
        raise unknown_route(request)


def build(context: ServiceContext) -> Service:
    """The Key Vault service."""
    return KeyVault(context)
