"""Integration runtimes of a workspace and of a factory, by the official clients."""

from __future__ import annotations

import pytest
from arm_bench import ArmBench
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.datafactory import models as factory_models
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


def test_a_runtime_of_a_factory_is_made_read_listed_referred_to_and_deleted(arm: ArmBench, group: str) -> None:
    factory = arm.new_factory(group)
    runtimes = arm.factories.integration_runtimes
    hosted = factory_models.IntegrationRuntimeResource(properties=factory_models.SelfHostedIntegrationRuntime())
    made = runtimes.create_or_update(group, factory, "home", hosted)
    assert (made.name, made.type) == ("home", "Microsoft.DataFactory/factories/integrationRuntimes")
    assert [each.name for each in runtimes.list_by_factory(group, factory)] == ["home"]
    via = factory_models.IntegrationRuntimeReference(type="IntegrationRuntimeReference", reference_name="home")
    resource = factory_models.LinkedServiceResource(properties=factory_models.AzureBlobFSLinkedService(connect_via=via))
    arm.factories.linked_services.create_or_update(group, factory, "lake", resource)
    managed = factory_models.IntegrationRuntimeResource(properties=factory_models.ManagedIntegrationRuntime())
    with pytest.raises(HttpResponseError, match="type"):
        runtimes.create_or_update(group, factory, "home", managed)
    runtimes.delete(group, factory, "home")
    with pytest.raises(ResourceNotFoundError):
        runtimes.get(group, factory, "home")
