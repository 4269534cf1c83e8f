"""Who answers for what is inside a resource on management.azure.com: providers register with Resource Manager.

As in Azure: Resource Manager signs the caller in and asks whether it may; what an operation does is the provider's.
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local_azure.http import Request, Response


@dataclass(frozen=True)
class Operation:
    """One operation of a provider on a path below a resource."""

    action: str
    """The control-plane action that the caller needs on the path."""
    api_versions: frozenset[str]
    answer: Callable[[Mapping[str, Any], Request], Response]
    """Gets the resource's document and the request, and may raise ServiceError."""
    query: frozenset[str] = frozenset()
    """Query parameters besides the api-version, in lower case."""


class ResourceProvider(Protocol):
    """Knows the operations below resources of one type."""

    def find(self, method: str, below: str) -> Operation | None:
        """The operation that a method and a path below the resource (`/pipelines/a`) stand for."""


class ResourceProviders:
    """The registered providers by resource type."""

    def __init__(self) -> None:
        self._by_type: dict[str, ResourceProvider] = {}

    def register(self, resource_type: str, provider: ResourceProvider) -> None:
        """Makes a provider answer for everything below the resources of a type."""
        self._by_type[resource_type.lower()] = provider

    def find(self, resource_type: str) -> ResourceProvider | None:
        """The provider of a type, if one is registered."""
        return self._by_type.get(resource_type.lower())
