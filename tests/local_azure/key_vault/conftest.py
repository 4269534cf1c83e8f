"""Key Vault through azure-keyvault-secrets, with its challenge check on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from arm_bench import ArmBench, ImpatientTransport
from azure.keyvault.secrets import SecretClient
from running_azure import AzureBench

from local_azure.role_definitions import KEY_VAULT_ADMINISTRATOR

Clients = Callable[[str, str], SecretClient]
"""(identity, vault) to a client."""


@pytest.fixture(autouse=True)
def _environment(shared_azure: AzureBench) -> Iterator[None]:
    with shared_azure.acting_as("deployer"):
        yield


@pytest.fixture(scope="session")
def arm(shared_azure: AzureBench) -> ArmBench:
    """Resource Manager as the deployer."""
    return ArmBench(shared_azure)


@pytest.fixture
def group(arm: ArmBench) -> str:
    """A fresh resource group."""
    return arm.new_group()


@pytest.fixture
def vault(arm: ArmBench, group: str) -> str:
    """A fresh vault whose secrets data-engineer may do anything with."""
    name = arm.new_vault(group)
    scope = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}"
    arm.give(scope, KEY_VAULT_ADMINISTRATOR.id, "data-engineer")
    return name


@pytest.fixture
def clients(shared_azure: AzureBench) -> Clients:
    """Makes a client of an identity for a vault."""

    def make(identity: str, vault: str) -> SecretClient:
        return SecretClient(
            f"https://{vault}.vault.azure.net", shared_azure.credential(identity), transport=ImpatientTransport()
        )

    return make
