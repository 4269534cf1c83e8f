"""Properties that azure-native 3.29 sends and the installed azure-mgmt models lack: the one table typed by hand.

https://learn.microsoft.com/rest/api/synapse/resourcemanager/workspaces/create-or-update
"""

from __future__ import annotations

NEWER_PROPERTIES: dict[tuple[str, str], dict[tuple[str, ...], str]] = {
    ("azure.mgmt.synapse.models", "Workspace"): {
        ("properties", "azureADOnlyAuthentication"): "bool",
        ("properties", "cspWorkspaceAdminProperties"): "CspWorkspaceAdminProperties",
        ("properties", "trustedServiceBypassEnabled"): "bool",
    },
    ("azure.mgmt.synapse.models", "DataLakeStorageAccountDetails"): {
        ("createManagedPrivateEndpoint",): "bool",
        ("resourceId",): "str",
    },
    **{
        (f"azure.mgmt.{package}.models", "PrivateEndpointConnection"): {("properties", "groupIds"): "[str]"}
        for package in ("storage.v2023_05_01", "keyvault.v2023_07_01", "synapse")
    },
}
"""(models module, model) to wire path and type; the parts that a connection leads to are told with it."""

NEWER_MODELS: dict[str, dict[str, str]] = {
    "CspWorkspaceAdminProperties": {"initialWorkspaceAdminObjectId": "str"},
    "AzureADOnlyAuthentication": {"properties": "AzureADOnlyAuthenticationProperties"},
    "AzureADOnlyAuthenticationProperties": {"azureADOnlyAuthentication": "bool"},
}
"""Models that the installed packages lack: property to type."""
