"""States that an earlier release recorded: what is there is read, compared and left as it is; then life goes on.

`tests/fixtures/states/` holds id, inputs and outputs of each resource as that release wrote them, with placeholders for
names. `before-packed-documents` is of 0.1 as long as artifacts were a map in the state.
"""

import json
from typing import Any

import pytest
from artifact_documents import LOAD, changed
from local_stack import ROOT
from provider_bench import ProviderBench

from provider_wire.lifecycle import Action, Deployed, Lifecycle
from synapse_artifacts.packed import pack

FIXTURES = ROOT / "tests" / "fixtures" / "states"
PREFIX = "dataplane:index:"
TYPES = ["FileSystem", "Directory", "GeneratedSecret", "SynapseRoleAssignment", "WorkspaceArtifacts"]


def recorded(bench: ProviderBench, release: str) -> dict[str, Any]:
    """The resources of a recorded state by type, with the names of this bench."""
    text = (FIXTURES / f"{release}.json").read_text(encoding="utf-8")
    principal = bench.workspace.principal("data-engineer").object_id
    names = {"workspace": bench.workspace.name, "account": bench.lake.name, "vault": bench.vault}
    for name, value in {**names, "principal": principal}.items():
        text = text.replace(f"{{{name}}}", value)
    found: dict[str, Any] = json.loads(text)
    return found


def make_live(bench: ProviderBench, resources: dict[str, Any]) -> None:
    """What Azure holds of the recorded resources."""
    for each in ("FileSystem", "Directory", "GeneratedSecret", "WorkspaceArtifacts"):
        bench.life(each).up(resources[PREFIX + each]["inputs"])
    outputs = resources[PREFIX + "SynapseRoleAssignment"]["outputs"]
    scope = f"workspaces/{bench.workspace.name}"
    user = "2a385764-43e8-416c-9825-7b18d05a2c4b"
    body = {"roleId": user, "principalId": outputs["principalId"], "scope": scope, "principalType": "ServicePrincipal"}
    assert bench.workspace.call("PUT", f"/roleAssignments/{outputs['assignmentId']}", body).status == 200
    bench.wire.calls.clear()


def replayed(bench: ProviderBench, release: str, type_name: str) -> tuple[Lifecycle, dict[str, Any]]:
    """A life that begins with the recorded state, and the recorded inputs."""
    resources = recorded(bench, release)
    make_live(bench, resources)
    each = resources[PREFIX + type_name]
    life = bench.life(type_name)
    life.deployed = Deployed(each["id"], each["inputs"], each["outputs"])
    return life, each["inputs"]


@pytest.mark.parametrize("release", [path.stem for path in sorted(FIXTURES.glob("*.json"))])
@pytest.mark.parametrize("type_name", TYPES)
def test_a_recorded_state_replays_without_a_change(bench: ProviderBench, release: str, type_name: str) -> None:
    life, inputs = replayed(bench, release, type_name)
    assert life.preview(inputs) == (Action.SAME, {})
    assert life.refresh() is Action.SAME
    assert life.preview(inputs) == (Action.SAME, {})
    assert life.up(inputs) is Action.SAME
    assert bench.wire.writes == 0


@pytest.mark.parametrize("release", [path.stem for path in sorted(FIXTURES.glob("*.json"))])
def test_todays_program_on_a_recorded_state_writes_what_it_changes_alone(bench: ProviderBench, release: str) -> None:
    life, inputs = replayed(bench, release, "WorkspaceArtifacts")
    same = {**inputs, "documents": pack(inputs["documents"])}
    assert life.preview(same) == (Action.SAME, {})
    wanted = {**inputs, "documents": pack(changed(LOAD, "description", to="x"))}
    action, changes = life.preview(wanted)
    assert (action, list(changes)) == (Action.UPDATE, ['documents["pipeline/load"].properties.description'])
    life.up(wanted)
    assert bench.wire.sent() == ["POST /triggers/nightly/stop", "PUT /pipelines/load", "POST /triggers/nightly/start"]
    assert life.refresh() is Action.SAME
    life.destroy()
    assert bench.documents("pipelines") == {}


def test_every_resource_of_a_recorded_state_is_replayed(bench: ProviderBench) -> None:
    for path in FIXTURES.glob("*.json"):
        assert sorted(recorded(bench, path.stem)) == sorted(PREFIX + name for name in TYPES)
