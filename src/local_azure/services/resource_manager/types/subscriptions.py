"""Tenants, the subscription, its locations and resource providers: read only.

https://learn.microsoft.com/rest/api/resources/subscriptions
"""

from __future__ import annotations

from typing import Any

from local_azure.http import Response, ServiceError
from local_azure.services.resource_manager import api_versions
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import LOCATIONS, ArmStore

_NAMESPACES: dict[str, tuple[str, ...]] = {
    "Microsoft.Authorization": ("roleAssignments", "roleDefinitions", "permissions"),
    "Microsoft.DataFactory": ("factories", "factories/integrationRuntimes"),
    "Microsoft.KeyVault": ("vaults", "vaults/secrets", "vaults/accessPolicies", "deletedVaults"),
    "Microsoft.Resources": ("resourceGroups", "subscriptions"),
    "Microsoft.Sql": ("servers",),
    "Microsoft.Storage": ("storageAccounts", "storageAccounts/blobServices"),
    "Microsoft.Synapse": ("workspaces", "workspaces/firewallRules", "workspaces/administrators"),
}
_VERSIONS: dict[str, frozenset[str]] = {
    "Microsoft.Authorization": api_versions.AUTHORIZATION,
    "Microsoft.DataFactory": api_versions.DATA_FACTORY,
    "Microsoft.KeyVault": api_versions.KEY_VAULT,
    "Microsoft.Resources": api_versions.RESOURCES,
    "Microsoft.Sql": api_versions.SQL,
    "Microsoft.Storage": api_versions.STORAGE,
    "Microsoft.Synapse": api_versions.SYNAPSE,
}
_EXTENDED = frozenset({"includeextendedlocations"})
"""Whether locations at the edge of the network are told, too; there are none."""
_READ = "Microsoft.Resources/subscriptions/read"
_SUBSCRIPTION = "/subscriptions/{subscription}"


def routes(store: ArmStore) -> list[Route]:
    """SubscriptionsOperations, TenantsOperations, ProvidersOperations."""
    return [
        Route("GET", "/tenants", _tenants),
        Route("GET", "/subscriptions", _list),
        Route("GET", _SUBSCRIPTION, _get, _READ),
        Route("GET", f"{_SUBSCRIPTION}/locations", _locations, _READ, _SUBSCRIPTION, query=_EXTENDED),
        Route("GET", f"{_SUBSCRIPTION}/providers", _providers, _READ, _SUBSCRIPTION),
        Route("GET", f"{_SUBSCRIPTION}/providers/{{namespace}}", _provider, _READ, _SUBSCRIPTION),
        Route(
            "POST",
            f"{_SUBSCRIPTION}/providers/{{namespace}}/register",
            _provider,
            "Microsoft.Resources/subscriptions/providers/register/action",
            _SUBSCRIPTION,
        ),
    ]


def _tenants(call: Call) -> Response:
    tenant = call.store.context.directory.tenant_id
    return listing([{"id": f"/tenants/{tenant}", "tenantId": tenant, "displayName": "local Azure"}])


def _document(call: Call) -> dict[str, Any]:
    directory = call.store.context.directory
    return {
        "id": f"/subscriptions/{directory.subscription_id}",
        "subscriptionId": directory.subscription_id,
        "tenantId": directory.tenant_id,
        "displayName": "local Azure",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "spendingLimit": "Off"},
    }


def _list(call: Call) -> Response:
    """Only subscriptions in which the caller has a role, on the subscription itself or anything below it."""
    context, scope = call.store.context, f"/subscriptions/{call.store.context.directory.subscription_id}"
    holders = {call.principal.object_id, *context.directory.groups_of(call.principal.object_id)}
    has_role = any(each.principal_id in holders for each in context.role_assignments.list(scope))
    return listing([_document(call)] if has_role else [])


def _get(call: Call) -> Response:
    return Response.json(200, _document(call))


def _locations(call: Call) -> Response:
    base = f"/subscriptions/{call.names['subscription']}/locations"
    return listing([{"id": f"{base}/{name}", "name": name, "displayName": shown} for name, shown in LOCATIONS.items()])


def _provider_document(call: Call, namespace: str) -> dict[str, Any]:
    types = [
        {
            "resourceType": each,
            "locations": list(LOCATIONS.values()),
            "apiVersions": sorted(_VERSIONS[namespace], reverse=True),
        }
        for each in _NAMESPACES[namespace]
    ]
    return {
        "id": f"/subscriptions/{call.names['subscription']}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
    }


def _providers(call: Call) -> Response:
    return listing([_provider_document(call, namespace) for namespace in _NAMESPACES])


def _provider(call: Call) -> Response:
    wanted = call.names["namespace"]
    namespace = next((each for each in _NAMESPACES if each.lower() == wanted.lower()), None)
    if namespace is None:
        raise ServiceError(
            501, "InvalidResourceNamespace", f"The resource namespace '{wanted}' is not served by the local stand-in."
        )
    return Response.json(200, _provider_document(call, namespace))
