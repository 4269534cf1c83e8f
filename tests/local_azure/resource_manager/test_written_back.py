"""What was read can be written back, as `az resource tag` and `az resource update` do: read-only properties pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from arm_bench import ArmBench

from local_azure.role_definitions import READER

Made = Callable[[ArmBench, str], tuple[str, str]]
"""Makes a resource in a group; its path and an api-version of its type."""


def _account(arm: ArmBench, group: str) -> tuple[str, str]:
    return f"Microsoft.Storage/storageAccounts/{arm.new_account(group)}", "2024-01-01"


def _vault(arm: ArmBench, group: str) -> tuple[str, str]:
    return f"Microsoft.KeyVault/vaults/{arm.new_vault(group)}", "2023-07-01"


def _workspace(arm: ArmBench, group: str) -> tuple[str, str]:
    return f"Microsoft.Synapse/workspaces/{arm.new_workspace(group)}", "2021-06-01"


def _factory(arm: ArmBench, group: str) -> tuple[str, str]:
    return f"Microsoft.DataFactory/factories/{arm.new_factory(group)}", "2018-06-01"


def _role_assignment(arm: ArmBench, group: str) -> tuple[str, str]:
    name = arm.give(f"{arm.subscription}/resourceGroups/{group}", READER.id, "auditor")
    return f"Microsoft.Authorization/roleAssignments/{name}", "2022-04-01"


def _endpoint(arm: ArmBench, group: str) -> tuple[str, str]:
    account, _ = _account(arm, group)
    target = f"{arm.subscription}/resourceGroups/{group}/providers/{account}"
    arm.new_private_endpoint(group, f"{arm.new_network(group)}/subnets/endpoints", target, "dfs")
    return "Microsoft.Network/privateEndpoints/endpoint", "2024-05-01"


def _connection(arm: ArmBench, group: str) -> tuple[str, str]:
    _endpoint(arm, group)
    [account] = arm.storage.storage_accounts.list_by_resource_group(group)
    [connection] = arm.storage.private_endpoint_connections.list(group, account.name)
    assert connection.private_link_service_connection_state.action_required == "None"
    return str(connection.id).partition("/providers/")[2], "2024-01-01"


@pytest.mark.parametrize("made", [_account, _vault, _workspace, _factory, _role_assignment, _endpoint, _connection])
def test_a_resource_is_written_back_as_it_was_read(arm: ArmBench, group: str, made: Made) -> None:
    path, version = made(arm, group)
    path = f"{arm.subscription}/resourceGroups/{group}/providers/{path}"
    told = arm.send("GET", path, version).body
    written = arm.send("PUT", path, version, told)
    assert written.status == 200, written.body
    again = arm.send("GET", path, version).body
    changing = ("etag", "eTag", "systemData")
    assert {k: v for k, v in again.items() if k not in changing} == {k: v for k, v in told.items() if k not in changing}


def test_a_read_only_property_cannot_be_changed_by_it_and_an_unknown_one_is_refused(arm: ArmBench, group: str) -> None:
    path, version = _account(arm, group)
    path = f"{arm.subscription}/resourceGroups/{group}/providers/{path}"
    told = arm.send("GET", path, version).body
    given = told | {"tags": {"a": "b"}, "properties": told["properties"] | {"creationTime": "1999-01-01T00:00:00Z"}}
    assert arm.send("PUT", path, version, given).status == 200
    again = arm.send("GET", path, version).body
    assert (again["tags"], again["properties"]["creationTime"]) == ({"a": "b"}, told["properties"]["creationTime"])
    unknown = arm.send("PUT", path, version, told | {"colour": "red"})
    assert unknown.error == (400, "InvalidRequestContent")
