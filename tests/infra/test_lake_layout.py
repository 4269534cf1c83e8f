"""Who may do what in each directory: the table that the access-control lists come from."""

from collections.abc import Mapping, Sequence

import pytest
from program_bench import settings_of

from azure_ids.acl import MAXIMUM_ENTRIES_PER_SCOPE, parse_acl
from infra.lake_layout import Folder, folders
from infra.outputs import readers_of
from infra.setting_reader import SettingsError

ENGINEERS, SCIENTISTS, AUDITORS = "data-engineers", "data-scientists", "auditors"


def layout(curated_readers: Sequence[Mapping[str, object]] = ()) -> Mapping[str, Folder]:
    settings = settings_of(curated_readers=list(curated_readers))
    return {each.name: each for each in folders(settings)}


def rights(folder: Folder, label: str) -> tuple[str, str]:
    """Access and default entry of somebody; empty where there is none."""
    found = [(each.access, each.default) for each in folder.entries if each.label == label]
    return found[0] if found else ("", "")


def test_the_directories_are_those_of_the_pipelines_parents_first() -> None:
    names = list(layout())
    assert names == [
        "raw",
        "raw/_staging",
        "raw/patient_database",
        "raw/images",
        "landing",
        "landing/telemetry",
        "landing/images",
        "curated",
        "curated/_staging",
        "curated/patients",
        "curated/encounters",
        "curated/observations",
        "curated/telemetry",
        "curated/images",
        "synapse",
    ]


@pytest.mark.parametrize("label", [SCIENTISTS, AUDITORS])
def test_readers_of_curated_have_no_entry_elsewhere(label: str) -> None:
    for name, folder in layout().items():
        if name == "curated/_staging":
            expected = ("", "r-x")
        elif name.startswith("curated"):
            expected = ("r-x", "r-x")
        else:
            expected = ("", "")
        assert rights(folder, label) == expected, name


def test_engineers_read_all_but_the_workspace_and_deliver_to_landing() -> None:
    for name, folder in layout().items():
        expected = {"landing": ("rwx", "rwx"), "synapse": ("", "")}.get(name.partition("/")[0], ("r-x", "r-x"))
        assert rights(folder, ENGINEERS) == expected, name


@pytest.mark.parametrize("label", ["preview", "drift"])
def test_watchers_may_pass_everywhere_and_read_nowhere(label: str) -> None:
    for name, folder in layout().items():
        (entry,) = [each for each in folder.entries if each.label == label]
        assert (entry.kind, entry.access, entry.default) == ("user", "--x", ""), name


def test_nobody_else_gets_anything() -> None:
    for folder in layout().values():
        assert {each.label for each in folder.entries} <= {ENGINEERS, SCIENTISTS, AUDITORS, "preview", "drift"}
        acl = {entry.key: str(entry.permissions) for entry in parse_acl(",".join(folder.acl))}
        assert acl["access", "other", ""] == acl["default", "other", ""] == "---"


def test_a_group_that_reads_one_folder_passes_the_way_there_and_reads_nothing_else() -> None:
    group = {"object_id": "5b7d6a54-4f2e-4a65-9c06-0b1f5f1a8e01", "label": "team", "folders": ["telemetry"]}
    found = {name: rights(each, "team") for name, each in layout(curated_readers=[group]).items()}
    assert {name: each for name, each in found.items() if each != ("", "")} == {
        "curated": ("--x", ""),
        "curated/_staging": ("", "r-x"),
        "curated/telemetry": ("r-x", "r-x"),
    }


def groups_of_images(number: int) -> list[dict[str, object]]:
    return [
        {"object_id": f"5b7d6a54-4f2e-4a65-9c06-{index:012x}", "label": f"team{index}", "folders": ["images"]}
        for index in range(1, number + 1)
    ]


def test_the_longest_list_that_azure_takes_is_made() -> None:
    made = layout(curated_readers=groups_of_images(23))["curated/images"]
    access = [each for each in made.acl if not each.startswith("default:")]
    assert len(access) + len(["mask"]) == MAXIMUM_ENTRIES_PER_SCOPE


def test_a_list_that_is_longer_than_azure_takes_is_refused_before_anything_is_made() -> None:
    with pytest.raises(SettingsError) as caught:
        layout(curated_readers=groups_of_images(24))
    assert caught.value.problems == tuple(
        f"making the access-control list of {name}: it has 29 named access entries\n"
        "expected at most 28, since Azure takes 32 with owner, group, others and mask\n"
        "hint: put groups of curated_readers that read the same folders into one group"
        for name in ("curated", "curated/images")
    )


def test_readers_are_those_who_may_list_a_directory_and_read_its_files() -> None:
    found = readers_of(list(layout().values()))
    assert found["curated/images"] == "data-engineers, data-scientists, auditors"
    assert found["curated/_staging"] == "data-engineers"
    assert found["synapse"] == "nobody"
