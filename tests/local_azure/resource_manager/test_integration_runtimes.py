"""Integration runtimes of a workspace and of a factory, by the official clients."""

from __future__ import annotations

from typing import Any

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


def test_a_runtime_has_the_properties_of_its_kind(arm: ArmBench, group: str) -> None:
    factory = arm.new_factory(group)
    flows = factory_models.IntegrationRuntimeDataFlowProperties(compute_type="General", core_count=8, time_to_live=10)
    compute = factory_models.IntegrationRuntimeComputeProperties(location="AutoResolve", data_flow_properties=flows)
    managed = factory_models.ManagedIntegrationRuntime(compute_properties=compute)
    resource = factory_models.IntegrationRuntimeResource(properties=managed)
    made = arm.factories.integration_runtimes.create_or_update(group, factory, "flows", resource)
    assert isinstance(made.properties, factory_models.ManagedIntegrationRuntime)
    assert made.properties.compute_properties == compute
    workspace = arm.new_workspace(group)
    compute = models.IntegrationRuntimeComputeProperties(location="westeurope")
    managed = models.ManagedIntegrationRuntime(compute_properties=compute)
    resource = models.IntegrationRuntimeResource(properties=managed)
    made = arm.synapse.integration_runtimes.begin_create(group, workspace, "flows", resource).result()
    assert made.properties.compute_properties.location == "westeurope"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"type": "Rented"}, "'Rented' is not one of the known values: Managed, SelfHosted"),
        (
            {"type": "SelfHosted", "typeProperties": {"computeProperties": {}}},
            "Could not find member 'computeProperties'",
        ),
        ({"type": "Managed", "typeProperties": {"computeProperties": {"numberOfNodes": "2"}}}, "expected int"),
    ],
)
def test_what_a_runtime_of_its_kind_has_not_is_refused(
    arm: ArmBench, group: str, properties: Any, message: str
) -> None:
    path = f"{arm.factory_path(group, arm.new_factory(group))}/integrationRuntimes/flows"
    refused = arm.send("PUT", path, "2018-06-01", {"properties": properties})
    assert refused.error == (400, "InvalidRequestContent")
    assert message in refused.body["error"]["message"]


def test_an_etag_guards_a_runtime_and_saves_reads(arm: ArmBench, group: str) -> None:
    factory = arm.new_factory(group)
    runtimes = arm.factories.integration_runtimes
    hosted = factory_models.IntegrationRuntimeResource(properties=factory_models.SelfHostedIntegrationRuntime())
    made = runtimes.create_or_update(group, factory, "home", hosted)
    assert runtimes.get(group, factory, "home", if_none_match=made.etag) is None
    again = runtimes.create_or_update(group, factory, "home", hosted, if_match=made.etag)
    assert again.etag != made.etag
    with pytest.raises(HttpResponseError) as refused:
        runtimes.create_or_update(group, factory, "home", hosted, if_match=made.etag)
    assert refused.value.status_code == 412
    with pytest.raises(HttpResponseError) as refused:
        runtimes.create_or_update(group, factory, "other", hosted, if_match="*")
    assert refused.value.status_code == 412


def test_a_runtime_tells_its_state_and_the_keys_by_which_machines_join(arm: ArmBench, group: str) -> None:
    workspace = arm.new_workspace(group)
    for name, kind in (("home", models.SelfHostedIntegrationRuntime()), ("cloud", models.ManagedIntegrationRuntime())):
        arm.synapse.integration_runtimes.begin_create(
            group, workspace, name, models.IntegrationRuntimeResource(properties=kind)
        ).result()
    states = {
        name: arm.synapse.integration_runtime_status.get(group, workspace, name).properties
        for name in ("home", "cloud")
    }
    assert {name: each.state for name, each in states.items()} == {"home": "NeedRegistration", "cloud": "Online"}
    assert states["home"].data_factory_name == workspace
    keys = arm.synapse.integration_runtime_auth_keys
    before = keys.list(group, workspace, "home")
    assert before.auth_key1.startswith("IR@") and before.auth_key1 != before.auth_key2
    renewed = keys.regenerate(group, workspace, "home", {"keyName": "authKey2"})
    after = keys.list(group, workspace, "home")
    assert (after.auth_key1, after.auth_key2) == (before.auth_key1, renewed.auth_key2) != (None, before.auth_key2)
    assert arm.synapse.integration_runtime_monitoring_data.list(group, workspace, "home").nodes == []
    with pytest.raises(HttpResponseError, match="only SelfHosted has keys"):
        keys.list(group, workspace, "cloud")
    with pytest.raises(HttpResponseError, match="authKey3"):
        keys.regenerate(group, workspace, "home", {"keyName": "authKey3"})


def test_a_runtime_of_a_factory_tells_its_state_and_keys(arm: ArmBench, group: str) -> None:
    factory = arm.new_factory(group)
    runtimes = arm.factories.integration_runtimes
    hosted = factory_models.IntegrationRuntimeResource(properties=factory_models.SelfHostedIntegrationRuntime())
    runtimes.create_or_update(group, factory, "home", hosted)
    assert runtimes.get_status(group, factory, "home").properties.state == "NeedRegistration"
    assert f"@{factory}@" in str(runtimes.list_auth_keys(group, factory, "home").auth_key1)
    runtimes.delete(group, factory, "home")
    with pytest.raises(ResourceNotFoundError):
        runtimes.get_status(group, factory, "home")
