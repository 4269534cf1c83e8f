"""Query parameters of Resource Manager: read as documented, or refused by name, never passed over."""

from __future__ import annotations

import pytest
from arm_bench import ArmBench
from azure.core.exceptions import HttpResponseError

STORAGE_VERSION = "2023-05-01"


def test_lists_come_in_pages_of_the_size_that_is_asked_for(arm: ArmBench, group: str) -> None:
    names = sorted(arm.new_account(group) for _ in range(3))
    pages = arm.resources.resources.list_by_resource_group(group, top=2).by_page()
    assert [[each.name for each in page] for page in pages] == [names[:2], names[2:]]
    vaults = {arm.new_vault(group), arm.new_vault(group)}
    pages = arm.vaults.vaults.list_by_resource_group(group, top=1).by_page()
    shown = [[each.name for each in page] for page in pages]
    assert [len(page) for page in shown] == [1, 1]
    assert {name for page in shown for name in page} == vaults


@pytest.mark.parametrize("top", ["0", "-1", "many"])
def test_a_page_size_that_is_none_is_refused(arm: ArmBench, group: str, top: str) -> None:
    answer = arm.send("GET", f"{arm.subscription}/resourcegroups?$top={top}", "2021-04-01")
    assert answer.error == (400, "BadRequest")


def test_resources_are_listed_with_the_further_properties_that_are_asked_for(arm: ArmBench, group: str) -> None:
    account = arm.new_account(group)
    (bare,) = arm.resources.resources.list_by_resource_group(group)
    assert (bare.created_time, bare.changed_time, bare.provisioning_state) == (None, None, None)
    arm.storage.storage_accounts.update(group, account, {"tags": {"a": "b"}})
    expand = "createdTime,changedTime,provisioningState"
    (found,) = arm.resources.resources.list_by_resource_group(group, expand=expand)
    assert found.provisioning_state == "Succeeded"
    assert found.created_time < found.changed_time
    with pytest.raises(HttpResponseError, match="managedBy"):
        list(arm.resources.resources.list(expand="managedBy"))


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts?$top=1", STORAGE_VERSION),
        ("/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/x?$expand=y", STORAGE_VERSION),
        (
            "/resourceGroups/{group}/providers/Microsoft.DataFactory/factories/{group}/pipelines/y?refresh=1",
            "2018-06-01",
        ),
        ("/providers?$expand=metadata", "2021-04-01"),
    ],
)
def test_a_parameter_that_is_not_read_is_refused_by_name(arm: ArmBench, group: str, path: str, version: str) -> None:
    arm.send("PUT", arm.factory_path(group, group), "2018-06-01", {"location": "westeurope"})
    answer = arm.send("GET", arm.subscription + path.format(group=group), version)
    assert answer.error == (501, "UnknownParameter")
    assert path.partition("?")[2].partition("=")[0] in answer.body["error"]["message"]


def test_whether_any_resource_is_there_is_asked_by_its_id(arm: ArmBench, group: str) -> None:
    vault = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{arm.new_vault(group)}"
    resources = arm.resources.resources
    assert resources.check_existence_by_id(vault, "2023-07-01") is True
    assert resources.check_existence_by_id(f"{vault}x", "2023-07-01") is False
    assert arm.send("HEAD", f"{vault}/nothing/x", "2023-07-01").status == 501


def test_what_a_client_calls_its_request_is_no_parameter(arm: ArmBench, group: str) -> None:
    path = f"{arm.subscription}/resourceGroups/{group}?client-request-id=1c2d"
    assert arm.send("GET", path, "2021-04-01").status == 200
    assert arm.send("GET", f"{path}&colour=red", "2021-04-01").error == (501, "UnknownParameter")
