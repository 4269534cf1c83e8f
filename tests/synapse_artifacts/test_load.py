"""Folders -> artifacts, and what is said about files that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from folder_writing import Write

from synapse_artifacts.errors import ArtifactErrors
from synapse_artifacts.load import load_folder, read_folder

PIPELINE: dict[str, Any] = {"activities": []}


def _named(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "properties": properties}


def test_artifacts_are_read_by_kind_and_name(write: Write) -> None:
    folder = write(
        {
            "pipeline/b.json": _named("b", PIPELINE),
            "pipeline/A.json": _named("A", PIPELINE),
            "dataset/c.json": _named("c", {"type": "Binary", "x": None}),
            "publish_config.json": "{}",
            "README.md": "text",
            ".git/x.json": "no json",
        }
    )
    workspace = load_folder(folder)
    assert [artifact.id for artifact in workspace.artifacts] == [
        "dataset/c",
        "pipeline/A",
        "pipeline/b",
    ]
    assert workspace.documents["dataset/c"] == _named("c", {"type": "Binary", "x": None})
    found = workspace.find("pipeline", "a")
    assert found is not None
    assert found.file == folder / "pipeline" / "A.json"
    assert workspace.find("pipeline", "z") is None


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "a.json").write_bytes(b"\xef\xbb\xbf" + b'{"name": "a", "properties": {"activities": []}}')
    assert len(load_folder(tmp_path).artifacts) == 1


def _problem(write: Write, files: dict[str, Any]) -> str:
    with pytest.raises(ArtifactErrors) as caught:
        load_folder(write(files))
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_a_syntax_error_has_line_and_column(write: Write) -> None:
    text = _problem(write, {"pipeline/a.json": '{\n\t"name": "a",\n\t"properties": {,}\n}'})
    assert text.startswith(
        "reading pipeline/a: the file is no JSON: Expecting property name enclosed in double quotes\n  at "
    )
    assert text.endswith("pipeline/a.json:3:17\n  hint: take out the comma before the bracket")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"name": "a",\n"properties": {"activities": [],}}', "\n  hint: take out the comma before the bracket"),
        ('{"name": "a",\n"properties": {"activities": [1,]}}', "\n  hint: take out the comma before the bracket"),
        ("", "the file is empty\n  at "),
    ],
)
def test_the_commonest_mistakes_are_told_with_what_to_do(write: Write, text: str, told: str) -> None:
    assert told in _problem(write, {"pipeline/a.json": text})


def test_a_repeated_key_has_pointer_line_and_column(write: Write) -> None:
    text = _problem(
        write,
        {"pipeline/a.json": '{"name": "a", "properties": {"activities": [],\n\t"activities": []}}'},
    )
    assert text.startswith("reading pipeline/a: the key 'activities' stands twice in one object")
    assert "pipeline/a.json:2:2 /properties/activities\n  expected each key once" in text


def test_a_name_must_be_the_name_of_the_file(write: Write) -> None:
    text = _problem(write, {"pipeline/a.json": _named("b", PIPELINE)})
    assert "reading pipeline/a: the name 'b' is not the file's name 'a'" in text
    assert "a.json:2:10 /name\n  expected 'a', or a file b.json" in text


def test_a_name_may_have_another_case_than_its_file(write: Write) -> None:
    workspace, problems = read_folder(write({"pipeline/daily.json": _named("Daily", PIPELINE)}))
    assert problems == []
    assert list(workspace.documents) == ["pipeline/Daily"]


def test_an_artifact_needs_a_name_and_properties(write: Write) -> None:
    with pytest.raises(ArtifactErrors) as caught:
        load_folder(write({"pipeline/a.json": {}, "pipeline/b.json": "[]"}))
    assert [problem.cause for problem in caught.value.problems] == [
        "the artifact has no name",
        "the artifact has no properties",
        "the file holds no object",
    ]


def test_a_factory_may_do_without_properties(write: Write) -> None:
    assert len(load_folder(write({"factory/f.json": {"name": "f", "location": "westeurope"}})).artifacts) == 1


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "a.json").write_bytes(b'{"name": "\xff"}')
    (tmp_path / "pipeline" / "b.json").write_bytes(b'{\n"x": "\xc3\xa9\xff"}')
    with pytest.raises(ArtifactErrors) as caught:
        load_folder(tmp_path)
    assert [(each.cause, each.line, each.column) for each in caught.value.problems] == [
        ("the file is not UTF-8 (byte 11)", 1, 11),
        ("the file is not UTF-8 (byte 11)", 2, 8),
    ]


@pytest.mark.parametrize(
    ("folder", "properties", "kind"),
    [
        ("dataset", PIPELINE, "pipeline"),
        ("pipeline", {"type": "MappingDataFlow", "typeProperties": {}}, "dataflow"),
        ("pipeline", {"type": "ScheduleTrigger", "typeProperties": {}}, "trigger"),
        (
            "linkedService",
            {"type": "Binary", "linkedServiceName": {"referenceName": "x"}},
            "dataset",
        ),
        ("linkedService", {"type": "SelfHosted"}, "integrationRuntime"),
    ],
)
def test_a_file_in_the_folder_of_another_kind_is_told(
    write: Write, folder: str, properties: dict[str, Any], kind: str
) -> None:
    text = _problem(write, {f"{folder}/a.json": _named("a", properties)})
    assert f"the file is in the folder of another kind: it holds a {kind}" in text
    assert f"expected a {folder}\n  hint: move it to {kind}/" in text


def test_names_that_differ_in_case_only_are_one_name(write: Write) -> None:
    text = _problem(
        write,
        {
            "pipeline/a.json": _named("a", PIPELINE),
            "pipeline/A.json": _named("A", PIPELINE),
        },
    )
    assert "the name is taken by" in text
    assert "(upper and lower case are one)" in text


def test_a_folder_of_no_kind_is_named_with_the_one_that_was_meant(write: Write) -> None:
    text = _problem(write, {"pipelines/a.json": _named("a", PIPELINE)})
    assert text.startswith("reading folder pipelines: no kind of artifact is kept in a folder of this name")
    assert text.endswith("hint: rename it to pipeline")


@pytest.mark.parametrize(("folder", "kind"), [("linked-service", "linkedService"), ("SQL scripts", "sqlscript")])
def test_a_folder_is_meant_for_the_kind_of_its_name_whatever_it_holds(write: Write, folder: str, kind: str) -> None:
    text = _problem(write, {f"{folder}/a.json": "{"})
    assert text.endswith(f"hint: rename it to {kind}")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("build/package.json", {"scripts": {}, "name": "build"}),
        ("my-workspace/TemplateForWorkspace.json", {"$schema": "https://schema.management.azure.com", "resources": []}),
        ("configs/api.json", [1]),
        ("tools/settings.json", "// no JSON"),
    ],
)
def test_folders_without_artifacts_are_passed_over(write: Write, file: str, content: Any) -> None:
    folder = write({"pipeline/a.json": _named("a", PIPELINE), file: content})
    assert [each.id for each in load_folder(folder).artifacts] == ["pipeline/a"]


def test_a_folder_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ArtifactErrors, match="there is no such folder"):
        load_folder(tmp_path / "nothing")


def test_all_problems_are_told_at_once(write: Write) -> None:
    files: dict[str, Any] = {
        "pipeline/a.json": "{",
        "dataset/b.json": {},
        "other/c.json": _named("c", {}),
        "trigger/d.json": _named("d", {"type": "ScheduleTrigger"}),
    }
    workspace, problems = read_folder(write(files))
    assert [problem.subject for problem in problems] == [
        "dataset/b",
        "dataset/b",
        "folder other",
        "pipeline/a",
    ]
    assert [artifact.id for artifact in workspace.artifacts] == [
        "dataset/b",
        "trigger/d",
    ]


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "Infinity"])
def test_numbers_that_json_does_not_have_are_found_with_their_place(write: Write, text: str) -> None:
    found = _problem(
        write, {"pipeline/a.json": '{"name": "a", "properties": {"activities": [],\n"x": [1, ' + text + "]}}"}
    )
    assert found.startswith(f"reading pipeline/a: the file is no JSON: it holds {text}\n")
    assert "a.json:2:10 /properties/x/1\n  expected a number" in found


@pytest.mark.parametrize("text", ["1e999", "-1E400", "9" * 5000])
def test_numbers_that_are_too_large_for_any_service_are_found_with_their_place(write: Write, text: str) -> None:
    found = _problem(write, {"pipeline/a.json": '{"name": "a", "properties": {"activities": [], "x": ' + text + "}}"})
    assert found.startswith("reading pipeline/a: the number is larger than any that a service keeps\n")
    assert "a.json:1:53 /properties/x\n  expected a number" in found


@pytest.mark.parametrize("depth", [200, 100_000])
def test_a_file_that_nests_too_deeply_is_a_problem(write: Write, depth: int) -> None:
    text = '{"name": "a", "properties": {"activities": ' + "[" * depth + "]" * depth + "}}"
    assert _problem(write, {"pipeline/a.json": text}).startswith(
        "reading pipeline/a: the file is nested deeper than 100 levels"
    )


def test_what_cannot_be_opened_is_a_problem_of_its_own(write: Write) -> None:
    folder = write({"pipeline/good.json": _named("good", PIPELINE), "dataset/x": "", "pipeline/dir.json/x": ""})
    (folder / "dataset" / "x").unlink()
    (folder / "dataset" / "x.json").symlink_to(folder / "gone")
    workspace, problems = read_folder(folder)
    assert [str(problem).partition("\n")[0] for problem in problems] == [
        "reading dataset/x: the file cannot be opened: No such file or directory",
        "reading pipeline/dir: the file cannot be opened: Is a directory",
    ]
    assert [artifact.id for artifact in workspace.artifacts] == ["pipeline/good"]
    assert workspace.has_file("dataset", "X")
    assert not workspace.has_file("dataset", "y")


@pytest.mark.parametrize(
    ("stray", "expected"),
    [
        ("pipeline/inner/b.json", "the file lies in a folder inside pipeline/, where no artifact is looked for"),
        ("pipeline/b.JSON", "the file is no artifact: its name ends in '.JSON'"),
    ],
)
@pytest.mark.parametrize("meant", ["{}", _named("b", PIPELINE), "no JSON"])
def test_what_would_be_left_out_is_told(write: Write, stray: str, expected: str, meant: Any) -> None:
    text = _problem(write, {"pipeline/a.json": _named("a", PIPELINE), stray: meant})
    assert text.partition("\n")[0].endswith(f": {expected}")
    assert stray in text


@pytest.mark.parametrize(
    ("stray", "text"),
    [
        ("pipeline/notes.txt", "{}"),
        ("pipeline/README.md", "{}"),
        ("notebook/n.ipynb", "{}"),
        ("pipeline/NOTES", "{}"),
        ("pipeline/other.JSON", _named("c", PIPELINE)),
    ],
)
def test_a_file_that_studio_would_not_read_is_ignored_and_told(write: Write, stray: str, text: Any) -> None:
    folder = write({"pipeline/a.json": _named("a", PIPELINE), stray: text})
    (told,) = read_folder(folder)[1]
    assert told.is_ignored
    assert told.file == folder / stray
    assert [each.id for each in load_folder(folder).artifacts] == ["pipeline/a"]


def test_a_lake_database_is_read_with_the_files_of_its_tables_and_relationships(write: Write) -> None:
    folder = write(
        {
            "database/sales.json": {"name": "sales", "properties": {"Origin": {"Type": "SPARK"}}, "type": "DATABASE"},
            "database/sales/table/orders.json": {"name": "orders", "properties": {"TableType": "EXTERNAL"}},
            "database/sales/relationship/r.json": {"name": "r", "properties": {"FromEntityName": "orders"}},
        }
    )
    (database,) = load_folder(folder).artifacts
    assert database.properties == {
        "Ddls": [
            {"NewEntity": {"Origin": {"Type": "SPARK"}, "Name": "sales", "EntityType": "DATABASE"}},
            {"NewEntity": {"TableType": "EXTERNAL", "Name": "orders", "EntityType": "TABLE"}},
            {"NewEntity": {"FromEntityName": "orders", "Name": "r", "EntityType": "RELATIONSHIP"}},
        ]
    }


def test_tables_without_their_lake_database_are_told(write: Write) -> None:
    (problem,) = read_folder(write({"database/sales/table/orders.json": _named("orders", {})}))[1]
    assert problem.cause == "there are tables or relationships of a lake database, but not the database"
    assert problem.expected == "a file database/sales.json"


def test_tables_in_the_lake_database_and_beside_it_are_told(write: Write) -> None:
    entity = {"NewEntity": {"Name": "sales", "EntityType": "DATABASE"}}
    folder = write(
        {
            "database/sales.json": _named("sales", {"Ddls": [entity]}),
            "database/sales/table/orders.json": _named("orders", {}),
        }
    )
    (problem,) = read_folder(folder)[1]
    assert problem.cause == "it holds its tables itself, and there are files of tables or relationships beside it"
    assert problem.hint == "delete these, or the Ddls in it"


def test_a_table_whose_file_cannot_be_read_is_told_with_its_place(write: Write) -> None:
    folder = write({"database/sales.json": _named("sales", {}), "database/sales/table/orders.json": "{"})
    (problem,) = read_folder(folder)[1]
    assert problem.place.endswith("orders.json:1:2")


def test_hidden_files_and_the_folders_of_private_endpoints_are_no_problem(write: Write) -> None:
    endpoint = "managedVirtualNetwork/default/managedPrivateEndpoint/e.json"
    files = {"pipeline/a.json": _named("a", PIPELINE), "pipeline/.gitkeep": "", endpoint: {}}
    assert len(load_folder(write(files)).artifacts) == 1


def test_a_folder_without_artifacts_is_a_problem_that_points_to_one_with_some(write: Write) -> None:
    text = _problem(write, {"README.md": "", "docs/x.md": ""})
    assert "there are no artifacts in it\n  expected a folder with linkedService/, pipeline/ …" in text
    text = _problem(write, {"workspace/pipeline/a.json": _named("a", PIPELINE)})
    assert text.endswith("workspace?")


@pytest.mark.parametrize("template", ["ARMTemplateForFactory.json", "TemplateForWorkspace.json"])
def test_the_folder_of_a_publish_branch_is_told_apart(write: Write, template: str) -> None:
    text = _problem(write, {template: "{}", "linkedTemplates/x.json": "{}"})
    assert f"there are no artifacts in it, but {template}: a resource template" in text
    assert text.endswith("take the folder of the collaboration branch (main, say) instead of the publish branch's")


def test_a_file_in_place_of_the_folder_is_said_to_be_one(write: Write) -> None:
    folder = write({"pipeline/a.json": _named("a", PIPELINE)})
    with pytest.raises(ArtifactErrors, match=r"a\.json: it is a file"):
        load_folder(folder / "pipeline" / "a.json")


@pytest.mark.parametrize("name", ["a?b", "-a", "a.b", "a:b", "a%b", "Ü", "a b", "a-b", "1_a", "a_Ü", 'a"b'])
def test_names_are_those_that_the_service_takes(write: Write, name: str) -> None:
    _, problems = read_folder(write({f"pipeline/{name}.json": _named(name, PIPELINE)}))
    taken = ("a b", "a-b", "1_a", "a_Ü", 'a"b')
    wrong = [] if name in taken else [f"'{name}' cannot be the name of a pipeline"]
    assert [problem.cause.rpartition(": the name ")[0] for problem in problems] == wrong
