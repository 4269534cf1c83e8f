"""Which files a pull changes: Studio's changes alone, in Studio's formatting; placeholders and overlaid values stay."""

import json
from pathlib import Path
from typing import Any

import pytest

from azure_ids.synapse import ArtifactKind
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.json_rewriting import studio_text
from ingest_cli.pull_changes import PullPlan
from ingest_cli.pull_plan import plan_pull, trigger_remarks
from synapse_artifacts.load import load_folder
from synapse_artifacts.normalise import differences

WAIT = {"name": "rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
LAKE = "linkedService/lake"
LOAD = "pipeline/load"
KINDS = {kind.value: kind for kind in ArtifactKind}


def lake(url: str) -> dict[str, Any]:
    return {"name": "lake", "properties": {"type": "AzureBlobFS", "typeProperties": {"url": url}}}


def load(*activities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "load", "properties": {"activities": list(activities), **more}}


FILES = {LAKE: lake("<bound-at-deployment:dataLakeUrl>"), LOAD: load(WAIT, concurrency=1)}
DEPLOYED = {LAKE: lake("https://lake.dfs.core.windows.net"), LOAD: load(WAIT, concurrency=7)}
"""As deployed: one field is bound to an output, another is overlaid."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for id, document in FILES.items():
        file = tmp_path / f"{id}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(studio_text(document), encoding="utf-8")
    return tmp_path


def plan(folder: Path, live: dict[str, dict[str, Any]]) -> PullPlan:
    listed: dict[ArtifactKind, dict[str, dict[str, Any]]] = {kind: {} for kind in ArtifactKind}
    for id, document in live.items():
        kind, name = id.split("/")
        listed[KINDS[kind]][name] = {**document, "id": f"/{id}", "etag": "e", "type": "t"}
    return plan_pull(load_folder(folder), DEPLOYED, LiveArtifacts(listed))


def texts(found: PullPlan) -> dict[str, str | None]:
    assert found.conflicts == []
    return {f"{each.verb} {each.artifact}": each.text for each in found.changes}


def test_what_nobody_changed_is_not_written(folder: Path) -> None:
    as_the_service_tells = json.loads(json.dumps(DEPLOYED))
    as_the_service_tells[LOAD]["properties"]["lastPublishTime"] = "2024-01-01T00:00:00Z"
    as_the_service_tells[LOAD]["properties"]["activities"][0]["dependsOn"] = []
    assert texts(plan(folder, as_the_service_tells)) == {}


def test_a_change_is_written_and_bound_and_overlaid_fields_stay(folder: Path) -> None:
    more = {**WAIT, "name": "first"}
    changed = {
        LAKE: {"name": "lake", "properties": {**DEPLOYED[LAKE]["properties"], "description": "The lake"}},
        LOAD: load(more, {**WAIT, "typeProperties": {"waitTimeInSeconds": 5}}, concurrency=7),
    }
    assert texts(plan(folder, changed)) == {
        "change linkedService/lake": studio_text(
            {"name": "lake", "properties": {**FILES[LAKE]["properties"], "description": "The lake"}}
        ),
        "change pipeline/load": studio_text(
            load(more, {**WAIT, "typeProperties": {"waitTimeInSeconds": 5}}, concurrency=1)
        ),
    }


def test_a_new_artifact_gets_a_file_and_a_deleted_one_loses_it(folder: Path) -> None:
    told = {"lastPublishTime": "2024-01-01T00:00:00Z", "entityState": None, "folder": None}
    new = {"name": "new", "properties": {"activities": [WAIT], **told}}
    default = {"name": "ws-WorkspaceDefaultStorage", "properties": {"type": "AzureBlobFS"}}
    live = {LAKE: DEPLOYED[LAKE], "pipeline/new": new, "linkedService/ws-WorkspaceDefaultStorage": default}
    assert texts(plan(folder, live)) == {
        "delete pipeline/load": None,
        "add pipeline/new": studio_text({"name": "new", "properties": {"activities": [WAIT]}}),
    }


def test_the_state_gets_what_the_workspace_holds(folder: Path) -> None:
    new = {"name": "new", "properties": {"activities": [WAIT]}}
    live = {LAKE: lake("https://other.dfs.core.windows.net"), "pipeline/new": new}
    assert plan(folder, live).deployed == {LAKE: live[LAKE], LOAD: None, "pipeline/new": new}
    assert plan(folder, DEPLOYED).deployed == {}


def test_a_value_of_the_environment_that_studio_changed_is_told_and_stays(folder: Path) -> None:
    found = plan(folder, {LAKE: lake("https://other.dfs.core.windows.net"), LOAD: load(WAIT, concurrency=8)})
    assert found.changes == []
    assert [str(each).splitlines()[0] for each in found.conflicts] == [
        f"pulling {id}: Studio changed {path}, and so does the file: by an output, an overlay or an edit"
        for id, path in ((LAKE, "properties.typeProperties.url"), (LOAD, "properties.concurrency"))
    ]


def test_an_edit_that_is_not_deployed_yet_stays_beside_studios_change(folder: Path) -> None:
    (folder / f"{LOAD}.json").write_text(studio_text(load(WAIT, concurrency=1, description="Mine")), encoding="utf-8")
    live = {LAKE: DEPLOYED[LAKE], LOAD: load(WAIT, concurrency=7, annotations=["theirs"])}
    (text,) = texts(plan(folder, live)).values()
    assert text == studio_text(load(WAIT, concurrency=1, description="Mine", annotations=["theirs"]))


def test_a_byte_order_mark_and_blanks_stay(folder: Path) -> None:
    text = "\ufeff" + json.dumps(FILES[LOAD], indent=4).replace("\n", "\r\n") + "\r\n"
    (folder / f"{LOAD}.json").write_bytes(text.encode())
    live = {LAKE: DEPLOYED[LAKE], LOAD: load(WAIT, concurrency=7, description="x")}
    (changed,) = texts(plan(folder, live)).values()
    wanted = json.dumps(load(WAIT, concurrency=1, description="x"), indent=4)
    assert changed == "\ufeff" + wanted.replace("\n", "\r\n") + "\r\n"


def test_a_file_that_is_gone_and_changed_in_studio_is_a_conflict(folder: Path) -> None:
    (folder / f"{LOAD}.json").unlink()
    found = plan(folder, {LAKE: DEPLOYED[LAKE], LOAD: load(WAIT, concurrency=8)})
    assert found.changes == []
    assert "it has no file any more" in str(found.conflicts[0])


def test_a_new_trigger_that_runs_is_told(folder: Path) -> None:
    runs, rests = (
        {"name": name, "properties": {"type": "ScheduleTrigger", "runtimeState": state}}
        for name, state in (("runs", "Started"), ("rests", "Stopped"))
    )
    found = plan(folder, {**DEPLOYED, "trigger/runs": runs, "trigger/rests": rests})
    assert [(each.subject, each.hint) for each in found.remarks] == [("trigger/runs", "add runs to triggers.started")]
    assert json.loads(found.changes[1].text or "") == runs


def test_secrets_that_the_service_withholds_are_told_with_a_remedy(folder: Path) -> None:
    inner = {"password": {"type": "SecureString", "value": "**********"}, "encryptedCredential": "ew0K"}
    new = {"name": "sql", "properties": {"type": "AzureSqlDatabase", "typeProperties": inner}}
    found = plan(folder, {**DEPLOYED, "linkedService/sql": new})
    assert [each.verb for each in found.changes] == ["add"]
    assert json.loads(found.changes[0].text or "") == {"type": "Microsoft.Synapse/workspaces/linkedservices", **new}
    causes = {each.pointer: each.cause for each in found.remarks}
    assert causes == {
        "/properties/typeProperties/password/value": "the service masks a secret, so it cannot be published again",
        "/properties/typeProperties/encryptedCredential": (
            "it holds an encryptedCredential, which only the workspace that made it can read"
        ),
    }
    assert all("AzureKeyVaultSecret" in each.hint for each in found.remarks)


def test_secrets_that_somebody_wrote_in_studio_come_into_no_file_and_no_state(folder: Path) -> None:
    call = {"name": "call", "type": "WebActivity", "typeProperties": {"url": "https://x?sig=hunter2hunter2"}}
    new = {"name": "new", "properties": {"activities": [call]}}
    found = plan(folder, {LAKE: DEPLOYED[LAKE], LOAD: load(WAIT, call, concurrency=7), "pipeline/new": new})
    assert (found.changes, found.deployed) == ([], {})
    assert {each.subject for each in found.conflicts} == {LOAD, "pipeline/new"}
    assert all(each.hint.startswith("in Studio: use the managed identity") for each in found.conflicts)
    assert "hunter2" not in "".join(map(str, found.conflicts))


SALES = "database/sales"
_ENTITIES = ({"Name": "sales", "EntityType": "DATABASE"}, {"Name": "orders", "EntityType": "TABLE", "Columns": []})
STATEMENTS: dict[str, Any] = {"name": "sales", "properties": {"Ddls": [{"NewEntity": each} for each in _ENTITIES]}}


def test_a_lake_database_made_in_studio_gets_files_as_studio_keeps_them(folder: Path) -> None:
    found = plan(folder, {**DEPLOYED, SALES: STATEMENTS})
    for each in found.changes:
        each.file.parent.mkdir(parents=True, exist_ok=True)
        each.file.write_text(each.text or "", encoding="utf-8")
    written = [each.file.relative_to(folder).as_posix() for each in found.changes]
    assert written == ["database/sales.json", "database/sales/table/orders.json"]
    database = load_folder(folder).find("database", "sales")
    assert database is not None
    assert database.document == STATEMENTS


@pytest.fixture
def sales(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the lake database in parts, as deployed."""
    for each in plan(folder, {**DEPLOYED, SALES: STATEMENTS}).changes:
        each.file.parent.mkdir(parents=True, exist_ok=True)
        each.file.write_text(each.text or "", encoding="utf-8")
    monkeypatch.setitem(DEPLOYED, SALES, STATEMENTS)
    return folder


def pulled(folder: Path, *entities: dict[str, Any]) -> PullPlan:
    """The plan where Studio shows these entities, with what the service tells of each."""
    told = [{"NewEntity": {**each, "ObjectId": "o", "ObjectVersion": 3}} for each in entities]
    return plan(folder, {**DEPLOYED, SALES: {"name": "sales", "properties": {"Ddls": told}}})


def changed_files(found: PullPlan, folder: Path) -> dict[str, str]:
    return {each.file.relative_to(folder).as_posix(): each.verb for each in found.changes}


def test_a_lake_database_in_parts_goes_whole(sales: Path) -> None:
    found = plan(sales, {id: document for id, document in DEPLOYED.items() if id != SALES})
    assert found.conflicts == []
    assert changed_files(found, sales) == {
        "database/sales.json": "delete",
        "database/sales/table/orders.json": "delete",
    }


DATABASE, ORDERS = _ENTITIES
ITEMS = {"Name": "items", "EntityType": "TABLE", "Columns": [{"Name": "id"}]}


def test_only_the_parts_of_a_lake_database_that_studio_changed_are_written(sales: Path) -> None:
    more = {**ORDERS, "Columns": [{"Name": "day"}]}
    relationship = {"Name": "items_orders", "EntityType": "RELATIONSHIP", "FromEntityName": "items"}
    assert changed_files(pulled(sales, *_ENTITIES), sales) == {}
    found = pulled(sales, DATABASE, more, ITEMS, relationship)
    assert found.conflicts == []
    assert changed_files(found, sales) == {
        "database/sales/table/orders.json": "change",
        "database/sales/table/items.json": "add",
        "database/sales/relationship/items_orders.json": "add",
    }
    orders = json.loads(found.changes[0].text or "")
    assert orders == {"name": "orders", "properties": more, "type": "TABLE"}
    for each in found.changes:
        each.file.parent.mkdir(parents=True, exist_ok=True)
        each.file.write_text(each.text or "", encoding="utf-8")
    database = load_folder(sales).find("database", "sales")
    assert database is not None
    assert differences("database", database.document, found.deployed[SALES] or {}) == []


def test_a_table_that_studio_deleted_loses_its_file_and_the_database_keeps_its_own(sales: Path) -> None:
    assert changed_files(pulled(sales, DATABASE), sales) == {"database/sales/table/orders.json": "delete"}
    described = pulled(sales, {**DATABASE, "Description": "Sales"}, ORDERS)
    assert changed_files(described, sales) == {"database/sales.json": "change"}


def test_an_edit_of_a_table_stays_beside_studios_change(sales: Path) -> None:
    file = sales / "database/sales/table/orders.json"
    mine = {"name": "orders", "properties": {"Columns": [], "Description": "Mine"}, "type": "TABLE"}
    file.write_text(studio_text(mine), encoding="utf-8")
    [change] = pulled(sales, DATABASE, {**ORDERS, "Columns": [{"Name": "day"}]}).changes
    assert json.loads(change.text or "")["properties"] == {"Columns": [{"Name": "day"}], "Description": "Mine"}


def test_both_sides_of_a_table_are_a_conflict(sales: Path) -> None:
    (sales / "database/sales/table/orders.json").unlink()
    other = {"name": "items", "properties": {"Columns": [{"Name": "other"}]}, "type": "TABLE"}
    (sales / "database/sales/table/items.json").write_text(studio_text(other), encoding="utf-8")
    found = pulled(sales, DATABASE, {**ORDERS, "Columns": [{"Name": "day"}]}, ITEMS)
    assert found.changes == []
    assert [each.cause for each in found.conflicts] == [
        "Studio changed the table orders, and it has no file any more",
        "table items was made in Studio, and the folder has another one of that name",
    ]


def test_a_lake_database_in_one_file_gets_the_new_table_beside_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "database" / "sales.json"
    file.parent.mkdir()
    file.write_text(studio_text(STATEMENTS), encoding="utf-8")
    monkeypatch.setitem(DEPLOYED, SALES, STATEMENTS)
    [change] = pulled(folder, DATABASE, ORDERS, ITEMS).changes
    held = [each["NewEntity"] for each in json.loads(change.text or "")["properties"]["Ddls"]]
    assert held == [DATABASE, ORDERS, ITEMS]


def test_what_the_service_tells_of_a_lake_database_is_in_no_file(folder: Path) -> None:
    for each in pulled(folder, DATABASE, ORDERS).changes:
        assert "Object" not in (each.text or "")


def test_triggers_that_run_otherwise_than_the_settings_say_are_told() -> None:
    states = {"runs": "Started", "rests": "Stopped", "fits": "Started"}
    listed = {
        name: {"name": name, "properties": {"type": "ScheduleTrigger", "runtimeState": state}}
        for name, state in states.items()
    }
    live = LiveArtifacts({ArtifactKind.TRIGGER: listed})
    known = {f"trigger/{name}": listed[name] for name in states}
    found = {each.subject: (each.cause, each.hint) for each in trigger_remarks(known, ["rests", "fits", "gone"], live)}
    assert found == {
        "trigger/runs": ("it runs, and the next pulumi up --refresh stops it", "add runs to triggers.started"),
        "trigger/rests": (
            "it rests, and the next pulumi up --refresh starts it",
            "take rests out of triggers.started",
        ),
        "trigger/gone": ("it is gone, and the settings name it", "take gone out of triggers.started"),
    }
