"""The preflight against a data lake that is not there, lets this machine in, and refuses it."""

from collections.abc import Iterator

import pytest
from program_bench import settings_of
from running_azure import AzureBench, running_azure

from infra.naming import Names
from infra.preflight import REFUSED, NoAddress, endpoints, reach, unreachable

SETTINGS = settings_of()
NAMES = Names.of(SETTINGS)
GROUP = f"https://management.azure.com/subscriptions/{SETTINGS.subscription_id}/resourceGroups/{NAMES.resource_group}"


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureBench]:
    with running_azure() as bench:
        yield bench


def test_reaching_the_data_lake_tells_absence_admission_and_refusal_apart(azure: AzureBench) -> None:
    lake = endpoints(NAMES)[2]
    with azure.acting_as("deployer"):
        assert unreachable(SETTINGS, NAMES) == ()
        with pytest.raises(NoAddress):
            reach(lake)
        make_account(azure)
        assert reach(lake) == ""
    with azure.acting_as("deployer", source_ip="198.51.100.7"):
        assert reach(lake) == REFUSED
        assert [each.partition(" ")[2].partition(" ")[0] for each in unreachable(SETTINGS, NAMES)] == [lake.host]


def make_account(azure: AzureBench) -> None:
    with azure.acting_as("deployer"):
        token = azure.credential("deployer").get_token("https://management.azure.com/.default").token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    azure.call("PUT", f"{GROUP}?api-version=2024-03-01", {"location": "westeurope"}, headers)
    rules = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}
    account = {
        "location": "westeurope",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {"isHnsEnabled": True, "networkAcls": rules},
    }
    url = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{NAMES.storage_account}?api-version=2024-01-01"
    azure.call("PUT", url, account, headers)
