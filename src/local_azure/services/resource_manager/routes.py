"""All routes of management.azure.com."""

from __future__ import annotations

from local_azure.context import ServiceContext
from local_azure.dispatch import Service
from local_azure.http import Request, Response
from local_azure.services.resource_manager.handlers import HOST, Route, RouteTable
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types import (
    blob_containers,
    blob_services,
    factories,
    file_services,
    integration_runtimes,
    private_dns_zones,
    private_endpoint_connections,
    private_endpoints,
    private_link_resources,
    resource_groups,
    role_assignments,
    scope_tags,
    sql_servers,
    storage_accounts,
    storage_signatures,
    subscriptions,
    vault_children,
    vaults,
    virtual_networks,
    workspace_children,
    workspace_pools,
    workspaces,
)


class ResourceManager:
    """Azure Resource Manager with the resource providers that are served."""

    name = "resource_manager"

    def __init__(self, context: ServiceContext) -> None:
        store = ArmStore(context)
        self.routes: list[Route] = [
            *storage_accounts.routes(store),
            *storage_signatures.routes(store),
            *blob_services.routes(store),
            *blob_containers.routes(store),
            *file_services.routes(store),
            *vaults.routes(store),
            *vault_children.routes(store),
            *sql_servers.routes(store),
            *private_endpoint_connections.routes(store),
            *private_link_resources.routes(store),
            *virtual_networks.routes(store),
            *private_dns_zones.routes(store),
            *private_endpoints.routes(store),
            *workspaces.routes(store),
            *workspace_children.routes(store),
            *workspace_pools.routes(store),
            *integration_runtimes.routes(store),
            *factories.routes(store),
            *role_assignments.routes(store),
            *scope_tags.routes(store),
            *resource_groups.routes(store),
            *subscriptions.routes(store),
            *factories.routes_inside(),
        ]
        self._table = RouteTable(self.routes, store)

    def owns(self, host: str) -> bool:
        """Only management.azure.com."""
        return host == HOST

    def handle(self, request: Request) -> Response:
        """The answer to a request; raises ServiceError."""
        return self._table.handle(request)


def build(context: ServiceContext) -> Service:
    """The resource-manager service."""
    return ResourceManager(context)
