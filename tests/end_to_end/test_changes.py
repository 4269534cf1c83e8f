"""What a preview says: every resource is read, each change behind the engine's back and in a file is told exactly."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from azure.keyvault.secrets import SecretClient
from local_stack import Answer, LocalStack, copy_project

from ingest_cli.admin_client import AdminClient

ARM = "https://management.azure.com"
API_VERSIONS = {
    "resourceGroups": "2024-03-01",
    "storageAccounts": "2023-05-01",
    "blobServices": "2023-05-01",
    "vaults": "2023-07-01",
    "workspaces": "2021-06-01",
    "firewallRules": "2021-06-01",
    "roleAssignments": "2022-04-01",
}
WRITING = ("PUT", "PATCH", "POST", "DELETE")


class Arm:
    """Resource Manager as the deployer, by plain requests."""

    def __init__(self, stack: LocalStack) -> None:
        token = stack.credential("deployer").get_token(f"{ARM}/.default").token
        self._headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, arm_id: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A request for one resource."""
        kind = arm_id.split("/")[-2]
        answer = requests.request(
            method,
            f"{ARM}{arm_id}?api-version={API_VERSIONS[kind]}",
            json=body,
            headers=self._headers,
            timeout=60,
        )
        assert answer.ok, (method, arm_id, answer.text)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def state_resources(stack: LocalStack) -> list[dict[str, Any]]:
    state = json.loads(stack.pulumi("stack", "export").output)
    return [each for each in state["deployment"]["resources"] if each.get("custom")]


def ids_of(stack: LocalStack, type_name: str) -> list[str]:
    return [str(each["id"]) for each in state_resources(stack) if each["type"] == type_name]


def preview(stack: LocalStack, *options: str, project: Path | None = None) -> Answer:
    arguments = ("preview", "--diff", "--suppress-permalink=true", *options)
    return stack.pulumi(*arguments, project=project) if project else stack.pulumi(*arguments)


def test_a_refresh_reads_every_resource_and_finds_nothing_changed(stack: LocalStack) -> None:
    with stack.recording() as log:
        answer = preview(stack, "--refresh", "--expect-no-changes")
    assert answer.code == 0, answer.text
    read = {address_of(each) for each in log if each["method"] in ("GET", "HEAD")}
    assert [each for each in log if each["method"] in ("PUT", "PATCH", "DELETE")] == []
    for resource in state_resources(stack):
        if not resource["type"].startswith("pulumi:"):
            assert address_asked_for(resource) in read, (resource["urn"], sorted(read))


def address_of(request: Mapping[str, Any]) -> str:
    """Host and path of a request, without its query."""
    return f"{request['host']}{unquote(str(request['path']).split('?')[0])}".lower().rstrip("/")


def address_asked_for(resource: Mapping[str, Any]) -> str:
    """The address that must be asked to know how a resource is."""
    id, inputs, kind = str(resource["id"]), resource["inputs"], str(resource["type"]).rsplit(":", 1)[1]
    if resource["type"].startswith("azure-native:"):
        return f"management.azure.com{id}".lower()
    lake = f"{inputs.get('account')}.dfs.core.windows.net"
    workspace = str(inputs.get("endpoint")).removeprefix("https://")
    vault = str(inputs.get("vaultUri")).removeprefix("https://").rstrip("/")
    return {
        "FileSystem": f"{lake}/{inputs.get('name')}",
        "Directory": f"{lake}/{inputs.get('fileSystem')}/{inputs.get('path')}".rstrip("/"),
        "GeneratedSecret": f"{vault}/secrets/{inputs.get('name')}/versions",
        "SynapseRoleAssignment": f"{workspace}/roleassignments/{id.rsplit('/', 1)[-1]}",
        "WorkspaceArtifacts": f"{workspace}/pipelines",
    }[kind].lower()


def test_each_resource_type_changed_behind_the_engine_is_told_exactly(stack: LocalStack) -> None:
    with altered(stack) as expected:
        answer = stack.pulumi("preview", "--refresh", "--diff", "--json")
        assert answer.code == 0, answer.text
        text = preview(stack, "--refresh").output
        for fragment in expected:
            assert fragment in text, (fragment, text)
        found = {(step["op"], step["urn"].split("::")[-2].split("$")[-1]) for step in steps(answer)}
    assert found == CHANGED
    clean = preview(stack, "--refresh", "--expect-no-changes")
    assert clean.code == 0, clean.text


CHANGED = {
    ("update", "azure-native:resources:ResourceGroup"),
    ("update", "azure-native:storage:StorageAccount"),
    ("update", "azure-native:storage:BlobServiceProperties"),
    ("update", "azure-native:keyvault:Vault"),
    ("update", "azure-native:synapse:Workspace"),
    ("update", "azure-native:synapse:IpFirewallRule"),
    ("create", "azure-native:authorization:RoleAssignment"),
    ("update", "dataplane:index:Directory"),
    ("create", "dataplane:index:SynapseRoleAssignment"),
    ("update", "dataplane:index:WorkspaceArtifacts"),
}


def steps(answer: Answer) -> list[dict[str, Any]]:
    """The steps of a preview that change something."""
    found: list[dict[str, Any]] = json.loads(answer.output)["steps"]
    return [step for step in found if step["op"] not in ("same", "refresh", "read")]


@contextmanager
def altered(stack: LocalStack) -> Iterator[list[str]]:
    """One resource of every type altered or deleted; the engine repairs all of it at the end."""
    outsider = str(stack.session.endpoints["identities"]["outsider"]["object_id"])
    try:
        alter_resources(stack)
        alter_data_plane(stack, outsider)
        yield ["somebody", "TLS1_0", "deleteRetentionPolicy", "203.0.113.200", outsider, "recurrence", "interval"]
    finally:
        repaired = stack.pulumi("up", "--refresh", "--yes", "--skip-preview")
        assert repaired.code == 0, repaired.text


def alter_resources(stack: LocalStack) -> None:
    """Every type of Resource Manager that the program has."""
    arm = Arm(stack)
    [group] = ids_of(stack, "azure-native:resources:ResourceGroup")
    [account] = ids_of(stack, "azure-native:storage:StorageAccount")
    [vault] = ids_of(stack, "azure-native:keyvault:Vault")
    [workspace] = ids_of(stack, "azure-native:synapse:Workspace")
    [firewall_rule] = ids_of(stack, "azure-native:synapse:IpFirewallRule")
    roles = ids_of(stack, "azure-native:authorization:RoleAssignment")
    arm.call("PATCH", group, {"tags": {"owner": "somebody"}})
    arm.call("PATCH", account, {"properties": {"minimumTlsVersion": "TLS1_0"}})
    services = f"{account}/blobServices/default"
    arm.call("PUT", services, {"properties": {"deleteRetentionPolicy": {"enabled": False}}})
    arm.call("PATCH", vault, {"tags": {"owner": "somebody"}})
    arm.call("PATCH", workspace, {"tags": {"owner": "somebody"}})
    rule = {"startIpAddress": "203.0.113.0", "endIpAddress": "203.0.113.200"}
    arm.call("PUT", firewall_rule, {"properties": rule})
    arm.call("DELETE", next(each for each in roles if "/containers/landing/" in each))


def alter_data_plane(stack: LocalStack, outsider: str) -> None:
    """Every type that Resource Manager does not know, but the secret."""
    directory = stack.file_system("curated", "deployer").get_directory_client("images")
    before = str(directory.get_access_control()["acl"])
    directory.set_access_control(acl=f"{before},user:{outsider}:r-x")
    synapse = Synapse(stack)
    synapse.delete_role("Synapse Monitoring Operator")
    trigger = synapse.get("/triggers/daily_images")
    trigger["properties"]["typeProperties"]["recurrence"]["interval"] = 7
    synapse.put("/triggers/daily_images", {"properties": trigger["properties"]})


class Synapse:
    """The development endpoint as the deployer, by plain requests."""

    def __init__(self, stack: LocalStack) -> None:
        self._endpoint = str(stack.outputs["artifactHost"])
        token = stack.credential("data-engineer").get_token("https://dev.azuresynapse.net/.default").token
        self._headers = {"Authorization": f"Bearer {token}"}

    def _call(self, method: str, path: str, body: Any = None) -> requests.Response:
        version = "?api-version=2020-12-01" if "api-version" not in path else ""
        url = path if path.startswith("https") else f"{self._endpoint}{path}{version}"
        answer = requests.request(method, url, json=body, headers=self._headers, timeout=60)
        assert answer.ok, (method, path, answer.text)
        return answer

    def get(self, path: str) -> Any:
        """JSON of a path."""
        return self._call("GET", path).json()

    def put(self, path: str, body: Any) -> None:
        """Writes and waits until it is done."""
        answer = self._call("PUT", path, body)
        while answer.status_code == 202:
            answer = self._call("GET", answer.headers["Location"])

    def delete_role(self, name: str) -> None:
        """Takes the one assignment of a role away."""
        role = next(each["id"] for each in self.get("/roleDefinitions") if each["name"] == name)
        found = self.get("/roleAssignments")["value"]
        [assignment] = [each["id"] for each in found if each["roleDefinitionId"] == role]
        self._call("DELETE", f"/roleAssignments/{assignment}")


def test_a_secret_deleted_behind_the_engine_is_told(stack: LocalStack) -> None:
    vault = SecretClient(str(stack.outputs["keyVaultEndpoint"]), stack.credential("deployer"))
    vault.begin_delete_secret("pseudonym-key").wait()
    try:
        answer = stack.pulumi("preview", "--refresh", "--json")
        assert [(step["op"], step["urn"].rsplit("::", 1)[1]) for step in steps(answer) if "Secret" in step["urn"]]
    finally:
        vault.begin_recover_deleted_secret("pseudonym-key").wait()
    clean = preview(stack, "--refresh", "--expect-no-changes")
    assert clean.code == 0, clean.text


def edit(project: Path, file: str, old: str, new: str) -> None:
    path = project / "pipelines_json" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_edited_file_shows_its_json_path_and_nothing_else(stack: LocalStack, project: Path) -> None:
    copy = copy_project(project)
    unchanged = preview(stack, "--expect-no-changes", project=copy)
    assert unchanged.code == 0, unchanged.text
    edit(copy, "pipeline/ingest_images.json", '"timeout": "0.04:00:00"', '"timeout": "0.05:00:00"')
    answer = stack.pulumi("preview", "--diff", "--json", project=copy)
    [step] = steps(answer)
    assert step["op"] == "update"
    assert list(step["detailedDiff"]) == ['documents["pipeline/ingest_images"].properties.activities[5].policy.timeout']
    text = preview(stack, project=copy).output
    changed = [line.strip() for line in text.splitlines() if line.strip().startswith(("~ timeout", "- ", "+ "))]
    assert changed == ['~ timeout: "0.04:00:00" => "0.05:00:00"'], text


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "pipeline/ingest_images.json",
            '"name": "ingest_images",',
            '"name": "ingest_images"',
            ["ingest_images.json:3:"],
        ),
        (
            "pipeline/ingest_images.json",
            '"referenceName": "remove_folder"',
            '"referenceName": "remove_folders"',
            ["remove_folders, which does not exist", "ingest_images.json", "/properties/activities/3/typeProperties"],
        ),
        ("pipeline/ingest_images.json", '"name": "ingest_images"', '"name": "ingest_patients"', ["ingest_patients"]),
    ],
    ids=["syntax error", "dangling reference", "duplicate name"],
)
def test_a_wrong_file_is_told_before_anything_is_written(
    stack: LocalStack, project: Path, file: str, old: str, new: str, expected: list[str]
) -> None:
    copy = copy_project(project)
    edit(copy, file, old, new)
    with stack.recording() as log:
        answer = stack.pulumi("up", "--yes", "--skip-preview", project=copy)
    assert answer.code != 0
    for fragment in expected:
        assert fragment in answer.text, answer.text
    assert "Traceback" not in answer.text
    assert [each for each in log if each["method"] in ("PUT", "PATCH", "DELETE")] == []
    checked = stack.ingest("artifacts", "check", str(copy / "pipelines_json"))
    assert checked.code == 1
    assert checked.output.splitlines()[-1].endswith(" errors")


def test_the_preview_identity_previews_and_cannot_write(stack: LocalStack) -> None:
    for identity in ("preview", "drift"):
        answer = stack.pulumi("preview", "--refresh", "--expect-no-changes", identity=identity)
        assert answer.code == 0, answer.text
        token = stack.credential(identity).get_token(f"{ARM}/.default").token
        [group] = ids_of(stack, "azure-native:resources:ResourceGroup")
        refused = requests.patch(
            f"{ARM}{group}?api-version=2024-03-01",
            json={"tags": {"owner": identity}},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        assert refused.status_code == 403


def test_another_subscription_is_refused_before_anything_is_written(stack: LocalStack, project: Path) -> None:
    copy = copy_project(project)
    settings = copy / "Pulumi.local.yaml"
    own = str(stack.session.endpoints["subscription_id"])
    settings.write_text(settings.read_text().replace(own, str(uuid.uuid4())))
    with stack.recording() as log:
        answer = stack.pulumi("preview", project=copy)
    assert answer.code != 0
    assert own in answer.text
    assert [each for each in log if each["method"] in ("PUT", "PATCH", "DELETE")] == []


def test_the_admin_host_tells_what_is_there(stack: LocalStack) -> None:
    status = AdminClient(stack.session).get("/status")
    assert status["roleLagSeconds"] == 30
    assert any(each.endswith(str(stack.outputs["workspace"])) for each in status["resources"])
