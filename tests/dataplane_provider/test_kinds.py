"""Every kind of artifact through its life: one table, the same rows for each."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from one_of_each_kind import ARTIFACTS, CHANGES, changed, documents, pool_document
from provider_bench import ProviderBench, provider_bench

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.drift.search import find_drift
from dataplane_provider.drift.state import StateResource
from dataplane_provider.resources.artifact_graph import dependencies, reachable
from local_azure.server import LocalAzure
from local_azure.settings import Settings
from provider_wire.lifecycle import Action, Lifecycle, Step, run_table
from synapse_artifacts.normalise import differences


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """One stand-in for all kinds."""
    instance = LocalAzure(tmp_path_factory.mktemp("azure"), Settings(lro_polls=1))
    yield instance
    instance.stop()


@pytest.fixture
def bench(azure: LocalAzure) -> ProviderBench:
    """A fresh workspace with a Spark pool."""
    found = provider_bench(azure)
    azure.resources.put(f"{found.workspace.arm_id}/bigDataPools/pool", pool_document(found.workspace.arm_id))
    return found


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts", "artifacts")


def needs(key: str) -> list[str]:
    """An artifact and everything that its references lead to, in the order of the table."""
    found = reachable(dependencies(documents()), key)
    return [each for each in ARTIFACTS if each in found]


def inputs(bench: ProviderBench, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"endpoint": bench.workspace.endpoint, "documents": wanted, "startedTriggers": []}


def behind_its_back(bench: ProviderBench, key: str, document: Mapping[str, Any] | None) -> Callable[[], None]:
    """Somebody else writes or deletes an artifact, with the calls of its kind."""
    artifact = ArtifactId.parse(key)

    def act() -> None:
        client = bench.synapse_client()
        if document is None:
            client.delete_artifact(artifact)
        else:
            client.put_artifact(artifact, document)

    return act


def test_there_is_an_artifact_of_each_kind_of_a_workspace(bench: ProviderBench) -> None:
    assert {ArtifactId.parse(key).kind for key in ARTIFACTS} == bench.synapse_client().collections.keys()
    assert CHANGES.keys() == ARTIFACTS.keys()


@pytest.mark.parametrize("key", ARTIFACTS)
def test_an_artifact_lives_as_the_table_says(bench: ProviderBench, life: Lifecycle, key: str) -> None:
    own = {each: documents()[each] for each in needs(key)}
    other = {**own, key: changed(key)}
    path = frozenset({f'documents["{key}"]{CHANGES[key][2]}'})
    gone = Action.DRIFT if len(own) > 1 else Action.DELETE
    run_table(
        life,
        [
            Step("create", inputs(bench, own), Action.CREATE),
            Step("no change", inputs(bench, own), Action.SAME),
            Step("update", inputs(bench, other), Action.UPDATE, path),
            Step("changed outside", None, Action.DRIFT, outside=behind_its_back(bench, key, own[key])),
            Step("changed back", inputs(bench, other), Action.UPDATE, path),
            Step("gone outside", None, gone, outside=behind_its_back(bench, key, None)),
        ],
    )
    life.up(inputs(bench, own))
    life.destroy()
    assert bench.synapse_client().get_artifact(ArtifactId.parse(key)) is None


@pytest.mark.parametrize("key", ARTIFACTS)
def test_an_artifact_is_imported_as_it_was_written(bench: ProviderBench, life: Lifecycle, key: str) -> None:
    own = {each: documents()[each] for each in needs(key)}
    life.up(inputs(bench, own))
    taken = bench.life("WorkspaceArtifacts", "taken")
    assert taken.adopt(f"{bench.workspace.endpoint}#{','.join(own)}")
    assert taken.preview(inputs(bench, own)) == (Action.SAME, {})
    assert taken.refresh() is Action.SAME


@pytest.mark.parametrize("key", ARTIFACTS)
def test_drift_of_an_artifact_is_found_without_the_engine(bench: ProviderBench, life: Lifecycle, key: str) -> None:
    own = {each: documents()[each] for each in needs(key)}
    life.up(inputs(bench, own))
    assert life.deployed
    state = StateResource(life.token, life.deployed.id, life.deployed.state)
    kind, _, name = key.partition("/")
    other = json.loads(json.dumps(documents()[key]).replace(f'"{name}"', f'"{name}2"'))  # a database says it inside too

    def drift() -> list[str]:
        with ThreadPoolExecutor(4) as pool:
            return [" ".join(str(each).split()) for each in find_drift([state], bench.connections(), pool)]

    assert drift() == []
    behind_its_back(bench, key, changed(key))()
    assert drift() == [f"changed {key}{CHANGES[key][2]}"]
    behind_its_back(bench, key, documents()[key])()
    behind_its_back(bench, f"{kind}/{name}2", other)()
    assert drift() == [f"unmanaged {kind}/{name}2"]
    behind_its_back(bench, f"{kind}/{name}2", None)()
    behind_its_back(bench, key, None)()
    assert drift() == [f"deleted {key}"]


def test_everything_is_published_in_the_order_of_its_references(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, documents()))
    names = [line.split(" ")[1].split("/")[2] for line in bench.wire.sent("PUT")]
    order = {name: index for index, name in enumerate(names)}
    for before, after in (
        ("identity", "lake"),
        ("lake", "files"),
        ("files", "clean"),
        ("trimmed", "clean"),
        ("small", "explore"),
        ("explore", "load"),
        ("count", "load"),
        ("load", "arrival"),
    ):
        assert order[before] < order[after]
    life.destroy()
    client = bench.synapse_client()
    assert [kind for kind in client.collections if client.list_artifacts(kind)] == []


def test_what_every_workspace_has_is_rewritten_and_never_deleted(bench: ProviderBench) -> None:
    name = f"{bench.workspace.name}-WorkspaceDefaultStorage"
    url = {"url": "https://first.dfs.core.windows.net"}
    bench.outside("PUT", f"/linkedservices/{name}", {"type": "AzureBlobFS", "typeProperties": url})()
    bench.outside("PUT", "/credentials/WorkspaceSystemIdentity", {"type": "ManagedIdentity"})()
    key = f"linkedService/{name}"
    wanted = {
        key: {
            "name": name,
            "properties": {
                "type": "AzureBlobFS",
                "typeProperties": {"url": "https://second.dfs.core.windows.net"},
                "annotations": [],
            },
        }
    }
    life = bench.life("WorkspaceArtifacts", "artifacts")
    run_table(
        life,
        [
            Step("declared, it is rewritten", inputs(bench, wanted), Action.CREATE),
            Step("declared no more", inputs(bench, {}), Action.UPDATE, frozenset({f'documents["{key}"]'})),
        ],
    )
    live = bench.synapse_client().get_artifact(ArtifactId.parse(key))
    assert live is not None
    assert differences("linkedService", live, wanted[key]) == []
    life.up(inputs(bench, wanted))
    life.destroy()
    assert bench.synapse_client().get_artifact(ArtifactId.parse(key)) is not None
    whole = bench.life("WorkspaceArtifacts", "whole")
    assert not whole.adopt(bench.workspace.endpoint)


def test_lake_databases_that_spark_made_are_not_looked_at(bench: ProviderBench) -> None:
    body = {"name": "default", "type": "DATABASE", "properties": {"Origin": {"Type": "SPARK"}}}
    assert bench.workspace.call("PUT", "/databases/default?api-version=2021-04-01", body).status == 200
    assert bench.synapse_client().list_artifacts(ArtifactKind.DATABASE) == {}


def test_a_table_that_is_no_longer_in_a_database_is_dropped(bench: ProviderBench, life: Lifecycle) -> None:
    key = "database/patients"
    own = {key: documents()[key]}
    life.up(inputs(bench, own))
    fewer = {key: documents()[key]}
    fewer[key]["properties"]["Ddls"] = fewer[key]["properties"]["Ddls"][:2]
    paths = {f'documents["{key}"].properties.Ddls["{each}"]' for each in ("TABLE people", "RELATIONSHIP visits_people")}
    run_table(life, [Step("fewer tables", inputs(bench, fewer), Action.UPDATE, frozenset(paths))])
