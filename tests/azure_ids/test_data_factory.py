"""Ids of factories, and what can hold artifacts."""

import pytest

from azure_ids.arm import ArmId
from azure_ids.data_factory import FactoryId, FactoryIdError, artifact_host, collections_of
from azure_ids.synapse import ArtifactKind, SynapseIdError, WorkspaceEndpoint

FACTORY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/f"


@pytest.mark.parametrize("text", [FACTORY, f"{FACTORY}/", FACTORY.replace("Microsoft", "microsoft")])
def test_an_id_of_a_factory_is_a_host(text: str) -> None:
    host = artifact_host(text)
    assert isinstance(host, FactoryId)
    assert (host.name, str(host)) == ("f", text.removesuffix("/"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/subscriptions/s/resourceGroups/g",
        f"{FACTORY}/pipelines/p",
        FACTORY.replace("/resourceGroups/g", ""),
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Synapse/workspaces/w",
    ],
)
def test_anything_else_is_no_factory(text: str) -> None:
    with pytest.raises(FactoryIdError, match=r"expected /subscriptions/<id>/resourceGroups/<name>/providers/Micro"):
        FactoryId.parse(text)


def test_an_endpoint_is_a_host_too() -> None:
    assert artifact_host("https://ws.dev.azuresynapse.net/") == WorkspaceEndpoint("ws")
    with pytest.raises(SynapseIdError):
        artifact_host("https://management.azure.com")


def test_each_host_has_its_kinds() -> None:
    factory, workspace = collections_of(FactoryId(ArmId.parse(FACTORY))), collections_of(WorkspaceEndpoint("ws"))
    assert ArtifactKind.GLOBAL_PARAMETERS in factory and ArtifactKind.NOTEBOOK not in factory
    assert ArtifactKind.GLOBAL_PARAMETERS not in workspace and ArtifactKind.NOTEBOOK in workspace
    assert factory.keys() | workspace.keys() == set(ArtifactKind)
