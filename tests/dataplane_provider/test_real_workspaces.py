"""Real workspaces, as their owners published them, published to local Azure through the provider: nothing changes."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from provider_bench import ProviderBench, provider_bench

from azure_ids.synapse import ArtifactId, SynapseIdError
from local_azure.http import ServiceError
from local_azure.server import LocalAzure
from local_azure.services.synapse_workspace.artifact_kinds import KINDS
from local_azure.services.synapse_workspace.validation import check_document
from local_azure.settings import Settings
from provider_wire.lifecycle import Action
from synapse_artifacts.documents import Artifact
from synapse_artifacts.load import Workspace, read_folder
from synapse_artifacts.normalise import differences
from synapse_artifacts.packed import pack
from synapse_artifacts.references import Reference, references_of

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
LEFT_OUT = Path(__file__).parents[1] / "fixtures" / "artifacts" / "not_publishable.txt"
_MOST_REASON = 140
_SIGNATURE = re.compile(r"(?<=[?&])sig=[\w%-]+")
_ENCRYPTED = re.compile(r'"encryptedCredential": "[^"]+"')
OUTSIDE = {"bigDataPool": "bigDataPools", "sqlPool": "sqlPools", "integrationRuntime": "integrationRuntimes"}
"""Kinds that are resources of the subscription: the test makes those that a folder refers to."""


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """One stand-in for all workspaces."""
    instance = LocalAzure(tmp_path_factory.mktemp("azure"), Settings(lro_polls=0))
    yield instance
    instance.stop()


@dataclass
class Selection:
    """What of a folder can be published, and why the rest cannot."""

    documents: dict[str, Mapping[str, Any]]
    left_out: dict[str, str] = field(default_factory=dict)


def select(workspace: Workspace) -> Selection:
    """Everything but what local Azure refuses or what refers to something that is not there, directly or not."""
    artifacts = {each.id: each for each in workspace.artifacts}
    selection = Selection({key: without_secrets(document) for key, document in workspace.documents.items()})
    for key in list(selection.documents):
        reason = _refusal(artifacts[key])
        if reason:
            selection.left_out[key] = reason
            del selection.documents[key]
    while _drop_dangling(selection, artifacts):
        pass
    return selection


def without_secrets(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document without signatures in addresses and encrypted credentials, since the provider refuses those."""
    text = _ENCRYPTED.sub('"encryptedCredential": ""', json.dumps(document))
    found: Mapping[str, Any] = json.loads(_SIGNATURE.sub("sig=<hidden>", text))
    return found


def _refusal(artifact: Artifact) -> str:
    try:
        kind = KINDS.get(ArtifactId.parse(artifact.id).kind.collection.lower())
        if kind is not None:
            check_document(kind, artifact.name, artifact.document)
    except SynapseIdError as error:
        return str(error)
    except ServiceError as error:
        return error.message
    return ""


def _drop_dangling(selection: Selection, artifacts: Mapping[str, Artifact]) -> bool:
    there = {key.lower() for key in selection.documents}
    dangling = {
        key: f"it refers to {each.kind}/{each.name}"
        for key in selection.documents
        for each in references_of(artifacts[key])
        if not (_is_outside(each) or f"{each.kind}/{each.name}".lower() in there)
    }
    selection.left_out.update(dangling)
    for key in dangling:
        del selection.documents[key]
    return bool(dangling)


def _is_outside(reference: Reference) -> bool:
    known = {*OUTSIDE, "managedVirtualNetwork", "sparkConfiguration"}
    return reference.kind in known or reference.is_made_by_the_service


def prepare(bench: ProviderBench, workspace: Workspace) -> None:
    """Make what the artifacts refer to but the folder does not hold."""
    found = {(each.kind, each.name): each for artifact in workspace.artifacts for each in references_of(artifact)}
    for (kind, name), reference in found.items():
        if kind in OUTSIDE:
            id = f"{bench.workspace.arm_id}/{OUTSIDE[kind]}/{name}"
            bench.azure.resources.put(id, {"id": id, "name": name, "type": f"Microsoft.Synapse/workspaces/{kind}s"})
        elif kind == "sparkConfiguration":
            bench.outside("PUT", f"/sparkconfigurations/{name}", {"configs": {}})()
        elif reference.is_made_by_the_service and kind == "linkedService":
            properties = {"type": "AzureBlobFS", "typeProperties": {"url": "https://default.dfs.core.windows.net"}}
            bench.outside("PUT", f"/linkedservices/{name}", properties)()
        elif reference.is_made_by_the_service:
            bench.outside("PUT", f"/credentials/{name}", {"type": "ManagedIdentity"})()


def workspaces() -> list[str]:
    """The folders with something in them that is published."""
    folders = [folder for folder in sorted(CORPUS.iterdir()) if folder.is_dir() and folder.name != "LICENSES"]
    return [folder.name for folder in folders if read_folder(folder)[0].documents]


@pytest.mark.parametrize("name", workspaces())
def test_a_real_workspace_is_published_and_stays_as_it_is(azure: LocalAzure, name: str) -> None:
    workspace = read_folder(CORPUS / name)[0]
    selection = select(workspace)
    bench = provider_bench(azure)
    prepare(bench, workspace)
    life = bench.life("WorkspaceArtifacts", "artifacts")
    inputs = {
        "endpoint": bench.workspace.endpoint,
        "documents": pack(selection.documents),
        "startedTriggers": [],
    }
    life.up(inputs)
    assert life.preview(inputs) == (Action.SAME, {})
    assert life.refresh() is Action.SAME
    client = bench.synapse_client()
    kinds = {ArtifactId.parse(key).kind for key in selection.documents}
    live = {ArtifactId(kind, each): item for kind in kinds for each, item in client.list_artifacts(kind).items()}
    for key, document in selection.documents.items():
        artifact = ArtifactId.parse(key)
        assert differences(artifact.kind.value, document, live[artifact]) == [], key
    assert len(selection.documents) + len(selection.left_out) == len(workspace.documents)


def left_out() -> list[str]:
    """A line for each artifact that cannot be published: folder, artifact, the beginning of the reason."""
    lines = []
    for name in workspaces():
        for key, reason in sorted(select(read_folder(CORPUS / name)[0]).left_out.items()):
            short = reason.replace("\n", " ").partition(" is invalid. ")
            lines.append(f"{name} | {key} | {(short[2] or short[0])[:_MOST_REASON]}")
    return lines


def test_what_is_left_out_is_known_by_name_and_reason() -> None:
    assert left_out() == LEFT_OUT.read_text().splitlines()
