"""The identity that the provider acts as: whatever the environment's credential chain finds."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Self

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import ClientAuthenticationError

from dataplane_provider.errors import message
from dataplane_provider.masking import masked
from provider_wire.verbs import ProviderError

_HINT = "sign in (az login), or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET"

_LEAST_SECONDS = 300
"""What azure-core's BearerTokenCredentialPolicy leaves of the life of a token."""


@lru_cache(maxsize=1)
def default_credential() -> TokenCredential:
    """The process-wide credential; it caches tokens. https://learn.microsoft.com/python/api/azure-identity"""
    from azure.identity import DefaultAzureCredential  # here, not above: previews sign in nowhere

    return DefaultAzureCredential()


class TellingCredential:
    """A credential whose refusal ends a verb at once: the storage SDK would retry its own exceptions for minutes.

    Callers side by side share one question and its answer, a refusal too; a token is kept until it ends soon.
    """

    def __init__(self, credential: TokenCredential) -> None:
        """Keep the credential that is asked."""
        self._credential = credential
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, ...], Future[AccessToken]] = {}

    def ask_ahead(self, *scopes: str) -> Self:
        """Begins to ask for a token, while the caller prepares the requests that will need it."""
        self._answer(scopes)
        return self

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token for the scopes. Raises ProviderError with a way out."""
        try:
            return self._credential.get_token(*scopes, **options) if options else self._answer(scopes).result()
        except ClientAuthenticationError as error:
            doing = f"signing in for {' '.join(scopes)}"
            raise ProviderError(message(doing, f"no token: {masked(str(error.message))}", hint=_HINT)) from error

    def _answer(self, scopes: tuple[str, ...]) -> Future[AccessToken]:
        with self._lock:
            if scopes not in self._answers or _is_spent(self._answers[scopes]):
                asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="signing-in")
                self._answers[scopes] = asking.submit(self._credential.get_token, *scopes)
                asking.shutdown(wait=False)
            return self._answers[scopes]


def _is_spent(answer: Future[AccessToken]) -> bool:
    """Whether an answer was a refusal, or a token that ends so soon that azure-core wants another."""
    if not answer.done():
        return False
    return answer.exception() is not None or answer.result().expires_on - time.time() < _LEAST_SECONDS
