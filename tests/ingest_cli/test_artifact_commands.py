"""`ingest artifacts check`: its exit code, its last line and where it finds problems."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner, Result

from ingest_cli.main import application
from ingest_cli.project import ARTIFACT_FOLDER


def check(folder: Path) -> Result:
    return CliRunner().invoke(application(["artifacts"]), ["artifacts", "check", str(folder)])


def test_artifacts_without_a_problem_end_with_0_and_their_number() -> None:
    count = sum(1 for file in ARTIFACT_FOLDER.glob("*/*.json"))
    answer = check(ARTIFACT_FOLDER)
    assert (answer.exit_code, answer.output) == (0, f"{count} artifacts, 0 errors\n")


def test_what_is_checked_but_not_published_is_told_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "artifacts"
    shutil.copytree(ARTIFACT_FOLDER, folder)
    (folder / "integrationRuntime").mkdir()
    runtime = {"name": "home", "properties": {"type": "SelfHosted"}}
    (folder / "integrationRuntime" / "home.json").write_text(json.dumps(runtime), encoding="utf-8")
    answer = check(folder)
    assert answer.exit_code == 0
    assert "integrationRuntime/home is not published: it is a resource of the subscription" in answer.output


def test_every_problem_is_told_with_file_and_pointer_before_their_number(tmp_path: Path) -> None:
    folder = tmp_path / "artifacts"
    shutil.copytree(ARTIFACT_FOLDER, folder)
    (folder / "dataset" / "data_lake_file.json").unlink()
    (folder / "trigger" / "broken.json").write_text("{", encoding="utf-8")
    answer = check(folder)
    assert answer.exit_code == 1
    *told, last = answer.output.splitlines()
    problems = [line for line in told if not line.startswith(" ")]
    assert last.endswith(f" artifacts, {len(problems)} errors")
    assert any("broken.json:1" in line for line in told)
    assert any("data_lake_file, which does not exist" in line for line in told)
    assert any("/typeProperties" in line or "/properties" in line for line in told)


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    answer = check(tmp_path / "nowhere")
    assert answer.exit_code == 1
    assert f"reading {tmp_path / 'nowhere'}: there is no such folder" in answer.output
    assert answer.output.splitlines()[-1] == "0 artifacts, 1 errors"


def readiness(folder: Path, *options: str) -> Result:
    arguments = ["artifacts", "readiness", str(folder), "--for", "fabric", *options]
    return CliRunner().invoke(application(["artifacts"]), arguments)


def test_what_fabric_lacks_is_a_report_and_no_failure() -> None:
    answer = readiness(ARTIFACT_FOLDER)
    assert answer.exit_code == 0
    assert "dataflow/deidentify_patients: rewrite" in answer.output.splitlines()


def test_the_report_as_json_has_every_artifact() -> None:
    answer = readiness(ARTIFACT_FOLDER, "--json")
    report = json.loads(answer.output)
    assert len(report["artifacts"]) == sum(1 for file in ARTIFACT_FOLDER.glob("*/*.json"))
    flow = next(each for each in report["artifacts"] if each["artifact"] == "dataflow/deidentify_patients")
    assert (flow["verdict"], [gap["pointer"] for gap in flow["gaps"]]) == ("rewrite", ["/properties/type"])


def test_a_file_that_cannot_be_read_fails_beside_the_report(tmp_path: Path) -> None:
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "broken.json").write_text("{", encoding="utf-8")
    answer = readiness(tmp_path)
    assert answer.exit_code == 1
    assert "broken.json:1" in answer.stderr
