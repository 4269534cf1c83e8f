"""The names of properties whose values are secrets: the one list of the checks and of what hides secrets in texts.

It holds every property that the models of Azure's specification declare as a secret (`SecretBase`), and the names of
connection strings, headers and sign-ins beside them. A consumer key is none: it says who signs in, not that it may.
"""

from __future__ import annotations

_NAMES = (
    "access key",
    "access token",
    "access token secret",
    "account key",
    "api key",
    "api token",
    "catalog admin password",
    "client key",
    "client secret",
    "cluster password",
    "cluster ssh password",
    "consumer secret",
    "developer token",
    "encrypted credential",
    "function key",
    "key file content",
    "license key",
    "mws auth token",
    "package password",
    "pass phrase",
    "passwd",
    "password",
    "pfx",
    "private key",
    "private key content",
    "private key passphrase",
    "proxy password",
    "pwd",
    "refresh token",
    "sas token",
    "secret",
    "secret access key",
    "secret key",
    "security token",
    "service principal credential",
    "service principal embedded cert",
    "service principal embedded cert password",
    "service principal key",
    "session token",
    "shared access key",
    "shared access signature",
    "user token",
)
GENERAL = frozenset({"credential", "key"})
"""Names that are secrets in linked services alone; elsewhere they name all sorts of things."""

SECRET_KEYS = frozenset(name.replace(" ", "") for name in _NAMES) | GENERAL
"""Names of properties of linked services, in lower case, whose values are secrets."""

SECRET_HEADERS = frozenset(
    [
        "api-key",
        "authorization",
        "cookie",
        "ocp-apim-subscription-key",
        "proxy-authorization",
        "x-api-key",
        "x-functions-key",
    ]
)
"""Names of headers of requests, in lower case, whose values sign in."""

SECRET_NAME_PATTERN = "|".join(
    sorted({name.replace(" ", "[_-]?") for name in _NAMES} | SECRET_HEADERS, key=len, reverse=True)
)
"""A regular expression for such a name in a text of any kind: JSON, settings, code. Case does not matter."""
