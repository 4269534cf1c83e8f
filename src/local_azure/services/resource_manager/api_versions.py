"""Accepted api-versions: those of the installed azure-mgmt clients, of azure-native 3.29, and of newer clients.

Newer clients are az 2.91 and the azure-mgmt packages of 2026. A body of theirs is read by the installed models, so that
a property which only the newer version has is refused by name.
"""

from __future__ import annotations

import pkgutil
from types import ModuleType

import azure.mgmt.authorization
import azure.mgmt.keyvault
import azure.mgmt.resource.resources
import azure.mgmt.resource.subscriptions
import azure.mgmt.storage


def _of_package(package: ModuleType, *others: str) -> frozenset[str]:
    names = (each.name for each in pkgutil.iter_modules(package.__path__) if each.name.startswith("v2"))
    return frozenset(name[1:].replace("_", "-") for name in names) | frozenset(others)


STORAGE = _of_package(azure.mgmt.storage, "2024-01-01", "2025-01-01", "2025-06-01", "2025-08-01", "2026-09-01")
KEY_VAULT = _of_package(azure.mgmt.keyvault, "2024-11-01", "2025-05-01", "2026-02-01", "2026-05-15")
KEY_VAULT_WITH_ROLES_BY_DEFAULT = "2026-02-01"
"""From here on a new vault asks roles, where it does not say what it asks.

https://learn.microsoft.com/azure/key-vault/general/access-control-default
"""
AUTHORIZATION = _of_package(azure.mgmt.authorization, "2022-04-01")
_RESOURCES_OF_OTHERS = ("2015-11-01", "2023-07-01", "2024-03-01", "2025-04-01")
"""Groups, resources, tags and providers for clients that are not in Python, Terraform's provider among them.

https://github.com/Azure/azure-rest-api-specs (specification/resources/resource-manager/Microsoft.Resources)
"""
RESOURCES = _of_package(azure.mgmt.resource.resources, *_RESOURCES_OF_OTHERS) | _of_package(
    azure.mgmt.resource.subscriptions
)
DATA_FACTORY = frozenset({"2018-06-01"})
SYNAPSE = frozenset({"2020-12-01", "2021-03-01", "2021-06-01", "2021-06-01-preview"})
SQL = frozenset({"2021-11-01", "2023-08-01"})
_NETWORK_MONTHS = {
    2019: "02 04 06 07 08 09 11 12",
    2020: "01 03 04 05 06 07 08 11",
    2021: "01 02 03 05 06 08 12",
    2022: "01 05 07 09 11",
    2023: "02 04 05 06 09 11",
    2024: "01 03 05 07 10",
    2025: "01 03 05 07 09",
    2026: "01 03",
}
"""Every stable version of Microsoft.Network since private endpoints, as years with their months: clients ask for any.

https://github.com/Azure/azure-rest-api-specs (specification/network/resource-manager/Microsoft.Network)
"""
NETWORK = frozenset(f"{year}-{month}-01" for year, months in _NETWORK_MONTHS.items() for month in months.split())
PRIVATE_DNS = frozenset({"2018-09-01", "2020-06-01", "2024-06-01"})
