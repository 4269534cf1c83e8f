"""What a changed list means to paths that exist below: what new ones inherit, wherever the change was interrupted."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import RequestsTransport
from provider_bench import Fault, Killed, Lost, ProviderBench, Reply, lines

from dataplane_provider.clients import lake_trees
from dataplane_provider.errors import AlreadyExists
from local_azure.services.data_lake import access_control
from provider_wire.lifecycle import Action, CheckFailed, Deployed, Lifecycle, RecordingSession, Step, run_table
from provider_wire.verbs import PartialFailure, Severity

READERS = "aaaaaaaa-0000-4000-8000-000000000001"
WRITERS = "bbbbbbbb-0000-4000-8000-000000000002"
DIRECTORIES = ("patients/old", "patients/old/deep")
FILES = ("patients/a.csv", "patients/old/b.csv", "patients/old/deep/c.csv", "patients/old/deep/d.csv")
EVERYTHING = {*DIRECTORIES, *FILES}
OTHERS = "cccccccc-0000-4000-8000-000000000003"
BELOW = frozenset({"existing"})
RECURSIVE = "setAccessControlRecursive"
TWO_PATHS = f"data/patients?action={RECURSIVE}&mode=modify&maxRecords=2"


@pytest.fixture
def life(bench: ProviderBench, monkeypatch: pytest.MonkeyPatch) -> Lifecycle:
    """A directory, with three paths to a batch and waits of the SDK that take no time."""
    monkeypatch.setattr(access_control, "LARGEST_BATCH", 3)
    monkeypatch.setattr(lake_trees, "PATHS_OF_A_PAGE", 2)
    monkeypatch.setattr(RequestsTransport, "sleep", lambda self, seconds: None)
    bench.lake.made_file_system("data", "data-engineer")
    return bench.life("Directory", "patients")


def both(group: str, permissions: str = "r-x") -> list[str]:
    return [f"group:{group}:{permissions}", f"default:group:{group}:{permissions}"]


def inputs(bench: ProviderBench, *acl: str, existing: str = "all", **more: object) -> dict[str, object]:
    place: dict[str, object] = {"account": bench.lake.name, "fileSystem": "data", "path": "patients"}
    return {**place, "acl": ["default:user::rwx", *acl], "existing": existing, **more}


def fill(bench: ProviderBench) -> None:
    for path in FILES:
        bench.lake.file_system("data").create_file(path)


def acl(bench: ProviderBench, path: str) -> list[str]:
    return str(bench.lake.file_system("data").get_directory_client(path).get_access_control()["acl"]).split(",")


def having(bench: ProviderBench, group: str, permissions: str = "r-x") -> set[str]:
    """Paths below whose access list has the group."""
    return {path for path in (*DIRECTORIES, *FILES) if f"group:{group}:{permissions}" in acl(bench, path)}


def batches(bench: ProviderBench) -> int:
    return sum(call.query.get("action") == RECURSIVE for call in bench.wire.calls)


def test_existing_paths_follow_the_list_through_a_life(bench: ProviderBench, life: Lifecycle) -> None:
    directory = bench.lake.file_system("data").get_directory_client("patients")
    one, two = both(READERS), both(WRITERS, "rwx")

    def altered() -> None:
        directory.set_access_control(acl="user::rwx,group::r-x,other::---")

    def gone() -> None:
        bench.lake.file_system("data").get_directory_client("patients").delete_directory()

    run_table(
        life,
        [
            Step("create", inputs(bench, *one), Action.CREATE),
            Step("same meaning", inputs(bench, *(each.upper().lower() for each in reversed(one))), Action.SAME),
            Step(
                "one more",
                inputs(bench, *one, *two),
                Action.UPDATE,
                frozenset({"acl[3]", "acl[4]", "acl[8]", "acl[9]", "acl[10]", "existing"}),
                outside=lambda: fill(bench),
            ),
        ],
    )
    assert having(bench, WRITERS, "rwx") == having(bench, READERS) == EVERYTHING
    assert f"default:group:{WRITERS}:rwx" in acl(bench, "patients/old/deep")
    assert not any(entry.startswith("default:") for entry in acl(bench, "patients/a.csv"))
    life.up(inputs(bench, *one))
    assert not [path for path in EVERYTHING if WRITERS in "".join(acl(bench, path))]
    assert having(bench, READERS) == EVERYTHING
    before = batches(bench)
    changed = frozenset(f"acl[{index}]" for index in (2, 3, 5, 6, 7, 8, 9))
    run_table(
        life,
        [
            Step("altered", None, Action.DRIFT, outside=altered),
            Step("put right", inputs(bench, *one), Action.UPDATE, changed),
            Step("deleted outside", None, Action.DELETE, outside=gone),
            Step("made again", inputs(bench, *one), Action.CREATE),
        ],
    )
    assert batches(bench) == before
    life.destroy()
    assert not directory.exists()


def test_by_default_what_exists_keeps_its_lists_until_it_is_asked_for(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, existing="none"))
    fill(bench)
    life.up(inputs(bench, *both(READERS), existing="none"))
    assert (having(bench, READERS), batches(bench)) == (set(), 0)
    run_table(
        life,
        [
            Step("directories", inputs(bench, *both(READERS), existing="directories"), Action.UPDATE, BELOW),
        ],
    )
    assert having(bench, READERS) == set(DIRECTORIES)
    run_table(life, [Step("all", inputs(bench, *both(READERS)), Action.UPDATE, BELOW)])
    assert having(bench, READERS) == EVERYTHING
    before = batches(bench)
    run_table(life, [Step("fewer again", inputs(bench, *both(READERS), existing="directories"), Action.UPDATE, BELOW)])
    assert batches(bench) == before


def test_a_preview_tells_that_paths_below_change_too(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    life.preview(inputs(bench, *both(READERS)))
    life.preview(inputs(bench, *both(READERS), existing="directories"))
    life.preview(inputs(bench, *both(READERS), existing="none"))
    id = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    assert list(lines(life, Severity.INFO)) == [
        f"{id}: all paths that exist below get its default entries too",
        f"{id}: the directories that exist below get its default entries too",
    ]


def test_entries_are_taken_away_from_directories_alone_too(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, *both(READERS), existing="directories"))
    fill(bench)
    life.up(inputs(bench, existing="directories"))
    assert having(bench, READERS) | having(bench, READERS, "r--") == set(FILES)


def test_an_imported_directory_gives_what_exists_its_access(bench: ProviderBench, life: Lifecycle) -> None:
    fill(bench)
    assert life.adopt(f"https://{bench.lake.name}.dfs.core.windows.net/data/patients")
    run_table(
        life,
        [
            Step(
                "all",
                inputs(bench, *both(READERS)),
                Action.UPDATE,
                frozenset(life.diff(life.check(inputs(bench, *both(READERS))))),
            )
        ],
    )
    assert having(bench, READERS) == EVERYTHING


def test_a_directory_that_is_taken_over_gives_what_exists_its_access(bench: ProviderBench, life: Lifecycle) -> None:
    fill(bench)
    wanted = ",".join(life.check(inputs(bench, *both(READERS)))["acl"])
    bench.lake.file_system("data").get_directory_client("patients").set_access_control(acl=wanted)
    run_table(life, [Step("create", inputs(bench, *both(READERS)), Action.CREATE)])
    assert having(bench, READERS) == EVERYTHING


def test_the_root_of_a_filesystem_gives_what_exists_its_access(bench: ProviderBench, life: Lifecycle) -> None:
    fill(bench)
    run_table(life, [Step("create", inputs(bench, *both(READERS), path=""), Action.CREATE)])
    assert having(bench, READERS) == EVERYTHING
    assert f"group:{READERS}:r-x" in acl(bench, "/")


def test_a_list_of_the_directory_alone_never_gets_wider(bench: ProviderBench, life: Lifecycle) -> None:
    """Readers of a staging area may read what is renamed out of it, and may not enter: not even for a moment."""
    life.up(inputs(bench, f"user:{WRITERS}:--x"))
    fill(bench)
    life.up(inputs(bench, f"user:{WRITERS}:--x", f"default:group:{READERS}:r-x"))
    assert having(bench, READERS) == EVERYTHING
    assert batches(bench) == 0
    assert f"group:{READERS}:r-x" not in acl(bench, "patients")
    assert not [path for path in EVERYTHING if WRITERS in "".join(acl(bench, path))]


def test_what_exists_has_the_access_that_new_paths_get(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    fill(bench)
    life.up(inputs(bench, *both(READERS), f"user:{WRITERS}:--x", "default:other::r--", "default:mask::r--"))
    data = bench.lake.file_system("data")
    data.create_directory("patients/new", umask="0000", permissions="0777")
    assert acl(bench, "patients/old") == acl(bench, "patients/new")
    data.get_file_client("patients/new.csv").create_file(umask="0000", permissions="0777")
    assert acl(bench, "patients/a.csv") == acl(bench, "patients/new.csv")


def test_a_mask_that_is_wide_again_limits_no_more(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, *both(READERS), "default:mask::--x"))
    fill(bench)
    assert "mask::--x" in acl(bench, "patients/old")
    life.up(inputs(bench, *both(READERS)))
    assert "mask::r-x" in acl(bench, "patients/old")


def test_entries_of_others_below_stay(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, *both(READERS)))
    fill(bench)
    data = bench.lake.file_system("data")
    data.get_directory_client("patients/old").update_access_control_recursive(f"user:{WRITERS}:r-x")
    life.up(inputs(bench))
    assert f"user:{WRITERS}:r-x" in acl(bench, "patients/old/deep/c.csv")
    assert READERS not in "".join(acl(bench, "patients/old/deep/c.csv"))


def cancelling(bench: ProviderBench, life: Lifecycle) -> None:
    """Ctrl-C when the first batch is told."""

    def status(message: str) -> None:
        if "files done" in message:
            bench.time.request()

    life.session.status = status  # type: ignore[method-assign]


BUSY = Reply(503, {"error": {"code": "ServerBusy", "message": "later"}}, {"x-ms-error-code": "ServerBusy"})
GONE = Reply(400, {"error": {"code": "InvalidInput", "message": "?"}}, {"x-ms-error-code": "InvalidInput"})
ATTEMPTS = 4  # of the SDK
THROTTLED = Reply(429, {"error": {"code": "TooManyRequests", "message": "later"}})


@pytest.mark.parametrize("reply", [THROTTLED, BUSY, Reply(500), Reply(408), ServiceRequestError("reset"), Lost()])
@pytest.mark.parametrize("existing", ["all", "directories"])
def test_a_passing_fault_stops_nothing(bench: ProviderBench, life: Lifecycle, reply: Fault, existing: str) -> None:
    life.up(inputs(bench, existing=existing))
    fill(bench)
    bench.wire.fail("PATCH", "/data/patients", None, None, reply, None, reply)
    bench.wire.fail("GET", "/data", None, reply)
    bench.wire.fail("HEAD", "/data/patients/old", reply)
    life.up(inputs(bench, *both(READERS), existing=existing))
    assert having(bench, READERS) == (EVERYTHING if existing == "all" else set(DIRECTORIES))


def stopped(bench: ProviderBench, life: Lifecycle, *replies: Reply | BaseException | None) -> PartialFailure:
    """A change that adds readers and takes writers away, and stops on a reply; its own list is set before."""
    life.up(inputs(bench, *both(WRITERS)))
    fill(bench)
    bench.wire.fail("PATCH", "/data/patients", None, *replies)
    with pytest.raises(PartialFailure) as caught:
        life.up(inputs(bench, *both(READERS)))
    bench.wire.calls.clear()
    return caught.value


def test_a_service_that_fails_in_the_middle_ends_in_one_error_and_the_next_update_goes_on_there(
    bench: ProviderBench, life: Lifecycle
) -> None:
    failure = stopped(bench, life, None, *[BUSY] * ATTEMPTS)
    id = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    assert str(failure).startswith(
        f"giving what exists below {id} its access: 2 directories and 1 files done, then it stopped\n"
        f"changing the ACLs below {id}: the service answered 503 ServerBusy"
    )
    assert life.refresh() is Action.SAME
    run_table(life, [Step("goes on", inputs(bench, *both(READERS)), Action.UPDATE, BELOW)])
    assert having(bench, READERS) == EVERYTHING
    assert having(bench, WRITERS) == set()
    assert batches(bench) == 2 + 3  # what is left of adding, and all of removing


def test_a_place_that_is_not_valid_any_more_means_from_the_start(bench: ProviderBench, life: Lifecycle) -> None:
    stopped(bench, life, None, *[BUSY] * ATTEMPTS)
    bench.wire.fail("PATCH", "/data/patients", GONE)
    life.up(inputs(bench, *both(READERS)))
    assert batches(bench) == 1 + 3 + 3
    assert having(bench, READERS) == EVERYTHING
    assert any("begins anew" in line for line in lines(life, Severity.INFO))


def test_another_change_after_a_failure_leaves_nothing_of_it(bench: ProviderBench, life: Lifecycle) -> None:
    stopped(bench, life, None, *[BUSY] * ATTEMPTS)
    assert having(bench, READERS) == {"patients/a.csv", "patients/old"}
    life.up(inputs(bench))
    assert having(bench, READERS) == having(bench, WRITERS) == set()
    assert life.preview(inputs(bench)) == (Action.SAME, {})


def test_a_change_that_is_cancelled_goes_on_where_it_was(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    fill(bench)
    cancelling(bench, life)
    with pytest.raises(PartialFailure, match=r"2 directories and 1 files done, then it stopped\n.*stopped on request$"):
        life.up(inputs(bench, *both(READERS)))
    assert batches(bench) == 1
    life.session = RecordingSession()
    life.up(inputs(bench, *both(READERS)))
    assert batches(bench) == 3
    assert having(bench, READERS) == EVERYTHING


@pytest.mark.parametrize("batch", range(7))
@pytest.mark.parametrize(("refreshed", "change"), [(True, "the same"), (False, "another")])
def test_a_kill_at_any_request_converges(
    bench: ProviderBench, life: Lifecycle, batch: int, refreshed: bool, change: str
) -> None:
    life.up(inputs(bench, *both(WRITERS)))
    fill(bench)
    bench.wire.fail("PATCH", "/data/patients", *[None] * batch, Killed())
    with pytest.raises(Killed):
        life.up(inputs(bench, *both(READERS)))
    if refreshed:
        life.refresh()
    wanted = inputs(bench, *both(READERS if change == "the same" else OTHERS))
    life.up(wanted)
    assert life.preview(wanted) == (Action.SAME, {})
    assert life.refresh() is Action.SAME
    expected = (EVERYTHING, set()) if change == "the same" else (set(), EVERYTHING)
    assert (having(bench, READERS), having(bench, OTHERS), having(bench, WRITERS)) == (*expected, set())


def test_refused_paths_are_listed_and_tried_again(bench: ProviderBench, life: Lifecycle) -> None:
    """Without a role the deployer changes only what it owns."""
    bench.lake.file_system("data").get_directory_client("/").set_access_control(permissions="0755")
    life.up(inputs(bench))
    fill(bench)
    data, me = bench.lake.file_system("data"), bench.lake.object_id("deployer")
    for path in EVERYTHING - {"patients/old/b.csv"}:
        data.get_directory_client(path).set_access_control(owner=me)
    bench.azure.role_assignments.delete_under(bench.lake.arm_id)
    id = f"https://{bench.lake.name}.dfs.core.windows.net/data/patients"
    with pytest.raises(PartialFailure) as caught:
        life.up(inputs(bench, *both(READERS)))
    assert str(caught.value) == (
        f"giving what exists below {id} its access: 3 directories and 3 files done, 1 refused:\n"
        "patients/old/b.csv: This request is not authorized to perform this operation using this permission.\n"
        "expected the role Storage Blob Data Owner, or to own each of these paths\n"
        "hint: the next pulumi up tries all of them again"
    )
    bench.assign("Storage Blob Data Owner", bench.lake.arm_id)
    bench.lake.assign("Storage Blob Data Owner", "data-engineer")
    run_table(life, [Step("again", inputs(bench, *both(READERS)), Action.UPDATE, BELOW)])
    assert having(bench, READERS) == EVERYTHING


def test_refused_paths_are_tried_again_after_a_change_that_stopped_later(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    fill(bench)
    refused = {"name": "patients/a.csv", "type": "FILE", "errorMessage": "no"}
    batch = {"directoriesSuccessful": 1, "filesSuccessful": 0, "failureCount": 1, "failedEntries": [refused]}
    token = bench.lake.send("PATCH", bench.lake.dfs(TWO_PATHS), x_ms_acl="other::---").headers["x-ms-continuation"]
    first = Reply(200, batch, {"x-ms-continuation": token})
    bench.wire.fail("PATCH", "/data/patients", None, first, *[BUSY] * ATTEMPTS)
    with pytest.raises(PartialFailure) as caught:
        life.up(inputs(bench, *both(READERS)))
    stopped, listed = caught.value.reasons
    assert "1 directories and 0 files done, then it stopped\n" in stopped
    assert "1 directories and 0 files done, 1 refused:\npatients/a.csv: no\n" in listed
    life.up(inputs(bench, *both(READERS)))
    assert having(bench, READERS) == EVERYTHING


def test_progress_is_told_batch_by_batch(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    fill(bench)
    life.up(inputs(bench, *both(READERS)))
    told = [text.partition(" its access: ")[2] for text in life.session.statuses]
    assert told == [
        "2 directories and 1 files done",
        "3 directories and 3 files done",
        "3 directories and 4 files done",
    ]
    assert list(lines(life, Severity.INFO))[-1].endswith("its access: 3 directories and 4 files done")


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({"existing": "files"}, "existing", "existing is 'files'\nexpected one of none, directories, all"),
        ({"acl": [f"group:{READERS}:r-x"]}, "existing", "existing is 'all', but the list has no default entries\n"),
        ({"owner": "somebody@x.org"}, "owner", "owner is 'somebody@x.org'\nexpected the GUID of an object"),
        ({"group": "readers"}, "group", "group is 'readers'\nexpected the GUID of an object"),
    ],
)
def test_wrong_inputs_are_refused(
    bench: ProviderBench, life: Lifecycle, given: dict[str, object], path: str, reason: str
) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check({**inputs(bench), **given})
    [failure] = caught.value.failures
    assert (failure.property_path, failure.reason[: len(reason)]) == (path, reason)


def test_owner_and_group_are_set_seen_and_left_alone_when_not_named(bench: ProviderBench, life: Lifecycle) -> None:
    directory = bench.lake.file_system("data").get_directory_client("patients")

    def live() -> tuple[str, str]:
        found = directory.get_access_control()
        return str(found["owner"]), str(found["group"])

    one = {"owner": READERS.upper(), "group": WRITERS, "existing": "none"}

    def given_away() -> None:
        directory.set_access_control(owner=WRITERS)

    run_table(life, [Step("create", inputs(bench, **one), Action.CREATE)])
    assert live() == (READERS, WRITERS)
    swapped = {**one, "owner": WRITERS, "group": READERS}
    run_table(
        life,
        [
            Step("same", inputs(bench, **{**one, "owner": READERS}), Action.SAME),
            Step("changed", inputs(bench, **swapped), Action.UPDATE, frozenset({"owner", "group"})),
            Step("back", inputs(bench, **one), Action.UPDATE, frozenset({"owner", "group"})),
            Step("given away", None, Action.DRIFT, outside=given_away),
            Step("put right", inputs(bench, **one), Action.UPDATE, frozenset({"owner"})),
            Step("not named", inputs(bench, existing="none"), Action.UPDATE, frozenset({"owner", "group"})),
            Step("nobody's business", None, Action.SAME, outside=given_away),
        ],
    )
    assert live() == (WRITERS, WRITERS)
    [warning] = lines(life, Severity.WARNING)
    assert warning.endswith(f"/data/patients: the owner is {WRITERS}, in the state {READERS}")


def test_a_directory_of_another_owner_is_not_taken_over(bench: ProviderBench, life: Lifecycle) -> None:
    bench.lake.file_system("data").create_directory("patients")
    wanted = {**inputs(bench, existing="none", owner=READERS), "acl": []}
    with pytest.raises(AlreadyExists, match=f"it has owner .*, wanted is owner {READERS}\n"):
        life.up(wanted)


def test_the_root_gets_owner_and_group(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench, path="", group=WRITERS, owner=READERS), Action.CREATE)])
    found = bench.lake.file_system("data").get_directory_client("/").get_access_control()
    assert (found["owner"], found["group"]) == (READERS, WRITERS)


def test_a_state_of_a_release_that_knew_no_existing_paths_replays(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, *both(READERS), existing="none"))
    assert life.deployed
    old = {name: value for name, value in life.deployed.state.items() if name != "existing"}
    life.deployed = Deployed(life.deployed.id, old, old)
    assert life.preview(inputs(bench, *both(READERS), existing="none")) == (Action.SAME, {})
    assert life.refresh() is Action.SAME
