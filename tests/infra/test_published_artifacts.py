"""The folder of artifacts is read and checked before anything is declared."""

import shutil
from pathlib import Path

import pytest
from program_bench import settings_of

from infra.components.published_artifacts import FOLDER, read_artifacts, trigger_names
from synapse_artifacts.errors import ArtifactErrors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "pipelines_json"))


def test_every_document_of_the_folder_is_read() -> None:
    artifacts = read_artifacts(settings_of())
    files = {f"{each.parent.name}/{each.stem}" for each in FOLDER.glob("*/*.json")}
    assert set(artifacts.documents) == files


def test_a_syntax_error_is_told_with_file_and_line_before_anything_is_declared(folder: Path) -> None:
    file = folder / "trigger" / "daily_images.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"frequency": "Day",', '"frequency": "Day"'))
    with pytest.raises(ArtifactErrors) as caught:
        read_artifacts(settings_of(), folder)
    assert str(caught.value) == (
        f"reading trigger/daily_images: the file is no JSON: Expecting ',' delimiter\n  at {file}:23:5"
    )


def test_a_wrong_script_and_a_wrong_activity_are_told_together_before_anything_is_declared(folder: Path) -> None:
    flow = next(iter(sorted((folder / "dataflow").glob("*.json"))))
    flow.write_text(flow.read_text(encoding="utf-8").replace("source(", "source((", 1), encoding="utf-8")
    pipeline = folder / "pipeline" / "remove_folder.json"
    pipeline.write_text(pipeline.read_text(encoding="utf-8").replace('"Succeeded"', '"Done"', 1), encoding="utf-8")
    with pytest.raises(ArtifactErrors) as caught:
        read_artifacts(settings_of(), folder)
    assert {problem.subject for problem in caught.value.problems} == {f"dataflow/{flow.stem}", "pipeline/remove_folder"}
    assert all(problem.line is not None for problem in caught.value.problems)


def test_a_dangling_reference_is_told_with_file_and_pointer(folder: Path) -> None:
    (folder / "pipeline" / "remove_folder.json").unlink()
    with pytest.raises(ArtifactErrors) as caught:
        read_artifacts(settings_of(), folder)
    assert "remove_folder" in str(caught.value)
    assert "/properties/activities/" in str(caught.value)


def test_a_value_typed_where_an_output_belongs_is_refused(folder: Path) -> None:
    file = folder / "linkedService" / "data_lake.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("<bound-at-deployment:dataLakeUrl>", "https://mine.dfs.core.windows.net"))
    with pytest.raises(ArtifactErrors, match=r"https://mine\.dfs\.core\.windows\.net"):
        read_artifacts(settings_of(), folder)


def test_triggers_are_known_by_their_files(folder: Path) -> None:
    (folder / "trigger" / "hourly.json").write_text("{}", encoding="utf-8")
    assert trigger_names(folder) == {"daily_images", "daily_patients", "daily_telemetry", "hourly"}
