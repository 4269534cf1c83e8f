"""What applications may ask a token for: the resource URIs of the services that are served here."""

from __future__ import annotations

import re

_RESOURCES = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://storage.azure.com",
        "https://vault.azure.net",
        "https://dev.azuresynapse.net",
        "https://database.windows.net",
        "https://graph.microsoft.com",
    }
)
_ACCOUNT = re.compile(r"https://[a-z0-9]{3,24}\.(blob|dfs)\.core\.windows\.net")


def is_known_resource(resource: str) -> bool:
    """Whether a resource URI, with or without a final slash, names a service of the stand-in."""
    text = resource.removesuffix("/").lower()
    return text in _RESOURCES or _ACCOUNT.fullmatch(text) is not None
