"""The check of whole folders and of single files, in the library and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from artifact_checks.check import check_folder, check_path
from ingest_cli.artifact_commands import app
from synapse_artifacts.documents import tokens_of, walk

SOUND = Path(__file__).parents[1] / "fixtures" / "artifacts" / "sound"
_DOCUMENTS = {
    file.relative_to(SOUND).as_posix(): json.loads(file.read_text()) for file in sorted(SOUND.glob("*/*.json"))
}
_PLACES = [(name, pointer) for name, document in _DOCUMENTS.items() for pointer, _ in walk(document) if pointer]
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "@", "@{", "@item()", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "value", "name", "referenceName", "parameters"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_a_sound_folder_has_no_problems() -> None:
    assert check_folder(SOUND).summary == "9 artifacts, 0 errors"


def test_a_pipeline_that_cannot_be_read_is_the_only_problem(folder: Path) -> None:
    (folder / "pipeline" / "main.json").write_text('{"name": "main",}')
    (problem,) = check_folder(folder).problems
    assert str(problem).startswith("reading pipeline/main: the file is no JSON: ")


def test_of_one_file_only_its_own_problems_are_told(change: Callable[..., Path]) -> None:
    change("dataset/files", "/properties/type", "Text")
    folder = change("trigger/window", "/properties/typeProperties/interval", 0)
    report = check_path(folder / "trigger" / "window.json")
    assert [each.subject for each in report.problems] == ["trigger/window"]
    assert report.summary == "1 artifacts, 1 errors"
    assert len(check_path(folder).problems) == 2


def test_a_circle_of_pipelines_is_told_once(folder: Path) -> None:
    reference = {"referenceName": "main", "type": "PipelineReference"}
    file = folder / "pipeline" / "remove.json"
    document = json.loads(file.read_text())
    activity = {"name": "Again", "type": "ExecutePipeline", "typeProperties": {"pipeline": reference}}
    document["properties"]["activities"].append(activity)
    file.write_text(json.dumps(document))
    (problem,) = check_folder(folder).problems
    assert "it leads back to itself: pipeline/" in problem.cause


def test_the_command_ends_with_a_summary_and_a_code(change: Callable[..., Path]) -> None:
    sound = CliRunner().invoke(app, ["check", str(SOUND)])
    assert (sound.exit_code, sound.output) == (0, "9 artifacts, 0 errors\n")
    folder = change("trigger/window", "/properties/typeProperties/interval", 0)
    wrong = CliRunner().invoke(app, ["check", str(folder)])
    assert wrong.exit_code == 1
    assert wrong.output.splitlines() == [
        "checking trigger/window: expected an integer, at least 1, found '0'",
        f"  at {folder}/trigger/window.json:17:16 /properties/typeProperties/interval",
        "9 artifacts, 1 errors",
    ]


def test_a_file_outside_a_folder_of_artifacts_is_said_to_be_one(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("text")
    result = CliRunner().invoke(app, ["check", str(file)])
    assert result.exit_code == 1
    assert f"reading {file}: it is a file\n" in result.output
    missing = CliRunner().invoke(app, ["check", str(tmp_path / "pipeline" / "gone.json")])
    assert "there is no such folder" in missing.output


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(_PLACES), _JUNK), min_size=1, max_size=3))
def test_no_value_anywhere_breaks_the_check(tmp_path: Path, changes: list[tuple[tuple[str, str], Any]]) -> None:
    documents = json.loads(json.dumps(_DOCUMENTS))
    for (name, pointer), value in changes:
        _set(documents[name], pointer, value)
    for name, document in documents.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(document))
    report = check_folder(tmp_path)
    assert report.count == len(_DOCUMENTS)
    assert all(each.file is None or each.line is not None for each in report.problems)


def _set(document: Any, pointer: str, value: Any) -> None:
    *path, last = tokens_of(pointer)
    for token in path:
        if isinstance(document, list) and token.isdecimal() and int(token) < len(document):
            document = document[int(token)]
        elif isinstance(document, Mapping) and token in document:
            document = document[token]
        else:
            return  # an earlier change took the place away
    if isinstance(document, dict):
        document[last] = value
    elif isinstance(document, list) and last.isdecimal() and int(last) < len(document):
        document[int(last)] = value
