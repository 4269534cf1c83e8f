"""Built-in roles of Azure RBAC with the actions they allow.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_DELEGATION_KEY = "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"


@dataclass(frozen=True)
class RoleDefinition:
    """A role: what it may do on the control plane (`actions`) and inside resources (`data_actions`); `*`: any text."""

    name: str
    id: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str, *, data: bool) -> bool:
        """Whether the role alone allows an action; names compare without regard to case."""
        granted = self.data_actions if data else self.actions
        withheld = self.not_data_actions if data else self.not_actions
        return _matches(granted, action.lower()) and not _matches(withheld, action.lower())


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(_pattern(each).fullmatch(action) for each in patterns)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.lower().split("*")))


OWNER = RoleDefinition("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ("*",))
CONTRIBUTOR = RoleDefinition(
    "Contributor",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    ("*",),
    (
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Compute/galleries/share/action",
        "Microsoft.Purview/consents/write",
        "Microsoft.Purview/consents/delete",
        "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
    ),
)
READER = RoleDefinition("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", ("*/read",))
USER_ACCESS_ADMINISTRATOR = RoleDefinition(
    "User Access Administrator",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
)
RBAC_ADMINISTRATOR = RoleDefinition(
    "Role Based Access Control Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    (
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "*/read",
        "Microsoft.Support/*",
    ),
)
STORAGE_BLOB_DATA_OWNER = RoleDefinition(
    "Storage Blob Data Owner",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    (f"{_CONTAINERS}/*", _DELEGATION_KEY),
    (),
    (f"{_CONTAINERS}/blobs/*",),
)
STORAGE_BLOB_DATA_CONTRIBUTOR = RoleDefinition(
    "Storage Blob Data Contributor",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    (f"{_CONTAINERS}/delete", f"{_CONTAINERS}/read", f"{_CONTAINERS}/write", _DELEGATION_KEY),
    (),
    tuple(f"{_CONTAINERS}/blobs/{each}" for each in ("delete", "read", "write", "move/action", "add/action")),
)
STORAGE_BLOB_DATA_READER = RoleDefinition(
    "Storage Blob Data Reader",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    (f"{_CONTAINERS}/read", _DELEGATION_KEY),
    (),
    (f"{_CONTAINERS}/blobs/read",),
)
STORAGE_BLOB_DELEGATOR = RoleDefinition(
    "Storage Blob Delegator", "db58b8e5-c6ad-4a2a-8342-4190687cbf4a", (_DELEGATION_KEY,)
)
STORAGE_ACCOUNT_CONTRIBUTOR = RoleDefinition(
    "Storage Account Contributor",
    "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    (
        "Microsoft.Authorization/*/read",
        "Microsoft.Insights/alertRules/*",
        "Microsoft.Insights/diagnosticSettings/*",
        "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action",
        "Microsoft.ResourceHealth/availabilityStatuses/read",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Storage/storageAccounts/*",
        "Microsoft.Support/*",
    ),
)
DATA_FACTORY_CONTRIBUTOR = RoleDefinition(
    "Data Factory Contributor",
    "673868aa-7521-48a0-acc6-0f60742d39f5",
    (
        "Microsoft.Authorization/*/read",
        "Microsoft.DataFactory/dataFactories/*",
        "Microsoft.DataFactory/factories/*",
        "Microsoft.Insights/alertRules/*",
        "Microsoft.ResourceHealth/availabilityStatuses/read",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*",
        "Microsoft.EventGrid/eventSubscriptions/write",
    ),
)
_VAULT_READ = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
    "Microsoft.KeyVault/checkNameAvailability/read",
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
    "Microsoft.KeyVault/operations/read",
)
KEY_VAULT_ADMINISTRATOR = RoleDefinition(
    "Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483", _VAULT_READ, (), ("Microsoft.KeyVault/vaults/*",)
)
KEY_VAULT_SECRETS_OFFICER = RoleDefinition(
    "Key Vault Secrets Officer",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    _VAULT_READ,
    (),
    ("Microsoft.KeyVault/vaults/secrets/*",),
)
KEY_VAULT_SECRETS_USER = RoleDefinition(
    "Key Vault Secrets User",
    "4633458b-17de-408a-b874-0445c86b69e6",
    (),
    (),
    ("Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"),
)
KEY_VAULT_READER = RoleDefinition(
    "Key Vault Reader",
    "21090545-7ca7-4776-b22c-e363652d74d2",
    _VAULT_READ,
    (),
    ("Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"),
)
KEY_VAULT_CONTRIBUTOR = RoleDefinition(
    "Key Vault Contributor",
    "f25e0fa2-a7c8-4377-a976-54943a77a395",
    (
        "Microsoft.Authorization/*/read",
        "Microsoft.Insights/alertRules/*",
        "Microsoft.KeyVault/*",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*",
    ),
    (
        "Microsoft.KeyVault/locations/deletedVaults/purge/action",
        "Microsoft.KeyVault/hsmPools/*",
        "Microsoft.KeyVault/managedHsms/*",
    ),
)

ROLE_DEFINITIONS: tuple[RoleDefinition, ...] = (
    OWNER,
    CONTRIBUTOR,
    READER,
    USER_ACCESS_ADMINISTRATOR,
    RBAC_ADMINISTRATOR,
    STORAGE_BLOB_DATA_OWNER,
    STORAGE_BLOB_DATA_CONTRIBUTOR,
    STORAGE_BLOB_DATA_READER,
    STORAGE_BLOB_DELEGATOR,
    STORAGE_ACCOUNT_CONTRIBUTOR,
    DATA_FACTORY_CONTRIBUTOR,
    KEY_VAULT_ADMINISTRATOR,
    KEY_VAULT_SECRETS_OFFICER,
    KEY_VAULT_SECRETS_USER,
    KEY_VAULT_READER,
    KEY_VAULT_CONTRIBUTOR,
)

BY_ID: dict[str, RoleDefinition] = {each.id: each for each in ROLE_DEFINITIONS}
BY_NAME: dict[str, RoleDefinition] = {each.name: each for each in ROLE_DEFINITIONS}
