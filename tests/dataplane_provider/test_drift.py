"""Drift without the engine: what differs between a state and Azure is told by its place, with few requests."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from provider_bench import ProviderBench, with_managed_network
from synapse_bench import grant

from azure_ids.synapse import ArtifactId
from dataplane_provider.drift.access import entry_changes
from dataplane_provider.drift.search import find_drift
from dataplane_provider.drift.state import StateResource
from dataplane_provider.resources.artifact_graph import seen_document
from local_azure.directory import group_id, service_principal_id
from local_azure.services.synapse_workspace.role_definitions import ADMINISTRATOR, ROLES
from provider_wire.lifecycle import Lifecycle

READERS, CREATOR = group_id("data-scientists"), service_principal_id("deployer")
OTHER = "bbbbbbbb-0000-4000-8000-000000000002"
ROLE = {"roleName": "Synapse Artifact User", "principalId": READERS, "principalType": "Group"}
PIPELINES = 250
OPERATOR = next(role for role in ROLES if role.name == "Synapse Compute Operator")


def pipeline(name: str, **properties: Any) -> dict[str, Any]:
    waits = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    return {"name": name, "properties": {"activities": [waits], **properties}}


def trigger(name: str) -> dict[str, Any]:
    recurrence = {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "timeZone": "UTC"}
    called = [{"pipelineReference": {"referenceName": "p0", "type": "PipelineReference"}}]
    return {
        "name": name,
        "properties": {"type": "ScheduleTrigger", "pipelines": called, "typeProperties": {"recurrence": recurrence}},
    }


DOCUMENTS = {
    "pipeline/p0": pipeline("p0"),
    "pipeline/p1": pipeline("p1"),
    "trigger/daily": trigger("daily"),
    "trigger/weekly": trigger("weekly"),
}


@pytest.fixture
def lives(bench: ProviderBench) -> dict[str, Lifecycle]:
    """A deployed workspace, directory and role."""
    bench.lake.made_file_system("data", "data-engineer")
    lives = {name: bench.life(name) for name in ("WorkspaceArtifacts", "Directory", "SynapseRoleAssignment")}
    endpoint = bench.workspace.endpoint
    lives["WorkspaceArtifacts"].up({"endpoint": endpoint, "documents": DOCUMENTS, "startedTriggers": ["daily"]})
    acl = [f"group:{READERS}:r-x", f"default:group:{READERS}:r-x"]
    lives["Directory"].up({"account": bench.lake.name, "fileSystem": "data", "path": "patients", "acl": acl})
    lives["SynapseRoleAssignment"].up({"endpoint": endpoint, **ROLE})
    bench.wire.calls.clear()
    return lives


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def found(bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor) -> list[str]:
    resources = [
        StateResource(life.token, life.deployed.id, life.deployed.state) for life in lives.values() if life.deployed
    ]
    creator = {"cspWorkspaceAdminProperties": {"initialWorkspaceAdminObjectId": CREATOR}}
    resources.append(StateResource("azure-native:synapse:Workspace", bench.workspace.arm_id, creator))
    return [str(each) for each in find_drift(resources, bench.connections(), pool)]


def test_what_was_just_deployed_has_no_drift_and_nothing_is_written(
    bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor
) -> None:
    assert found(bench, lives, pool) == []
    assert bench.wire.writes == 0


def test_every_kind_of_drift_is_told_with_its_place(
    bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor
) -> None:
    outside = bench.outside
    outside("PUT", "/pipelines/p0", pipeline("p0", concurrency=3)["properties"])()
    outside("PUT", "/pipelines/handmade", pipeline("handmade")["properties"])()
    outside("DELETE", "/pipelines/p1")()
    outside("POST", "/triggers/daily/stop")()
    outside("POST", "/triggers/weekly/start")()
    directory = bench.lake.file_system("data").get_directory_client("patients")
    directory.set_access_control(acl=f"user::rwx,group::r-x,group:{READERS}:r-x,mask::r--,other::---")
    role = lives["SynapseRoleAssignment"].deployed
    assert role is not None
    answer = bench.workspace.call("DELETE", f"/roleAssignments/{role.state['assignmentId']}")
    assert answer.status in (200, 204)
    path = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    assert found(bench, lives, pool) == [
        "changed   pipeline/p0.properties.concurrency",
        "deleted   pipeline/p1",
        "stopped   trigger/daily",
        "started   trigger/weekly",
        "unmanaged pipeline/handmade",
        f"deleted   role Synapse Artifact User of {READERS}",
        f"changed   {path}: mask::r-x is now mask::r--",
        f"changed   {path}: default:user::rwx is gone",
        f"changed   {path}: default:group::r-x is gone",
        f"changed   {path}: default:group:{READERS}:r-x is gone",
        f"changed   {path}: default:mask::r-x is gone",
        f"changed   {path}: default:other::--- is gone",
    ]


def test_a_role_that_nobody_declared_is_told_with_its_scope(
    bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor
) -> None:
    pool_scope = f"workspaces/{bench.workspace.name}/bigDataPools/small"
    grant(bench.workspace, ADMINISTRATOR.id, "auditor")
    grant(bench.workspace, ADMINISTRATOR.id, "deployer", pool_scope)
    assert found(bench, lives, pool) == sorted(
        [
            f"unmanaged role Synapse Administrator of {service_principal_id('auditor')}",
            f"unmanaged role Synapse Administrator of {CREATOR} at {pool_scope}",
        ]
    )


@pytest.mark.parametrize("is_taken_over", [False, True])
def test_a_role_that_was_given_anew_under_its_id_is_told_with_what_it_is_now(
    bench: ProviderBench, pool: ThreadPoolExecutor, is_taken_over: bool
) -> None:
    whole, other = f"workspaces/{bench.workspace.name}", service_principal_id("auditor")
    given = {"endpoint": bench.workspace.endpoint, "roleName": OPERATOR.name, "principalId": READERS}
    if is_taken_over:
        assign(bench, OTHER, OPERATOR.id, READERS, whole)
    life = bench.life("SynapseRoleAssignment")
    life.up(given)
    assert life.deployed
    id, subject = life.deployed.state["assignmentId"], f"changed   role {OPERATOR.name} of {READERS}"
    assert (id == OTHER) is is_taken_over
    for role, principal, scope, told in (
        (OPERATOR.id, READERS, whole, []),
        (OPERATOR.id, READERS, f"{whole}/bigDataPools/small", [f"the scope is now {whole}/bigDataPools/small"]),
        (ADMINISTRATOR.id, other, whole, [f"the role is now {ADMINISTRATOR.name}", f"the principal is now {other}"]),
    ):
        assert bench.workspace.call("DELETE", f"/roleAssignments/{id}").status in (200, 204)
        assign(bench, id, role, principal, scope)
        assert own(found(bench, {"": life}, pool)) == [f"{subject}: {text}" for text in told]


def assign(bench: ProviderBench, id: str, role: str, principal: str, scope: str) -> None:
    body = {"roleId": role, "principalId": principal, "scope": scope}
    assert bench.workspace.call("PUT", f"/roleAssignments/{id}", body).status == 200


def own(told: list[str]) -> list[str]:
    return [each for each in told if not each.startswith("unmanaged")]


def test_a_stack_that_gives_no_role_is_told_of_none(bench: ProviderBench, pool: ThreadPoolExecutor) -> None:
    life = bench.life("WorkspaceArtifacts")
    life.up({"endpoint": bench.workspace.endpoint, "documents": DOCUMENTS})
    bench.wire.calls.clear()
    grant(bench.workspace, ADMINISTRATOR.id, "auditor")
    assert found(bench, {"": life}, pool) == []
    assert [call.path for call in bench.wire.calls if "role" in call.path] == []


def test_who_created_a_workspace_is_told_where_the_state_does_not_know_it(
    bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor
) -> None:
    role = lives["SynapseRoleAssignment"].deployed
    assert role
    known = StateResource(lives["SynapseRoleAssignment"].token, role.id, role.state)
    told = find_drift([known], bench.connections(), pool)
    assert list(map(str, told)) == [f"unmanaged role Synapse Administrator of {CREATOR}"]


def test_owner_and_group_are_told_where_the_program_names_them(
    bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor
) -> None:
    directory = bench.lake.file_system("data").get_directory_client("patients")
    directory.set_access_control(owner=READERS, group=READERS)
    assert found(bench, lives, pool) == []
    life = lives["Directory"]
    assert life.deployed
    life.up({**life.deployed.inputs, "owner": READERS, "group": READERS})
    directory.set_access_control(owner=OTHER, group=OTHER)
    path = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    assert found(bench, lives, pool) == [
        f"changed   {path}: owner {READERS} is now {OTHER}",
        f"changed   {path}: group {READERS} is now {OTHER}",
    ]


def test_a_directory_that_is_gone_is_told(
    bench: ProviderBench, lives: dict[str, Lifecycle], pool: ThreadPoolExecutor
) -> None:
    bench.lake.file_system("data").get_directory_client("patients").delete_directory()
    assert found(bench, lives, pool) == [f"deleted   https://{bench.lake.name}.dfs.core.windows.net/data/patients"]


def test_managed_private_endpoints_that_were_ended_led_elsewhere_or_made_by_others_are_told(
    bench: ProviderBench, pool: ThreadPoolExecutor
) -> None:
    with_managed_network(bench)
    bench.assign("Contributor", bench.lake.arm_id)
    groups = {"to-blob": "blob", "to-dfs": "dfs", "to-queue": "queue", "to-table": "table"}
    lives = {name: bench.life("ManagedPrivateEndpoint", name) for name in groups}
    for name, life in lives.items():
        target = {"targetId": bench.lake.arm_id, "groupId": groups[name]}
        life.up({"endpoint": bench.workspace.endpoint, "name": name, **target})
    assert found(bench, lives, pool) == []
    path = "/managedVirtualNetworks/default/managedPrivateEndpoints"
    for id, document in list(bench.azure.resources.under(f"{bench.lake.arm_id}/privateEndpointConnections")):
        if document["properties"]["groupIds"] == ["queue"]:
            document["properties"]["privateLinkServiceConnectionState"] = {"status": "Rejected", "description": ""}
            bench.azure.resources.put(id, document)
        elif document["properties"]["groupIds"] == ["table"]:
            bench.azure.resources.delete(id)
    for name, properties in (
        ("to-blob", None),
        ("to-dfs", {"privateLinkResourceId": bench.vault_id, "groupId": "vault"}),
        ("handmade", {"privateLinkResourceId": bench.vault_id, "groupId": "vault"}),
    ):
        assert bench.workspace.call("DELETE", f"{path}/{name}").status in (202, 204)
        if properties:
            assert bench.workspace.call("PUT", f"{path}/{name}", {"properties": properties}).status == 200
    subject = "managed private endpoint"
    assert found(bench, lives, pool) == [
        f"deleted   {subject} to-blob",
        f"changed   {subject} to-dfs: targetId {bench.lake.arm_id} is now {bench.vault_id}",
        f"changed   {subject} to-dfs: groupId dfs is now vault",
        f"changed   {subject} to-dfs: connectionStatus Approved is now Pending",
        f"changed   {subject} to-queue: connectionStatus Approved is now Rejected",
        f"changed   {subject} to-table: connectionStatus Approved is now Disconnected",
        f"unmanaged {subject} handmade",
    ]


def test_a_secret_and_a_filesystem_that_are_gone_are_told_and_no_value_is_read(
    bench: ProviderBench, pool: ThreadPoolExecutor
) -> None:
    lives = {name: bench.life(name) for name in ("FileSystem", "GeneratedSecret")}
    lives["FileSystem"].up({"account": bench.lake.name, "name": "data"})
    lives["GeneratedSecret"].up({"vaultUri": f"{bench.vault_uri}/", "name": "key"})
    bench.wire.calls.clear()
    assert found(bench, lives, pool) == []
    assert not [call.path for call in bench.wire.calls if call.path.endswith("/secrets/key")]
    assert bench.wire.writes == 0
    for life in lives.values():
        kept = life.deployed
        life.destroy()
        life.deployed = kept
    assert found(bench, lives, pool) == [
        f"deleted   https://{bench.lake.name}.dfs.core.windows.net/data",
        f"deleted   {bench.vault_uri}/secrets/key",
    ]


def test_a_filesystem_whose_root_is_compared_is_told_once(bench: ProviderBench, pool: ThreadPoolExecutor) -> None:
    lives = {name: bench.life(name) for name in ("FileSystem", "Directory")}
    lives["FileSystem"].up({"account": bench.lake.name, "name": "data"})
    lives["Directory"].up({"account": bench.lake.name, "fileSystem": "data", "path": "", "acl": []})
    bench.lake.file_system("data").delete_file_system()
    assert found(bench, lives, pool) == [f"deleted   https://{bench.lake.name}.dfs.core.windows.net/data"]


def test_requests_grow_with_pages_not_with_artifacts(bench: ProviderBench, pool: ThreadPoolExecutor) -> None:
    life = bench.life("WorkspaceArtifacts")
    many = {f"pipeline/p{number}": pipeline(f"p{number}") for number in range(PIPELINES)}
    counts = []
    for documents in ({"pipeline/p0": many["pipeline/p0"]}, many):
        life.up({"endpoint": bench.workspace.endpoint, "documents": documents})
        bench.wire.calls.clear()
        assert found(bench, {"": life}, pool) == []
        counts.append(len(bench.wire.calls))
    pages = sum(call.path.endswith("/pipelines") for call in bench.wire.calls)
    assert counts[1] - counts[0] == pages - 1 < PIPELINES / 10


def test_entries_are_compared_by_whom_they_are_for() -> None:
    assert entry_changes(["user::rwx", "group:a:r-x"], ["user::rwx", "group:b:r-x"]) == [
        "group:a:r-x is gone",
        "group:b:r-x is new",
    ]


def test_what_stays_beside_a_new_item_of_a_list_keeps_its_own_text() -> None:
    rest = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    more = {"name": "More", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 2}}
    told = [{**more, "userProperties": []}, {**rest, "dependsOn": [], "userProperties": []}]
    artifact = ArtifactId.parse("pipeline/p0")
    seen = seen_document(artifact, pipeline("p0"), {"name": "p0", "properties": {"activities": told}})
    assert seen["properties"]["activities"] == [{**more, "userProperties": []}, rest]
    again = seen_document(artifact, seen, {"name": "p0", "properties": {"activities": list(reversed(told))}})
    assert again["properties"]["activities"] == [rest, {**more, "userProperties": []}]
