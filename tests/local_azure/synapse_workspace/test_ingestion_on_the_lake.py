"""The ingestion pipelines end to end on the stand-in's own services: lake, vault and workspace, each with its rules.

What the pipelines do in every detail is tested over a lake in memory; here it is what the services let them do.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lake_bench
import pytest
from activity_bench import WINDOW
from ingestion_bench import KEY, READING, grant_database, publish_all, run_pipeline, write_hospital
from synapse_bench import Bench, make_workspace

from local_azure.dispatch import Service
from local_azure.http import Request, Response
from local_azure.resources import KEY_VAULT
from local_azure.server import LocalAzure
from local_azure.settings import Settings
from sample_data.images import write_images

ZONES = ("landing", "raw", "curated")
SERVICES = ("identity", "resource_manager", "key_vault", "data_lake", "synapse_workspace")
ROLES = {
    "landing": "Storage Blob Data Reader",
    "raw": "Storage Blob Data Contributor",
    "curated": "Storage Blob Data Contributor",
}
"""Roles of the workspace's identity, each on one filesystem."""
SECRETS_USER = "Key Vault Secrets User"


@dataclass(frozen=True)
class Site:
    """A workspace with everything published, its lake closed to all but the workspace, and its vault."""

    workspace: Bench
    lake: lake_bench.Bench
    vault: str

    @property
    def azure(self) -> LocalAzure:
        """The stand-in."""
        return self.workspace.azure

    @property
    def identity(self) -> str:
        """Name of the workspace's managed identity."""
        return self.workspace.name

    def files(self, zone: str) -> dict[str, bytes]:
        """Every file of a zone."""
        client = self.lake.file_system(zone)
        paths = [each.name for each in client.get_paths() if not each.is_directory]
        return {path: client.get_file_client(path).download_file().readall() for path in paths}

    def published(self) -> dict[str, bytes]:
        """Every file of raw and curated."""
        return {f"{zone}/{name}": content for zone in ("raw", "curated") for name, content in self.files(zone).items()}

    def write(self, zone: str, path: str, content: bytes) -> None:
        """A file in a zone."""
        self.lake.file_system(zone).get_file_client(path).upload_data(content, overwrite=True)

    def rows(self, table: str) -> list[dict[str, str]]:
        """Rows of a curated table."""
        texts = [content.decode() for name, content in sorted(self.files("curated").items()) if name.startswith(table)]
        return [row for text in texts for row in csv.DictReader(io.StringIO(text))]

    def run(self, pipeline: str, **parameters: Any) -> dict[str, Any]:
        """A finished run."""
        return run_pipeline(self.workspace, pipeline, **parameters)

    def succeed(self, pipeline: str, **parameters: Any) -> None:
        """A run that must succeed."""
        run = self.run(pipeline, **parameters)
        assert run["status"] == "Succeeded", run["message"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with all its roles."""
    samples = write_hospital(tmp_path_factory.mktemp("samples"))
    settings = Settings(lro_polls=0, sample_folder=samples)
    azure = LocalAzure(tmp_path_factory.mktemp("azure"), settings, services=SERVICES)
    try:
        yield _build(azure)
    finally:
        azure.stop()


def _build(azure: LocalAzure) -> Site:
    workspace = make_workspace(azure)
    lake = lake_bench.make_account(azure)
    lake.change_account(
        networkAcls={
            "defaultAction": "Deny",
            "ipRules": [{"value": lake.source_ip, "action": "Allow"}],
            "resourceAccessRules": [{"resourceId": workspace.arm_id, "tenantId": azure.directory.tenant_id}],
        }
    )
    site = Site(workspace, lake, _make_vault(workspace, lake))
    for zone, role in ROLES.items():
        lake.assign(role, site.identity, f"{lake.arm_id}/blobServices/default/containers/{zone}")
    bindings = {
        "dataLakeUrl": f"https://{lake.name}.dfs.core.windows.net",
        "keyVaultUrl": f"https://{site.vault}.vault.azure.net",
        "sqlServer": "srv.database.windows.net",
        "sqlDatabase": "db",
    }
    publish_all(workspace, bindings)
    grant_database(workspace, "srv", "db")
    return site


def _make_vault(workspace: Bench, lake: lake_bench.Bench) -> str:
    """A vault closed to the internet, which trusted services such as a workspace pass; with the pseudonym key."""
    name = f"vault{uuid.uuid4().hex[:8]}"
    group = workspace.arm_id.partition("/providers/")[0]
    arm_id = f"{group}/providers/{KEY_VAULT}/{name}"
    properties = {
        "tenantId": workspace.azure.directory.tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [{"value": lake.source_ip}]},
    }
    _manage(workspace, group, "2024-03-01", {"location": "westeurope"})
    _manage(workspace, arm_id, "2023-07-01", {"location": "westeurope", "properties": properties})
    lake.assign("Key Vault Secrets Officer", "deployer", arm_id)
    lake.assign(SECRETS_USER, workspace.name, arm_id)
    secret = {"value": KEY}
    _put(
        workspace, f"https://{name}.vault.azure.net", "/secrets/pseudonym-key", "7.4", "https://vault.azure.net", secret
    )
    return name


def _manage(workspace: Bench, arm_id: str, version: str, body: Any) -> None:
    _put(workspace, "https://management.azure.com", arm_id, version, "https://management.azure.com", body)


def _put(workspace: Bench, endpoint: str, path: str, version: str, audience: str, body: Any) -> None:
    token = workspace.azure.tokens.issue(workspace.principal("deployer"), audience)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    host, query, content = endpoint.removeprefix("https://"), {"api-version": version}, json.dumps(body).encode()
    answer = workspace.azure.dispatcher.handle(Request("PUT", host, path, query, headers, content, "203.0.113.10"))
    assert answer.status < 300, answer.content()


@pytest.fixture
def site(built: Site) -> Site:
    """The site with empty zones."""
    for each in list(built.lake.lake().list_file_systems()):
        built.lake.file_system(each.name).delete_file_system()
    for zone in ZONES:
        built.lake.made_file_system(zone)
    return built


def test_patients_go_from_the_database_to_raw_and_without_identities_to_curated(site: Site) -> None:
    site.succeed("ingest_patients", full=True)
    counts = {table: len(site.rows(table)) for table in ("patients", "encounters", "observations")}
    assert counts == {"patients": 2, "encounters": 6, "observations": 3}
    people = {row["Id"] for row in site.rows("patients")}
    assert {row["PATIENT"] for row in site.rows("encounters")} == people
    text = b"".join(site.files("curated").values()).decode()
    for secret in ("999-12-3456", "Annabella", "p-ann", "e-2018-ann", "1990-02-03", KEY):
        assert secret not in text


def test_a_run_leaves_no_staging_behind_not_even_empty_folders_of_its_own(site: Site) -> None:
    for pipeline in ("ingest_patients", "ingest_telemetry", "ingest_images"):
        site.write("landing", "telemetry/a.jsonl", READING.format(1, "2021-07-14T12:47:39Z", 23).encode())
        site.succeed(pipeline, full=True)
    for zone in ZONES:
        paths = [each.name for each in site.lake.file_system(zone).get_paths()]
        assert [path for path in paths if path.count("/") > 1 and path.startswith("_staging")] == []


def test_windows_one_after_the_other_and_once_more_give_what_a_full_run_gives(site: Site) -> None:
    site.succeed("ingest_patients", full=True)
    whole = site.published()
    for zone in ("raw", "curated"):
        for path in list(site.lake.file_system(zone).get_paths(recursive=False)):
            site.lake.file_system(zone).delete_directory(path.name)
    for year in (2018, 2019, 2020, 2019):
        window = {"windowStart": f"{year}-01-01T00:00:00Z", "windowEnd": f"{year + 1}-01-01T00:00:00Z"}
        site.succeed("ingest_patients", **window)
    assert site.published() == whole


def test_the_telemetry_files_of_one_folder_are_flattened_and_a_day_without_readings_loses_its_file(site: Site) -> None:
    header = b"deviceId,location,time,temperature\n"
    site.write("landing", "telemetry/a.jsonl", READING.format(1, "2021-07-14T12:47:39Z", 23).encode())
    site.write("landing", "telemetry/b.jsonl", READING.format(2, "2021-07-15T00:00:00Z", 19.5).encode())
    site.write("landing", "telemetry/b.txt", b"no reading")
    site.write("landing", "telemetry/deeper/c.jsonl", READING.format(3, "2021-07-16T00:00:00Z", 20).encode())
    site.succeed("ingest_telemetry", full=True)
    assert site.files("curated") == {
        "telemetry/date=2021-07-14.csv": header + b"1,Office1,2021-07-14 12:47:39,23.0\n",
        "telemetry/date=2021-07-15.csv": header + b"2,Office1,2021-07-15 00:00:00,19.5\n",
    }
    site.lake.file_system("landing").get_file_client("telemetry/a.jsonl").delete_file()
    site.succeed("ingest_telemetry", windowStart="2021-07-14T00:00:00Z", windowEnd="2021-07-16T00:00:00Z")
    assert list(site.files("curated")) == ["telemetry/date=2021-07-15.csv"]


def test_images_are_copied_byte_for_byte_and_indexed(site: Site, tmp_path: Path) -> None:
    images = write_images(tmp_path)
    for each in images:
        site.write("landing", f"images/{each.name}", each.read_bytes())
    site.succeed("ingest_images", full=True)
    raw = site.files("raw")
    assert {f"images/{each.name}": each.read_bytes() for each in images}.items() <= raw.items()
    assert len(site.rows("images")) == sum(each.suffix == ".dcm" for each in images)


@contextmanager
def _no_roles(site: Site) -> Iterator[None]:
    """Takes the workspace's roles on the lake away for a while."""
    assignments = site.azure.role_assignments
    me = site.workspace.principal(site.identity).object_id
    mine = [each for each in assignments.list(site.lake.arm_id) if each.principal_id == me]
    assert len(mine) == len(ROLES)
    for each in mine:
        assignments.delete(each.scope, each.name)
    try:
        yield
    finally:
        for each in mine:
            assignments.put(each)


def test_a_workspace_without_a_role_on_the_lake_is_refused_by_the_lake(site: Site) -> None:
    with _no_roles(site):
        run = site.run("ingest_patients", full=True)
    assert run["status"] == "Failed"
    assert "AuthorizationPermissionMismatch" in run["message"]
    assert site.published() == {}


def test_a_lake_that_does_not_name_the_workspace_refuses_it_by_its_network_rules(site: Site) -> None:
    document = site.azure.resources.get(site.lake.arm_id)
    assert document is not None
    rules = document["properties"]["networkAcls"]
    site.lake.change_account(networkAcls={**rules, "resourceAccessRules": []})
    try:
        run = site.run("ingest_patients", full=True)
    finally:
        site.lake.change_account(networkAcls=rules)
    assert run["status"] == "Failed"
    assert "AuthorizationFailure" in run["message"]


def test_access_control_lists_alone_let_a_workspace_through(site: Site) -> None:
    """Least privilege without any role: x on the way, rwx with a default where it writes, r-x where it reads."""
    me = site.workspace.principal(site.identity).object_id
    for zone, bits in (("landing", "r-x"), ("raw", "rwx"), ("curated", "rwx")):
        root = site.lake.file_system(zone).get_directory_client("/")
        base = "user::rwx,group::r-x,other::---"
        default = f"default:user::rwx,default:user:{me}:{bits},default:group::r-x,default:other::---"
        root.set_access_control(acl=f"{base},user:{me}:{bits},{default}")
    site.write("landing", "telemetry/a.jsonl", READING.format(1, "2021-07-14T12:47:39Z", 23).encode())
    with _no_roles(site):
        for pipeline in ("ingest_patients", "ingest_telemetry", "ingest_images"):
            site.succeed(pipeline, full=True)
    assert "telemetry/date=2021-07-14.csv" in site.files("curated")


def test_people_read_what_a_run_published_by_access_control_lists_alone(site: Site) -> None:
    scientists = lake_bench.group("data-scientists")
    curated = site.lake.file_system("curated")
    base = "user::rwx,group::r-x,other::---"
    defaults = f"default:user::rwx,default:group::r-x,default:other::---,default:group:{scientists}"
    curated.get_directory_client("/").set_access_control(acl=f"{base},group:{scientists}:r-x,{defaults}:r-x")
    # a file that is moved out of staging keeps the list it got there: readable, but nobody comes in
    curated.create_directory("_staging", acl=f"{base},{defaults}:r-x")
    site.succeed("ingest_patients", full=True)
    theirs = site.lake.file_system("curated", "data-scientist")
    published = site.files("curated")
    assert {path: theirs.get_file_client(path).download_file().readall() for path in published} == published
    with lake_bench.refused(403, "AuthorizationPermissionMismatch"):
        list(theirs.get_paths("_staging"))
    with lake_bench.refused(403, "AuthorizationPermissionMismatch"):
        list(site.lake.file_system("raw", "data-scientist").get_paths())
    with lake_bench.refused(403, "AuthorizationPermissionMismatch"):
        theirs.get_file_client(next(iter(published))).delete_file()


class _Interrupting:
    """Stands before the lake and does something when a number of requests have come in."""

    name = "interrupting"

    def __init__(self, lake: Service, at: int, act: Callable[[], None]) -> None:
        self._lake, self._at, self._act = lake, at, act
        self.count = 0

    def owns(self, host: str) -> bool:
        return self._lake.owns(host)

    def handle(self, request: Request) -> Response:
        self.count += 1
        if self.count == self._at:
            self._act()
        return self._lake.handle(request)


def _count_requests(site: Site, at: int, act: Callable[[], None], **window: str) -> tuple[int, str]:
    """Runs with something happening at a request of the run; how many requests there were, and how it ended."""
    services = site.azure.dispatcher.services
    found = next(each for each in services if each.name == "data_lake")
    interrupting = _Interrupting(found, at, act)
    services.insert(0, interrupting)
    try:
        run = site.run("ingest_patients", **window)
    finally:
        services.remove(interrupting)
    return interrupting.count, str(run["status"])


@pytest.mark.parametrize("moment", [0.1, 0.4, 0.55, 0.7, 0.95])
def test_a_run_killed_at_any_moment_and_run_again_ends_as_one_clean_run(site: Site, moment: float) -> None:
    window = {"windowStart": "2018-06-01T00:00:00Z", "windowEnd": "2020-06-01T00:00:00Z"}
    site.succeed("ingest_patients", windowStart="2018-01-01T00:00:00Z", windowEnd="2019-01-01T00:00:00Z")
    before = site.published()
    count, status = _count_requests(site, 0, lambda: None, **window)
    assert status == "Succeeded"
    clean = site.published()
    for path in set(clean) - set(before):
        zone, _, name = path.partition("/")
        site.lake.file_system(zone).get_file_client(name).delete_file()
    for path, content in before.items():
        zone, _, name = path.partition("/")
        site.write(zone, name, content)
    _, status = _count_requests(site, int(count * moment), lambda: _cancel_all(site), **window)
    assert status == "Cancelled"
    half_way = {name: content for name, content in site.published().items() if "_staging" not in name}
    for name, content in half_way.items():
        assert content in (before.get(name), clean.get(name)), name
    site.succeed("ingest_patients", **window)
    assert site.published() == clean


def _cancel_all(site: Site) -> None:
    going = {"operand": "Status", "operator": "In", "values": ["InProgress", "Queued"]}
    answer = site.workspace.call("POST", "/queryPipelineRuns", {**WINDOW, "filters": [going]})
    for run in json.loads(answer.content())["value"]:
        site.workspace.call("POST", f"/pipelineruns/{run['runId']}/cancel?isRecursive=true")
