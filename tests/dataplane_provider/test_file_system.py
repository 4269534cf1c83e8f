"""Filesystems: made if absent, deleted only when empty or told to."""

import pytest
from provider_bench import ProviderBench, lines

from dataplane_provider.errors import DataWouldBeLost
from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, Step, run_table
from provider_wire.verbs import ProviderError, Severity


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("FileSystem", "raw")


def inputs(bench: ProviderBench, **more: object) -> dict[str, object]:
    return {"account": bench.lake.name, "name": "raw", **more}


def test_a_filesystem_is_made(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert bench.lake.file_system("raw").exists()
    assert life.deployed and life.deployed.id == f"https://{bench.lake.name}.dfs.core.windows.net/raw"
    assert life.deployed.state == inputs(bench, deleteData=False, propagationTimeoutSeconds=1800)


def test_one_that_exists_is_taken_over(bench: ProviderBench, life: Lifecycle) -> None:
    bench.lake.made_file_system("raw").create_file("a.csv")
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert bench.wire.writes == 0
    assert list(lines(life, Severity.INFO)) == [
        f"creating https://{bench.lake.name}.dfs.core.windows.net/raw: it exists, taken over"
    ]


def test_every_argument_is_kept(bench: ProviderBench, life: Lifecycle) -> None:
    wanted = inputs(bench, deleteData=True, propagationTimeoutSeconds=60)
    run_table(life, [Step("create", wanted, Action.CREATE)])
    assert life.deployed and life.deployed.state == wanted


def test_changes_drift_and_deletion_follow_the_table(bench: ProviderBench, life: Lifecycle) -> None:
    client = bench.lake.file_system("raw")
    run_table(
        life,
        [
            Step("create", inputs(bench), Action.CREATE),
            Step("setting", inputs(bench, deleteData=True), Action.UPDATE, frozenset({"deleteData"})),
            Step("deleted outside", None, Action.DELETE, outside=client.delete_file_system),
            Step("made again", inputs(bench), Action.CREATE),
            Step("renamed", inputs(bench, name="curated"), Action.REPLACE, frozenset({"name"})),
        ],
    )
    assert bench.lake.file_system("curated").exists()
    assert not client.exists()


def test_a_filesystem_with_content_is_not_deleted_unless_told_to(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.lake.file_system("raw").create_file("a.csv")
    with pytest.raises(DataWouldBeLost) as caught:
        life.destroy()
    assert str(caught.value) == (
        f"deleting https://{bench.lake.name}.dfs.core.windows.net/raw: it is not empty\n"
        "expected an empty filesystem, or deleteData: true\n"
        "hint: set delete_data to true (the stack's setting, or the resource's input), run pulumi up, then delete it; "
        "or remove it from the state only: pulumi state delete"
    )
    assert bench.wire.sent("DELETE") == []
    life.up(inputs(bench, deleteData=True))
    life.destroy()
    assert not bench.lake.file_system("raw").exists()


def test_deleting_what_is_gone_is_a_success(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.lake.lake().delete_file_system("raw")
    life.destroy()
    assert life.deployed is None


def test_a_filesystem_is_imported_by_its_id(bench: ProviderBench, life: Lifecycle) -> None:
    bench.lake.made_file_system("raw")
    id = f"https://{bench.lake.name}.dfs.core.windows.net/raw"
    assert life.adopt(id)
    assert life.preview(inputs(bench)) == (Action.SAME, {})
    assert not bench.life("FileSystem").adopt(f"{id}2")


def test_an_id_of_nothing_is_refused(life: Lifecycle) -> None:
    with pytest.raises(ProviderError) as caught:
        life.adopt("raw")
    assert str(caught.value) == (
        "reading filesystem 'raw': it is not an id of one\nexpected https://<account>.dfs.core.windows.net/<filesystem>"
    )


def test_wrong_names_are_all_reported_before_anything_is_sent(bench: ProviderBench, life: Lifecycle) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check({"account": "No", "name": "a_b"})
    assert [(failure.property_path, failure.reason) for failure in caught.value.failures] == [
        ("account", "account is 'No'\nexpected 3 to 24 lower-case letters and digits"),
        ("name", "name is 'a_b'\nexpected 3 to 63 lower-case letters, digits and single hyphens"),
    ]
    assert bench.wire.calls == []


def test_unknown_missing_and_ill_typed_properties_are_all_reported(life: Lifecycle) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check({"account": 3, "deleteData": "yes", "colour": "red"})
    assert [(failure.property_path, failure.reason.split("\n")[0]) for failure in caught.value.failures] == [
        ("colour", "unknown property 'colour'"),
        ("account", "account is a value of type int"),
        ("name", "missing required property 'name'"),
        ("deleteData", "deleteData is a value of type str"),
    ]
