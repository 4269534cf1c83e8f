"""Accepted api-versions: those of the installed azure-mgmt clients, and those that azure-native 3.29 sends."""

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


STORAGE = _of_package(azure.mgmt.storage, "2024-01-01")
KEY_VAULT = _of_package(azure.mgmt.keyvault, "2024-11-01")
AUTHORIZATION = _of_package(azure.mgmt.authorization, "2022-04-01")
RESOURCES = _of_package(azure.mgmt.resource.resources, "2024-03-01") | _of_package(azure.mgmt.resource.subscriptions)
DATA_FACTORY = frozenset({"2018-06-01"})
SYNAPSE = frozenset({"2020-12-01", "2021-03-01", "2021-06-01", "2021-06-01-preview"})
SQL = frozenset({"2021-11-01", "2023-08-01"})
