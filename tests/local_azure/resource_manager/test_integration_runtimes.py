"""Integration runtimes of a workspace, by the official client."""

from __future__ import annotations

import pytest
from arm_bench import ArmBench
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.synapse import models  # type: ignore[import-untyped]


def test_a_runtime_is_made_read_listed_and_deleted(arm: ArmBench, group: str) -> None:
    workspace = arm.new_workspace(group)
    runtimes = arm.synapse.integration_runtimes
    hosted = models.IntegrationRuntimeResource(properties=models.SelfHostedIntegrationRuntime(description="home"))
    made = runtimes.begin_create(group, workspace, "home", hosted).result()
    assert (made.name, made.properties.type) == ("home", "SelfHosted")
    assert [each.name for each in runtimes.list_by_workspace(group, workspace)] == ["home"]
    managed = models.IntegrationRuntimeResource(properties=models.ManagedIntegrationRuntime())
    with pytest.raises(HttpResponseError, match="type"):
        runtimes.begin_create(group, workspace, "home", managed)
    runtimes.begin_delete(group, workspace, "home").result()
    with pytest.raises(ResourceNotFoundError):
        runtimes.get(group, workspace, "home")
