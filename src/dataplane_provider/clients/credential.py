"""The identity that the provider acts as: whatever the environment's credential chain finds."""

from functools import lru_cache

from azure.core.credentials import TokenCredential
from azure.identity import DefaultAzureCredential


@lru_cache(maxsize=1)
def default_credential() -> TokenCredential:
    """The process-wide credential; it caches tokens. https://learn.microsoft.com/python/api/azure-identity"""
    return DefaultAzureCredential()
