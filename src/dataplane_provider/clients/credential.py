"""The identity that the provider acts as: whatever the environment's credential chain finds."""

import threading
from functools import lru_cache
from typing import Any

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import ClientAuthenticationError

from dataplane_provider.errors import message
from dataplane_provider.masking import masked
from provider_wire.verbs import ProviderError

_HINT = "sign in (az login), or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET"


@lru_cache(maxsize=1)
def default_credential() -> TokenCredential:
    """The process-wide credential; it caches tokens. https://learn.microsoft.com/python/api/azure-identity"""
    from azure.identity import DefaultAzureCredential  # here, not above: previews sign in nowhere

    return DefaultAzureCredential()


class TellingCredential:
    """A credential whose refusal ends a verb at once: the storage SDK would retry its own exceptions for minutes."""

    def __init__(self, credential: TokenCredential) -> None:
        """Keep the credential that is asked."""
        self._credential = credential
        self._asking = threading.Lock()

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token for the scopes. Raises ProviderError with a way out.

        One thread asks and the others wait for it: the credential keeps the token, but only once it has one.
        """
        try:
            with self._asking:
                return self._credential.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            doing = f"signing in for {' '.join(scopes)}"
            raise ProviderError(message(doing, f"no token: {masked(str(error.message))}", hint=_HINT)) from error
