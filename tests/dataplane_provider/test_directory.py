"""Directories: exactly the list that the program says, nothing lost, nothing foreign overwritten."""

import pytest
from provider_bench import ProviderBench, lines

from dataplane_provider.errors import AlreadyExists, DataWouldBeLost
from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, Step, run_table
from provider_wire.values import UNKNOWN
from provider_wire.verbs import ProviderError, Severity

READERS = "aaaaaaaa-0000-4000-8000-000000000001"
WRITERS = "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    bench.lake.made_file_system("data", "data-engineer")
    return bench.life("Directory", "patients")


def inputs(bench: ProviderBench, *acl: str, path: str = "patients", **more: object) -> dict[str, object]:
    return {"account": bench.lake.name, "fileSystem": "data", "path": path, "acl": list(acl), **more}


def live_acl(bench: ProviderBench, path: str = "patients") -> list[str]:
    client = bench.lake.file_system("data").get_directory_client(path or "/")
    return str(client.get_access_control()["acl"]).split(",")


def test_a_directory_is_made_with_the_complete_list(bench: ProviderBench, life: Lifecycle) -> None:
    wanted = inputs(bench, f"group:{READERS}:r-x", f"default:group:{READERS.upper()}:r-x")
    run_table(life, [Step("create", wanted, Action.CREATE)])
    complete = [
        "user::rwx",
        "group::r-x",
        f"group:{READERS}:r-x",
        "mask::r-x",
        "other::---",
        "default:user::rwx",
        "default:group::r-x",
        f"default:group:{READERS}:r-x",
        "default:mask::r-x",
        "default:other::---",
    ]
    assert live_acl(bench) == complete
    assert life.deployed and life.deployed.state["acl"] == complete
    assert life.deployed.id == f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"


def test_a_parents_default_entries_do_not_change_the_list(bench: ProviderBench, life: Lifecycle) -> None:
    parent = inputs(bench, f"default:group:{WRITERS}:rwx", f"group:{WRITERS}:rwx", path="patients")
    life.up(parent)
    child = bench.life("Directory", "child")
    run_table(child, [Step("create", inputs(bench, "other::--x", path="patients/2024"), Action.CREATE)])
    assert live_acl(bench, "patients/2024") == ["user::rwx", "group::r-x", "other::--x"]


def test_a_directory_with_the_same_list_is_taken_over(bench: ProviderBench, life: Lifecycle) -> None:
    directory = bench.lake.file_system("data").create_directory("patients")
    directory.set_access_control(acl=f"user::rwx,group::r-x,group:{READERS}:r-x,mask::r-x,other::---")
    run_table(life, [Step("create", inputs(bench, f"group:{READERS}:r-x"), Action.CREATE)])
    assert bench.wire.writes == 0
    [line] = lines(life, Severity.INFO)
    assert line.endswith("/data/patients: it exists with that ACL, taken over")


def test_a_directory_with_another_list_is_refused_with_the_import_command(
    bench: ProviderBench, life: Lifecycle
) -> None:
    directory = bench.lake.file_system("data").create_directory("patients")
    directory.set_access_control(acl=f"user::rwx,group::r-x,group:{WRITERS}:rwx,mask::rwx,other::---")
    with pytest.raises(AlreadyExists) as caught:
        life.up(inputs(bench, f"group:{READERS}:r-x"))
    id = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    assert str(caught.value) == (
        f"creating {id}: it exists with another ACL: it has group:{WRITERS}:rwx, mask::rwx, "
        f"wanted is group:{READERS}:r-x, mask::r-x\n"
        "expected no directory of that path, or one with the same ACL\n"
        "hint: take it over and then change it: pulumi import --generate-code=false "
        f"dataplane:index:Directory patients {id}"
    )
    assert bench.wire.writes == 0


def test_a_file_of_that_path_is_refused(bench: ProviderBench, life: Lifecycle) -> None:
    bench.lake.file_system("data").create_file("patients")
    with pytest.raises(AlreadyExists, match=r"/data/patients: a file has that path\nexpected no file of that path$"):
        life.up(inputs(bench))


def test_every_argument_is_kept(bench: ProviderBench, life: Lifecycle) -> None:
    wanted = inputs(bench, f"user:{WRITERS}:rwx", "mask::r-x", deleteData=True, propagationTimeoutSeconds=60)
    run_table(life, [Step("create", wanted, Action.CREATE)])
    assert life.deployed and life.deployed.state["deleteData"] is True
    assert life.deployed.state["propagationTimeoutSeconds"] == 60
    assert "mask::r-x" in live_acl(bench)


def test_changes_drift_and_deletion_follow_the_table(bench: ProviderBench, life: Lifecycle) -> None:
    one, two = f"group:{READERS}:r-x", f"group:{WRITERS}:rwx"
    directory = bench.lake.file_system("data").get_directory_client("patients")

    def altered() -> None:
        directory.set_access_control(acl=f"user::rwx,group::r-x,group:{READERS}:rwx,mask::rwx,other::---")

    run_table(
        life,
        [
            Step("create", inputs(bench, one), Action.CREATE),
            Step("same meaning", inputs(bench, "other::---", one, "user::rwx"), Action.SAME),
            Step(
                "one more",
                inputs(bench, one, two),
                Action.UPDATE,
                frozenset({"acl[3]", "acl[4]"}),
            ),
            Step("one less", inputs(bench, one), Action.UPDATE, frozenset({"acl[3]", "acl[4]"})),
            Step("setting", inputs(bench, one, deleteData=True), Action.UPDATE, frozenset({"deleteData"})),
            Step("altered", None, Action.DRIFT, outside=altered),
            Step("put right", inputs(bench, one, deleteData=True), Action.UPDATE, frozenset({"acl[2]", "acl[3]"})),
            Step("deleted outside", None, Action.DELETE, outside=directory.delete_directory),
            Step("made again", inputs(bench, one), Action.CREATE),
            Step("moved", inputs(bench, one, path="people"), Action.REPLACE, frozenset({"path"})),
        ],
    )
    assert not directory.exists()


def test_drift_names_each_entry(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, f"group:{READERS}:r-x"))
    directory = bench.lake.file_system("data").get_directory_client("patients")
    directory.set_access_control(acl=f"user::rwx,group::r-x,group:{READERS}:--x,mask::r-x,other::---")
    assert life.refresh() is Action.DRIFT
    [line] = lines(life, Severity.WARNING)
    assert line.endswith(f"the ACL differs from the state: group:{READERS}:r-x is gone, group:{READERS}:--x is new")


def test_a_directory_is_imported_by_its_id(bench: ProviderBench, life: Lifecycle) -> None:
    bench.lake.file_system("data").create_directory("patients")
    id = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    assert life.adopt(id)
    assert life.preview(inputs(bench)) == (Action.SAME, {})
    assert life.refresh() is Action.SAME
    assert not bench.life("Directory").adopt(f"{id}/nothing")


def test_a_file_is_not_imported_as_a_directory(bench: ProviderBench, life: Lifecycle) -> None:
    bench.lake.file_system("data").create_file("patients")
    with pytest.raises(
        ProviderError, match=r"^importing https://.*/data/patients: it is a file\nexpected a directory$"
    ):
        life.adopt(f"https://{bench.lake.name}.dfs.core.windows.net/data/patients")


def test_an_id_of_nothing_is_refused(bench: ProviderBench, life: Lifecycle) -> None:
    with pytest.raises(ProviderError, match=r"^reading directory 'patients': parsing storage path 'patients'"):
        life.adopt("patients")


def test_a_directory_with_content_is_not_deleted_unless_told_to(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.lake.file_system("data").create_file("patients/a.csv")
    with pytest.raises(DataWouldBeLost) as caught:
        life.destroy()
    assert str(caught.value) == (
        f"deleting https://{bench.lake.name}.dfs.core.windows.net/data/patients: it is not empty\n"
        "expected an empty directory, or deleteData: true\n"
        "hint: set delete_data to true (the stack's setting, or the resource's input), run pulumi up, then delete it; "
        "or remove it from the state only: pulumi state delete"
    )
    life.up(inputs(bench, deleteData=True))
    life.destroy()
    assert not bench.lake.file_system("data").get_directory_client("patients").exists()


def test_deleting_what_is_gone_is_a_success(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.lake.lake().delete_file_system("data")
    life.destroy()
    assert life.deployed is None


def test_the_root_gets_its_list_and_stays_when_deleted(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench, f"group:{READERS}:--x", path=""), Action.CREATE)])
    assert f"group:{READERS}:--x" in live_acl(bench, "")
    life.destroy()
    assert f"group:{READERS}:--x" in live_acl(bench, "")
    assert list(lines(life, Severity.INFO))[-1].endswith("/data: the root of a filesystem stays, with its ACL")


def test_a_root_with_another_list_is_refused(bench: ProviderBench, life: Lifecycle) -> None:
    root = bench.lake.file_system("data").get_directory_client("/")
    root.set_access_control(acl="user::rwx,group::rwx,other::---")
    with pytest.raises(AlreadyExists, match="it has group::rwx, wanted is group::r-x"):
        life.up(inputs(bench, path=""))


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({"acl": ["group:x"]}, "acl[0]", "parsing ACL entry 'group:x'"),
        ({"acl": ["user::rwx", "user:somebody@x.org:r--"]}, "acl[1]", "user:somebody@x.org:r-- is not about an object"),
        ({"acl": ["user::rwx,other::---"]}, "acl[0]", "acl[0] holds 2 entries\nexpected one for each item of the list"),
        ({"acl": ["user::rwx", "user::r-x"]}, "acl", "parsing ACL: two entries for user:"),
        ({"path": "/a"}, "path", "path is '/a'\nexpected steps divided by single slashes, none at the ends"),
        ({"path": "a//b"}, "path", "path is 'a//b'"),
        ({"path": "a/../b"}, "path", "path is 'a/../b'"),
        ({"account": "A"}, "account", "account is 'A'\nexpected 3 to 24 lower-case letters and digits"),
        ({"fileSystem": "a--b"}, "fileSystem", "fileSystem is 'a--b'"),
    ],
)
def test_wrong_inputs_are_refused_before_anything_is_sent(
    bench: ProviderBench, life: Lifecycle, given: dict[str, object], path: str, reason: str
) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check({**inputs(bench), **given})
    [failure] = caught.value.failures
    assert failure.property_path == path
    assert failure.reason.startswith(reason)
    assert bench.wire.calls == []


def test_all_problems_are_reported_at_once(bench: ProviderBench, life: Lifecycle) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check(inputs(bench, "nobody::rwx", "other:x:---", path="a/"))
    assert [failure.property_path for failure in caught.value.failures] == ["path", "acl[0]", "acl[1]"]


def test_more_than_32_entries_are_refused_with_a_way_out(bench: ProviderBench, life: Lifecycle) -> None:
    crowd = [f"group:aaaaaaaa-0000-4000-8000-{number:012d}:r-x" for number in range(29)]
    assert len(life.check(inputs(bench, *crowd[:28]))["acl"]) == 32
    with pytest.raises(CheckFailed) as caught:
        life.check(inputs(bench, *crowd))
    [failure] = caught.value.failures
    assert failure.reason == (
        "the access list has 33 entries, computed ones included\nexpected at most 32\n"
        "hint: put the principals into a group and give the group one entry"
    )


def test_entries_that_are_not_known_yet_wait_for_the_deployment(bench: ProviderBench, life: Lifecycle) -> None:
    assert life.preview(inputs(bench, UNKNOWN)) == (Action.CREATE, {})
    life.up(inputs(bench, f"group:{READERS}:r-x"))
    action, changes = life.preview(inputs(bench, UNKNOWN))
    assert (action, set(changes)) == (Action.UPDATE, {"acl"})
