"""Routes of login.microsoftonline.com."""

from __future__ import annotations

from local_azure.context import ServiceContext
from local_azure.dispatch import Service, unknown_route
from local_azure.http import Request, Response
from local_azure.services.identity.errors import EntraError
from local_azure.services.identity.handlers import HOST, Identity


class IdentityService:
    """Entra, as far as applications with a secret need it."""

    name = "identity"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._identity = Identity(context)

    def owns(self, host: str) -> bool:
        """Only login.microsoftonline.com."""
        return host == HOST

    def handle(self, request: Request) -> Response:
        """The answer to a request; Entra's errors in their own shape, an unknown route as 501."""
        try:
            return self._route(request)
        except EntraError as error:
            return error.response(self._context.clock.now(), request.headers.get("client-request-id"))

    def _route(self, request: Request) -> Response:
        tenant, _, rest = request.path.removeprefix("/").partition("/")
        match request.method, rest:
            case "GET", "discovery/instance" if tenant == "common":
                return self._identity.instance_discovery()
            case "GET", "v2.0/.well-known/openid-configuration":
                return self._identity.openid_configuration(tenant, "/v2.0")
            case "GET", ".well-known/openid-configuration":
                return self._identity.openid_configuration(tenant, "")
            case "GET", "discovery/v2.0/keys" | "discovery/keys":
                return self._identity.keys(tenant)
            case "POST", "oauth2/v2.0/token":
                return self._identity.token(tenant, request, version="/v2.0")
            case "POST", "oauth2/token":
                return self._identity.token(tenant, request, version="")
        raise unknown_route(request)


def build(context: ServiceContext) -> Service:
    """The identity service."""
    return IdentityService(context)
