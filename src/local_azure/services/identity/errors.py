"""Errors of Entra's token endpoint, in its own shape.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import uuid
from datetime import datetime

from local_azure.http import Response


class EntraError(Exception):
    """An AADSTS error; `number` is what clients match, `error` the OAuth word."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(f"AADSTS{number}: {text}")
        self.status = status
        self.error = error
        self.number = number
        self.text = text

    def response(self, now: datetime, correlation_id: str | None) -> Response:
        """The error as JSON, with the trace ids that real answers carry."""
        trace, correlation = str(uuid.uuid4()), correlation_id or str(uuid.uuid4())
        timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
        description = (
            f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
        )
        body = {
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
        return Response.json(self.status, body, {"cache-control": "no-store, no-cache"})


def tenant_not_found(tenant: str) -> EntraError:
    """The directory in the URL is not this one."""
    return EntraError(
        400,
        "invalid_request",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
        "the correct "
        "cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the "
        "tenant.",
    )


def application_not_found(client_id: str, tenant: str) -> EntraError:
    """No application has that client id."""
    return EntraError(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user "
        "in the tenant. "
        "You may have sent your authentication request to the wrong tenant.",
    )


def wrong_secret(client_id: str) -> EntraError:
    """The secret is not the application's."""
    return EntraError(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        "value, not the "
        f"client secret ID, for a secret added to app '{client_id}'.",
    )


def secret_missing() -> EntraError:
    """Client credentials without a secret; assertions are not served here."""
    return EntraError(
        401,
        "invalid_client",
        7000216,
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    )


def resource_not_found(resource: str, tenant: str) -> EntraError:
    """No service has that resource URI."""
    return EntraError(
        400,
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user "
        "in the tenant. "
        "You might have sent your authentication request to the wrong tenant.",
    )


def scope_not_default(scope: str) -> EntraError:
    """Applications ask for everything they were given, with `/.default`."""
    return EntraError(
        400,
        "invalid_scope",
        1002012,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
        "with /.default "
        "suffixed to the resource identifier (application ID URI).",
    )


def grant_not_supported(grant: str) -> EntraError:
    """A grant other than client_credentials: there are no people in the local directory."""
    return EntraError(
        400,
        "unsupported_grant_type",
        70003,
        f"The app requested an unsupported grant type '{grant}'; expected 'client_credentials'.",
    )


def parameter_missing(name: str) -> EntraError:
    """A required form field is absent."""
    return EntraError(
        400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )
