"""The folder of artifacts is read and checked before anything is declared."""

import json
import shutil
from pathlib import Path

import pytest
from program_bench import settings_of

from azure_ids.synapse import WorkspaceEndpoint
from infra.artifact_settings import DEFAULT_FOLDER, PROJECT_FOLDER, ArtifactSettings
from infra.components.published_artifacts import Artifacts, read_artifacts, trigger_names
from infra.settings import Publication, Triggers
from synapse_artifacts.errors import ArtifactErrors

FOLDER = PROJECT_FOLDER / DEFAULT_FOLDER


def read(folder: Path, stack: str = "local", **settings: object) -> Artifacts:
    return read_artifacts(settings_of(stack, artifacts={"folder": str(folder), **settings}), stack)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "pipelines_json"))


def test_every_document_of_the_folder_is_read() -> None:
    artifacts = read_artifacts(settings_of(), "local")
    files = {f"{each.parent.name}/{each.stem}" for each in FOLDER.glob("*/*.json")}
    assert set(artifacts.documents) == files


def test_a_syntax_error_is_told_with_file_and_line_before_anything_is_declared(folder: Path) -> None:
    file = folder / "trigger" / "daily_images.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"frequency": "Day",', '"frequency": "Day"'))
    with pytest.raises(ArtifactErrors) as caught:
        read(folder)
    assert str(caught.value) == (
        f"reading trigger/daily_images: the file is no JSON: Expecting ',' delimiter\n  at {file}:23:5"
    )


def test_a_wrong_script_and_a_wrong_activity_are_told_together_before_anything_is_declared(folder: Path) -> None:
    flow = next(iter(sorted((folder / "dataflow").glob("*.json"))))
    flow.write_text(flow.read_text(encoding="utf-8").replace("source(", "source((", 1), encoding="utf-8")
    pipeline = folder / "pipeline" / "remove_folder.json"
    pipeline.write_text(pipeline.read_text(encoding="utf-8").replace('"Succeeded"', '"Done"', 1), encoding="utf-8")
    with pytest.raises(ArtifactErrors) as caught:
        read(folder)
    assert {problem.subject for problem in caught.value.problems} == {f"dataflow/{flow.stem}", "pipeline/remove_folder"}
    assert all(problem.line is not None for problem in caught.value.problems)


def test_a_dangling_reference_is_told_with_file_and_pointer(folder: Path) -> None:
    (folder / "pipeline" / "remove_folder.json").unlink()
    with pytest.raises(ArtifactErrors) as caught:
        read(folder)
    assert "remove_folder" in str(caught.value)
    assert "/properties/activities/" in str(caught.value)


def test_a_value_typed_where_an_output_belongs_is_refused(folder: Path) -> None:
    file = folder / "linkedService" / "data_lake.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("<bound-at-deployment:dataLakeUrl>", "https://mine.dfs.core.windows.net"))
    with pytest.raises(ArtifactErrors, match=r"https://mine\.dfs\.core\.windows\.net"):
        read(folder)


def test_triggers_are_known_by_their_files(folder: Path) -> None:
    (folder / "trigger" / "hourly.json").write_text("{}", encoding="utf-8")
    assert trigger_names(folder) == {"daily_images", "daily_patients", "daily_telemetry", "hourly"}


def test_overlays_of_the_stack_are_laid_over_the_files(folder: Path) -> None:
    path = "properties.parameters.full.defaultValue"
    read_in = read(folder, overlays={"pipeline/ingest_patients": {path: True}})
    assert read_in.documents["pipeline/ingest_patients"]["properties"]["parameters"]["full"]["defaultValue"] is True


def test_an_overlay_that_azure_would_not_publish_fails_the_preview(folder: Path) -> None:
    with pytest.raises(ArtifactErrors) as caught:
        read(folder, overlays={"pipeline/ingest_patients": {"properties.activities[0].type": "Waits"}})
    (problem,) = caught.value.problems
    assert (problem.doing, problem.pointer) == ("overlaying", "/properties/activities/0/type")
    assert problem.cause == "unknown activity type 'Waits'"


def test_triggers_have_the_names_that_their_files_give_them(folder: Path) -> None:
    file = folder / "trigger" / "daily_images.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"daily_images"', '"Daily_Images"'), encoding="utf-8")
    (folder / "trigger" / "wrong.json").write_text("[", encoding="utf-8")
    assert {"Daily_Images", "wrong"} <= trigger_names(folder)


def test_an_overlay_that_matches_nothing_fails_the_preview(folder: Path) -> None:
    with pytest.raises(ArtifactErrors, match=r"expected one of properties\.parameters\.full"):
        read(folder, overlays={"pipeline/ingest_patients": {"properties.parameters.ful.defaultValue": True}})


def test_a_value_of_another_stack_fails_the_preview(folder: Path) -> None:
    file = folder / "pipeline" / "ingest_patients.json"
    text = file.read_text(encoding="utf-8")
    tenant_of_local = "7b7ead8f-60e4-5f08-93fe-5ae0d353fc7e"
    file.write_text(text.replace('"A window is', f'"Of {tenant_of_local}. A window is', 1), encoding="utf-8")
    artifacts = {"folder": str(folder)}
    read_artifacts(settings_of("local", artifacts=artifacts), "local")
    given = {"tenant_id": "7b7ead8f-60e4-4f08-93fe-5ae0d353fc7e", "artifacts": artifacts}
    with pytest.raises(ArtifactErrors, match=r"tenant_id of stack local\n  at /properties/"):
        read_artifacts(settings_of("prod", **given), "prod")


def test_an_encrypted_credential_fails_the_preview_with_a_remedy(folder: Path) -> None:
    file = folder / "linkedService" / "patient_database.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"typeProperties": {', '"typeProperties": {"encryptedCredential": "ew0K",', 1))
    with pytest.raises(ArtifactErrors, match="only the workspace that made it can read") as caught:
        read(folder)
    assert "hint: use the managed identity, or an AzureKeyVaultSecret" in str(caught.value)


def test_an_output_that_no_deployment_gives_is_told(folder: Path) -> None:
    (folder / "environment.json").write_text('{"outputs": {"lakeUrl": "?"}, "fields": []}', encoding="utf-8")
    for each in folder.glob("*/*.json"):
        text = each.read_text(encoding="utf-8")
        each.write_text(text.replace("<bound-at-deployment:", "<"), encoding="utf-8")
    with pytest.raises(ArtifactErrors, match="output lakeUrl: no deployment gives it"):
        read(folder)


def test_a_stack_that_deploys_artifacts_alone_has_no_outputs_to_bind(folder: Path) -> None:
    host = WorkspaceEndpoint("made-by-hand")
    artifacts = ArtifactSettings(folder, (), (), host)
    alone = Publication("t", "s", host, Triggers((), kept=False), artifacts)
    with pytest.raises(ArtifactErrors, match="none: the stack deploys artifacts alone\n  hint: use an overlay"):
        read_artifacts(alone, "hand")


def test_any_folder_in_the_layout_of_studio_is_read(tmp_path: Path) -> None:
    (tmp_path / "pipeline").mkdir()
    waits = {"name": "w", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    (tmp_path / "pipeline" / "p.json").write_text(json.dumps({"name": "p", "properties": {"activities": [waits]}}))
    assert list(read(tmp_path).documents) == ["pipeline/p"]


def test_what_only_a_run_would_meet_is_warned_of_and_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", warned.append)
    (tmp_path / "pipeline").mkdir()
    called = {"referenceName": "inner", "type": "PipelineReference"}
    call = {"name": "c", "type": "ExecutePipeline", "typeProperties": {"pipeline": called}}
    wait = {"name": "w", "type": "Wait", "typeProperties": {"waitTimeInSeconds": "@pipeline().parameters.day"}}
    inner = {"activities": [wait], "parameters": {"day": {"type": "int"}}}
    for name, properties in (("outer", {"activities": [call]}), ("inner", inner)):
        document = {"name": name, "properties": properties}
        (tmp_path / "pipeline" / f"{name}.json").write_text(json.dumps(document))
    assert set(read(tmp_path).documents) == {"pipeline/outer", "pipeline/inner"}
    [text] = warned
    assert "the parameter 'day' of the pipeline 'inner' has no value" in text
    assert text.endswith("Azure publishes it; what runs it fails")
