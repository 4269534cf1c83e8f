"""What a renamed or forcibly replaced resource had stays: the new one has it before the old one is deleted."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from artifact_documents import documents
from provider_bench import ProviderBench, lines, with_managed_network

from provider_wire.lifecycle import Action, Lifecycle
from provider_wire.verbs import Severity

_Inputs = Callable[[ProviderBench], dict[str, Any]]


def _artifacts(bench: ProviderBench) -> dict[str, Any]:
    return {"endpoint": bench.workspace.endpoint, "documents": documents(), "startedTriggers": ["nightly"]}


def _file_system(bench: ProviderBench) -> dict[str, Any]:
    return {"account": bench.lake.name, "name": "raw", "deleteData": True}


def _directory(bench: ProviderBench) -> dict[str, Any]:
    bench.lake.made_file_system("data", "data-engineer")
    return {"account": bench.lake.name, "fileSystem": "data", "path": "patients", "acl": [], "deleteData": True}


def _secret(bench: ProviderBench) -> dict[str, Any]:
    return {"vaultUri": bench.vault_uri, "name": "pseudonym-key"}


def _role(bench: ProviderBench) -> dict[str, Any]:
    principal = bench.workspace.principal("data-engineer").object_id
    return {"endpoint": bench.workspace.endpoint, "principalId": principal, "roleName": "Synapse User"}


def _private_endpoint(bench: ProviderBench) -> dict[str, Any]:
    with_managed_network(bench)
    bench.assign("Contributor", bench.lake.arm_id)
    target = {"targetId": bench.lake.arm_id, "groupId": "dfs"}
    return {"endpoint": bench.workspace.endpoint, "name": "to-lake", **target}


KINDS: Mapping[str, _Inputs] = {
    "WorkspaceArtifacts": _artifacts,
    "FileSystem": _file_system,
    "Directory": _directory,
    "GeneratedSecret": _secret,
    "SynapseRoleAssignment": _role,
    "ManagedPrivateEndpoint": _private_endpoint,
}


@pytest.mark.parametrize("name", ["renamed", "subject"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_successor_has_taken_over_stays(bench: ProviderBench, kind: str, name: str) -> None:
    life = bench.life(kind, "subject")
    life.up(KINDS[kind](bench))
    bench.wire.calls.clear()
    life.succeed(name)
    assert [line for line in bench.wire.sent() if line.startswith("DELETE")] == []
    assert life.refresh() is Action.SAME
    told = [line for line in lines(life, Severity.INFO) if line.startswith("deleting ")]
    assert told == [f"deleting {life.deployed.id}: what another resource of this run has by now stays"]  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_run_deletes_it(bench: ProviderBench, kind: str) -> None:
    life = bench.life(kind, "subject")
    life.up(KINDS[kind](bench))
    life.succeed("renamed")
    life.destroy()
    assert any(line.startswith("DELETE") for line in bench.wire.sent())


def test_of_many_artifacts_those_that_nobody_has_are_deleted(bench: ProviderBench) -> None:
    everything = bench.life("WorkspaceArtifacts", "everything")
    everything.up(_artifacts(bench))
    services = [key for key in documents() if key.startswith(("linkedService/", "dataset/"))]
    part = bench.life("WorkspaceArtifacts", "part")
    part.start = everything.start = _one_run(everything)
    part.up({"endpoint": bench.workspace.endpoint, "documents": {key: documents()[key] for key in services}})
    everything.destroy()
    assert part.refresh() is Action.SAME
    assert bench.documents("triggers") == {} == bench.documents("pipelines")


def _one_run(life: Lifecycle) -> Callable[[], Any]:
    provider = life.start()
    return lambda: provider
