"""Discovery documents, signing keys and the client-credentials grant.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.http import Request, Response
from local_azure.services.identity import errors
from local_azure.services.identity.store import is_known_resource
from local_azure.tokens import KEY_ID

HOST = "login.microsoftonline.com"
_ANY_TENANT = frozenset({"common", "organizations"})
_LIFETIME = timedelta(seconds=3599)


class Identity:
    """Answers for one directory; every method takes the tenant as it stands in the URL."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._tenant_id = context.directory.tenant_id

    def openid_configuration(self, tenant: str, version: str) -> Response:
        """The OpenID discovery document of a tenant; `version` is "" or "/v2.0"."""
        shown = tenant if tenant in _ANY_TENANT else self._known(tenant)
        base = f"https://{HOST}/{shown}"
        issuer_tenant = "{tenantid}" if tenant in _ANY_TENANT else self._tenant_id
        issuer = f"https://{HOST}/{issuer_tenant}/v2.0" if version else f"https://sts.windows.net/{issuer_tenant}/"
        return Response.json(
            200,
            {
                "token_endpoint": f"{base}/oauth2{version}/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "jwks_uri": f"{base}/discovery{version}/keys",
                "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": issuer,
                "authorization_endpoint": f"{base}/oauth2{version}/authorize",
                "device_authorization_endpoint": f"{base}/oauth2{version}/devicecode",
                "end_session_endpoint": f"{base}/oauth2{version}/logout",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
                "cloud_graph_host_name": "graph.windows.net",
                "msgraph_host": "graph.microsoft.com",
                "rbac_url": "https://pas.windows.net",
            },
        )

    def instance_discovery(self) -> Response:
        """Which login hosts belong to the public cloud; clients ask before they trust an authority."""
        aliases = [HOST, "login.windows.net", "login.microsoft.com", "sts.windows.net"]
        metadata = {"preferred_network": HOST, "preferred_cache": "login.windows.net", "aliases": aliases}
        return Response.json(
            200,
            {
                "tenant_discovery_endpoint": f"https://{HOST}/{self._tenant_id}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [metadata],
            },
        )

    def keys(self, tenant: str) -> Response:
        """The public keys that verify tokens, as a JSON Web Key set."""
        if tenant not in _ANY_TENANT:
            self._known(tenant)
        numbers = self._context.tokens.public_key.public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "kid": KEY_ID,
            "x5t": KEY_ID,
            "n": _base64url(numbers.n),
            "e": _base64url(numbers.e),
        }
        return Response.json(200, {"keys": [key]})

    def token(self, tenant: str, request: Request, *, version: str) -> Response:
        """Signs an application in; raises EntraError when tenant, application, secret or resource do not fit."""
        self._known(tenant)
        form = {key: values[-1] for key, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        grant = _required(form, "grant_type")
        if grant != "client_credentials":
            raise errors.grant_not_supported(grant)
        principal = self._sign_in(tenant, form, request)
        resource = _required(form, "resource") if not version else _resource_of_scope(_required(form, "scope"))
        if not is_known_resource(resource):
            raise errors.resource_not_found(resource, tenant)
        seconds = int(_LIFETIME.total_seconds())
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": self._context.tokens.issue(principal, resource, _LIFETIME),
        }
        if not version:
            now = int(self._context.clock.now().timestamp())
            times = {"expires_in": seconds, "ext_expires_in": seconds, "expires_on": now + seconds, "not_before": now}
            answer |= {key: str(value) for key, value in times.items()} | {"resource": resource}
        return Response.json(200, answer, {"cache-control": "no-store, no-cache"})

    def _known(self, tenant: str) -> str:
        if tenant.lower() != self._tenant_id:
            raise errors.tenant_not_found(tenant)
        return self._tenant_id

    def _sign_in(self, tenant: str, form: dict[str, str], request: Request) -> Principal:
        basic = _basic_credentials(request.headers.get("authorization", ""))
        client_id, secret = basic or (_required(form, "client_id"), form.get("client_secret"))
        directory = self._context.directory
        principal = directory.by_client_id(client_id)
        if principal is None or principal.kind != "ServicePrincipal":
            raise errors.application_not_found(client_id, tenant)
        if secret is None:
            raise errors.secret_missing()
        if not hmac.compare_digest(secret.encode(), directory.client_secret(principal.name).encode()):
            raise errors.wrong_secret(client_id)
        return principal


def _required(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise errors.parameter_missing(name)
    return form[name]


def _resource_of_scope(scope: str) -> str:
    wanted = [each for each in scope.split() if each not in ("openid", "profile", "offline_access")]
    if len(wanted) != 1 or not wanted[0].endswith("/.default"):
        raise errors.scope_not_default(scope)
    return wanted[0].removesuffix("/.default")


def _basic_credentials(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(user), unquote_plus(password)


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
