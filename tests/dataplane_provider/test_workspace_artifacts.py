"""All artifacts of a workspace as one resource: life-cycle, order, triggers, drift, partial failure."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from artifact_documents import COLLECTIONS, FILES, FLOW, LAKE, LOAD, NIGHTLY, changed, documents
from provider_bench import ProviderBench, Reply, lines

from dataplane_provider.errors import AlreadyExists
from provider_wire.lifecycle import Action, Lifecycle, Step, run_table
from provider_wire.verbs import Change, PartialFailure, ProviderError, Severity
from synapse_artifacts.packed import MOST_IN_SIGHT, unpack


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts", "artifacts")


def inputs(bench: ProviderBench, wanted: Mapping[str, Any] | None = None, *started: str) -> dict[str, Any]:
    given = documents() if wanted is None else wanted
    return {"endpoint": bench.workspace.endpoint, "documents": given, "startedTriggers": list(started)}


def put(bench: ProviderBench, key: str, document: Mapping[str, Any]) -> None:
    bench.outside("PUT", f"/{COLLECTIONS[key]}/{document['name']}", document["properties"])()


def written(bench: ProviderBench, *methods: str) -> list[str]:
    """The written artifacts in order, as `PUT load`."""
    return [
        f"{line.split(' ')[0]} {line.rsplit('/', 1)[1]}"
        for line in bench.wire.sent(*methods)
        if not line.startswith("GET")
    ]


def test_artifacts_are_published_after_what_they_refer_to(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert written(bench) == ["PUT lake", "PUT files", "PUT clean", "PUT load", "PUT nightly"]
    assert life.deployed and life.deployed.id == bench.workspace.endpoint
    assert bench.documents("triggers")["nightly"]["runtimeState"] == "Stopped"


def test_a_preview_of_a_creation_sends_nothing(bench: ProviderBench, life: Lifecycle) -> None:
    life.preview(inputs(bench, None, "nightly"))
    assert bench.wire.calls == []


def test_a_preview_of_a_change_sends_nothing(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.wire.calls.clear()
    life.preview(inputs(bench, changed(LOAD, "description", to="x"), "nightly"))
    assert bench.wire.calls == []


def test_artifacts_equal_in_meaning_are_taken_over(bench: ProviderBench, life: Lifecycle) -> None:
    for key, document in documents().items():
        put(bench, key, document)
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert bench.wire.writes == 0
    assert f"publishing to {bench.workspace.endpoint}: 5 artifacts exist and mean the same, taken over" in list(
        lines(life, Severity.INFO)
    )


def test_a_different_artifact_is_refused_with_paths_and_the_import_command(
    bench: ProviderBench, life: Lifecycle
) -> None:
    put(bench, LAKE, documents()[LAKE])
    other = {"type": "AzureBlobFS", "typeProperties": {"url": "https://other.dfs.core.windows.net"}}
    put(bench, LAKE, {"name": "lake", "properties": other})
    put(bench, FILES, changed(FILES, "typeProperties", "columnDelimiter", to=";")[FILES])
    with pytest.raises(AlreadyExists) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == (
        "publishing dataset/files, linkedService/lake: the workspace has an artifact of that name that means something "
        'else; differing: documents["dataset/files"].properties.typeProperties.columnDelimiter, '
        'documents["linkedService/lake"].properties.typeProperties.url\n'
        "expected no artifact of that name, or one equal in meaning\n"
        "hint: take it over and then change it: pulumi import --generate-code=false "
        "dataplane:index:WorkspaceArtifacts artifacts "
        f"'{bench.workspace.endpoint}#dataset/files,linkedService/lake'"
    )
    assert bench.wire.writes == 0
    assert life.deployed is None


def test_an_artifact_of_another_case_is_the_same_to_the_service(bench: ProviderBench, life: Lifecycle) -> None:
    put(bench, LAKE, {**documents()[LAKE], "name": "LAKE"})
    life.up(inputs(bench))
    assert "PUT lake" not in written(bench)


def test_every_argument_is_kept(bench: ProviderBench, life: Lifecycle) -> None:
    wanted = {**inputs(bench, None, "nightly"), "propagationTimeoutSeconds": 60}
    run_table(life, [Step("create", wanted, Action.CREATE)])
    assert life.deployed and life.deployed.state == wanted
    assert bench.documents("triggers")["nightly"]["runtimeState"] == "Started"


ONE_VALUE = [
    (LAKE, ("typeProperties", "url"), "https://new.dfs.core.windows.net", ".properties.typeProperties.url"),
    (FILES, ("typeProperties", "columnDelimiter"), ";", ".properties.typeProperties.columnDelimiter"),
    (FLOW, ("description",), "x", ".properties.description"),
    (
        LOAD,
        ("activities", 1, "policy", "timeout"),
        "0.02:00:00",
        ".properties.activities[1].policy.timeout",
    ),
    (NIGHTLY, ("typeProperties", "recurrence", "interval"), 2, ".properties.typeProperties.recurrence.interval"),
]


@pytest.mark.parametrize(("key", "steps", "to", "path"), ONE_VALUE, ids=[row[0] for row in ONE_VALUE])
def test_one_value_changed_is_one_path_and_one_write(
    bench: ProviderBench, life: Lifecycle, key: str, steps: tuple[str | int, ...], to: Any, path: str
) -> None:
    life.up(inputs(bench))
    bench.wire.calls.clear()
    row = Step(
        "change", inputs(bench, changed(key, *steps, to=to)), Action.UPDATE, frozenset({f'documents["{key}"]{path}'})
    )
    run_table(life, [row])
    assert written(bench) == [f"PUT {key.split('/')[1]}"]


@pytest.mark.parametrize(("key", "steps", "to", "path"), ONE_VALUE, ids=[row[0] for row in ONE_VALUE])
def test_drift_of_each_kind_is_told_by_path_and_put_right(
    bench: ProviderBench, life: Lifecycle, key: str, steps: tuple[str | int, ...], to: Any, path: str
) -> None:
    life.up(inputs(bench))
    put(bench, key, changed(key, *steps, to=to)[key])
    assert life.refresh() is Action.DRIFT
    full = f'documents["{key}"]{path}'
    assert list(lines(life, Severity.WARNING)) == [
        f"reading {bench.workspace.endpoint}: the workspace differs from the state at {full}"
    ]
    assert life.deployed and life.deployed.state["documents"] == changed(key, *steps, to=to)
    run_table(life, [Step("put right", inputs(bench), Action.UPDATE, frozenset({full}))])


def test_documents_written_differently_but_equal_in_meaning_are_no_change(
    bench: ProviderBench, life: Lifecycle
) -> None:
    life.up(inputs(bench))
    same = documents()
    del same[LOAD]["properties"]["annotations"]
    del same[LOAD]["properties"]["activities"][0]["dependsOn"]
    same[NIGHTLY]["properties"]["runtimeState"] = "Stopped"
    same[NIGHTLY]["properties"]["typeProperties"]["recurrence"]["startTime"] = "2024-01-01T00:00:00.000Z"
    flow = same[FLOW]["properties"]["typeProperties"]
    flow["script"] = "\n".join(flow.pop("scriptLines"))
    assert life.preview(inputs(bench, same)) == (Action.SAME, {})


def test_additions_removals_and_renames_follow_the_table(bench: ProviderBench, life: Lifecycle) -> None:
    fewer = {key: value for key, value in documents().items() if key in (LAKE, FILES)}
    renamed = copy.deepcopy(fewer)
    renamed["dataset/tables"] = {**renamed.pop(FILES), "name": "tables"}
    other_case = {LAKE: fewer[LAKE], "dataset/Files": {**fewer[FILES], "name": "Files"}}
    run_table(
        life,
        [
            Step("create", inputs(bench, fewer), Action.CREATE),
            Step("rename", inputs(bench, renamed), Action.UPDATE, _keys(FILES, "dataset/tables")),
            Step("rename back", inputs(bench, fewer), Action.UPDATE, _keys(FILES, "dataset/tables")),
            Step("other case", inputs(bench, other_case), Action.UPDATE, _keys(FILES, "dataset/Files")),
            Step("case again", inputs(bench, fewer), Action.UPDATE, _keys(FILES, "dataset/Files")),
            Step("more", inputs(bench), Action.UPDATE, _keys(FLOW, LOAD, NIGHTLY)),
            Step("fewer", inputs(bench, fewer), Action.UPDATE, _keys(FLOW, LOAD, NIGHTLY)),
        ],
    )
    assert list(bench.documents("datasets")) == ["files"]
    assert written(bench, "DELETE")[-3:] == ["DELETE nightly", "DELETE load", "DELETE clean"]


def test_a_name_in_another_case_with_another_content_is_written_in_place(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, None, "nightly"))
    bench.wire.calls.clear()
    other = {key: each for key, each in documents().items() if key not in (FILES, NIGHTLY)}
    for key, named in ((FILES, "Files"), (NIGHTLY, "Nightly")):
        other[f"{key.split('/')[0]}/{named}"] = {**changed(key, "description", to="x")[key], "name": named}
    wanted = inputs(bench, other, "Nightly")
    life.up(wanted)
    stopped, *put, started = written(bench)
    assert (stopped, sorted(put), started) == ("POST stop", ["PUT Files", "PUT Nightly"], "POST start")
    assert life.preview(wanted) == (Action.SAME, {})
    assert life.refresh() is Action.SAME


def _keys(*keys: str) -> frozenset[str]:
    return frozenset(f'documents["{key}"]' for key in keys)


def test_everything_is_deleted_before_what_it_refers_to(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, None, "nightly"))
    bench.wire.calls.clear()
    life.destroy()
    assert written(bench) == [
        "POST stop",
        "DELETE nightly",
        "DELETE load",
        "DELETE clean",
        "DELETE files",
        "DELETE lake",
    ]


def test_deleting_what_is_gone_is_a_success(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.outside("DELETE", "/triggers/nightly")()
    bench.outside("DELETE", "/pipelines/load")()
    life.destroy()
    assert life.deployed is None
    assert bench.documents("linkedservices") == {}


def test_an_artifact_deleted_behind_is_reported_and_made_again(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.outside("DELETE", "/triggers/nightly")()
    assert life.refresh() is Action.DRIFT
    assert next(lines(life, Severity.WARNING)).endswith('at documents["trigger/nightly"] (deleted)')
    run_table(life, [Step("made again", inputs(bench), Action.UPDATE, _keys(NIGHTLY))])


def test_a_workspace_without_any_of_them_has_lost_the_resource(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, {LAKE: documents()[LAKE]}))
    bench.outside("DELETE", "/linkedservices/lake")()
    assert life.refresh() is Action.DELETE


def test_a_trigger_stopped_by_an_operator_is_reported(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, None, "nightly"))
    bench.outside("POST", "/triggers/nightly/stop")()
    assert life.refresh() is Action.DRIFT
    assert next(lines(life, Severity.WARNING)).endswith("at startedTriggers (nightly is stopped)")


def test_a_long_list_of_differences_is_cut(bench: ProviderBench, life: Lifecycle) -> None:
    many = {f"pipeline/p{number:03}": _empty(f"p{number:03}") for number in range(103)}
    life.up(inputs(bench, {**many, LAKE: documents()[LAKE]}))
    for key in many:
        bench.outside("DELETE", f"/pipelines/{key.split('/')[1]}")()
    assert life.refresh() is Action.DRIFT
    assert next(lines(life, Severity.WARNING)).endswith('documents["pipeline/p099"] (deleted), 3 more')


def _empty(name: str) -> dict[str, Any]:
    return {"name": name, "properties": {"activities": []}}


def test_artifacts_of_others_are_left_alone(bench: ProviderBench, life: Lifecycle) -> None:
    bench.outside("PUT", "/pipelines/foreign", {"activities": []})()
    life.up(inputs(bench))
    assert life.refresh() is Action.SAME
    life.destroy()
    assert list(bench.documents("pipelines")) == ["foreign"]


def test_a_started_trigger_is_stopped_before_it_or_what_it_runs_changes_and_started_again(
    bench: ProviderBench, life: Lifecycle
) -> None:
    life.up(inputs(bench, None, "nightly"))
    bench.wire.calls.clear()
    life.up(inputs(bench, changed(FILES, "description", to="x"), "nightly"))
    assert written(bench) == ["POST stop", "PUT files", "POST start"]
    bench.wire.calls.clear()
    later = {**changed(FILES, "description", to="x"), NIGHTLY: changed(NIGHTLY, "description", to="x")[NIGHTLY]}
    life.up(inputs(bench, later, "nightly"))
    assert written(bench) == ["POST stop", "PUT nightly", "POST start"]
    assert life.refresh() is Action.SAME


def test_a_foreign_trigger_that_runs_a_changed_pipeline_is_stopped_meanwhile(
    bench: ProviderBench, life: Lifecycle
) -> None:
    life.up(inputs(bench))
    bench.outside("PUT", "/triggers/foreign", documents()[NIGHTLY]["properties"])()
    bench.outside("POST", "/triggers/foreign/start")()
    bench.wire.calls.clear()
    life.up(inputs(bench, changed(LOAD, "description", to="x")))
    note, *sent, removed = bench.wire.sent()
    assert sent == ["POST /triggers/foreign/stop", "PUT /pipelines/load", "POST /triggers/foreign/start"]
    assert note.startswith("PUT /pipelines/_resume_triggers_")
    assert removed == note.replace("PUT", "DELETE")


def test_triggers_are_started_and_stopped_by_the_setting_alone(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.wire.calls.clear()
    run_table(life, [Step("start", inputs(bench, None, "nightly"), Action.UPDATE, frozenset({"startedTriggers"}))])
    assert written(bench) == ["POST start"]
    run_table(life, [Step("stop", inputs(bench), Action.UPDATE, frozenset({"startedTriggers"}))])
    assert written(bench) == ["POST start", "POST stop"]


def test_a_trigger_switched_by_an_operator_is_drift_and_put_right(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.outside("POST", "/triggers/nightly/start")()
    assert life.refresh() is Action.DRIFT
    assert next(lines(life, Severity.WARNING)).endswith("at startedTriggers (nightly is started)")
    run_table(life, [Step("stopped", inputs(bench), Action.UPDATE, frozenset({"startedTriggers"}))])
    assert bench.documents("triggers")["nightly"]["runtimeState"] == "Stopped"


def test_a_trigger_that_an_operator_stopped_rests_until_a_change_reaches_it(
    bench: ProviderBench, life: Lifecycle
) -> None:
    others = {**documents(), "pipeline/apart": _empty("apart")}
    life.up(inputs(bench, None, "nightly"))
    bench.outside("POST", "/triggers/nightly/stop")()
    bench.wire.calls.clear()
    life.up(inputs(bench, others, "nightly"))
    assert written(bench) == ["PUT apart"]
    life.up(inputs(bench, {**changed(FILES, "description", to="x"), "pipeline/apart": _empty("apart")}, "nightly"))
    assert written(bench) == ["PUT apart", "PUT files", "POST start"]


def test_a_creation_that_fails_half_way_is_kept_and_continued(bench: ProviderBench, life: Lifecycle) -> None:
    body = {"code": "BadRequest", "message": "The pipeline is not liked."}
    bench.wire.fail("PUT", "/pipelines/load", Reply(400, body))
    with pytest.raises(PartialFailure) as caught:
        life.up(inputs(bench, None, "nightly"))
    assert caught.value.reasons == (
        "publishing pipeline/load: the service answered 400 BadRequest: The pipeline is not liked.",
    )
    assert life.deployed and life.deployed.id == bench.workspace.endpoint
    assert set(life.deployed.state["documents"]) == {LAKE, FILES, FLOW}
    bench.wire.calls.clear()
    row = Step("continue", inputs(bench, None, "nightly"), Action.UPDATE, _keys(LOAD, NIGHTLY) | {"startedTriggers"})
    run_table(life, [row])
    assert written(bench) == ["PUT load", "PUT nightly", "POST start"]


def test_a_creation_that_reached_nothing_leaves_no_resource(bench: ProviderBench, life: Lifecycle) -> None:
    bench.wire.fail("PUT", "/linkedservices/lake", Reply(400, {"code": "BadRequest", "message": "no"}))
    with pytest.raises(
        ProviderError, match=r"^publishing linkedService/lake: the service answered 400 BadRequest: no$"
    ):
        life.up(inputs(bench))
    assert life.deployed is None


def test_a_change_that_fails_leaves_triggers_stopped_says_so_and_the_next_run_starts_them(
    bench: ProviderBench, life: Lifecycle
) -> None:
    life.up(inputs(bench, None, "nightly"))
    bench.wire.fail("PUT", "/pipelines/load", Reply(400, {"code": "BadRequest", "message": "no"}))
    wanted = inputs(bench, changed(LOAD, "description", to="x"), "nightly")
    with pytest.raises(PartialFailure) as caught:
        life.up(wanted)
    assert caught.value.reasons == (
        "publishing pipeline/load: the service answered 400 BadRequest: no",
        "leaving triggers stopped (nightly): the change is not complete and they would start runs on it\n"
        "hint: run pulumi up again: it finishes the change and starts them",
    )
    assert bench.documents("triggers")["nightly"]["runtimeState"] == "Stopped"
    life.up(wanted)
    assert bench.documents("triggers")["nightly"]["runtimeState"] == "Started"
    assert life.refresh() is Action.SAME
    assert life.preview(wanted) == (Action.SAME, {})


def test_a_foreign_trigger_left_stopped_is_a_reason_to_update(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.outside("PUT", "/triggers/foreign", documents()[NIGHTLY]["properties"])()
    bench.outside("POST", "/triggers/foreign/start")()
    bench.wire.fail("PUT", "/pipelines/load", Reply(400, {"code": "BadRequest", "message": "no"}))
    with pytest.raises(PartialFailure, match=r"leaving triggers stopped \(foreign\)"):
        life.up(inputs(bench, changed(LOAD, "description", to="x")))
    assert life.preview(inputs(bench)) == (Action.UPDATE, {"interruptedTriggers": Change.DELETE})
    life.up(inputs(bench))
    assert bench.documents("triggers")["foreign"]["runtimeState"] == "Started"


def test_a_deletion_that_fails_names_the_artifact(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.wire.fail("DELETE", "/pipelines/load", Reply(400, {"code": "InUse", "message": "It is used."}))
    with pytest.raises(ProviderError, match=r"^deleting pipeline/load: the service answered 400 InUse: It is used\.$"):
        life.destroy()
    life.destroy()
    assert bench.documents("linkedservices") == {}


def test_the_whole_workspace_is_imported_by_its_endpoint(bench: ProviderBench, life: Lifecycle) -> None:
    bench.life("WorkspaceArtifacts").up(inputs(bench, None, "nightly"))
    assert life.adopt(bench.workspace.endpoint)
    assert life.preview(inputs(bench, None, "nightly")) == (Action.SAME, {})
    assert life.refresh() is Action.SAME


@pytest.mark.parametrize("more", [0, 1])
def test_as_many_as_the_engine_shows_are_imported_as_a_map(bench: ProviderBench, life: Lifecycle, more: int) -> None:
    """A state of another form than the program's would show each later change as a whole new document."""
    wait = {"name": "rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    wanted = {
        f"pipeline/p{number}": {"name": f"p{number}", "properties": {"activities": [wait]}}
        for number in range(MOST_IN_SIGHT + more)
    }
    bench.life("WorkspaceArtifacts").up({"endpoint": bench.workspace.endpoint, "documents": wanted})
    assert life.adopt(bench.workspace.endpoint)
    assert life.deployed is not None
    held = life.deployed.state["documents"]
    assert set(unpack(held) if more else held) == set(wanted)


def test_chosen_artifacts_are_imported_by_name(bench: ProviderBench, life: Lifecycle) -> None:
    bench.life("WorkspaceArtifacts").up(inputs(bench))
    assert life.adopt(f"{bench.workspace.endpoint}#{LAKE}, {FILES}")
    assert life.deployed and set(life.deployed.state["documents"]) == {LAKE, FILES}
    assert life.deployed.id == bench.workspace.endpoint


def test_an_empty_workspace_has_nothing_to_import(bench: ProviderBench, life: Lifecycle) -> None:
    assert not life.adopt(bench.workspace.endpoint)


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("{endpoint}#pipeline/nothing", "importing pipeline/nothing: not in {endpoint}"),
        ("{endpoint}#box/a", "reading artifacts '{endpoint}#box/a': parsing artifact id 'box/a': unknown kind 'box'"),
        ("https://example.org", "reading artifacts 'https://example.org': parsing workspace endpoint"),
    ],
)
def test_an_import_of_nothing_is_refused(bench: ProviderBench, life: Lifecycle, id: str, text: str) -> None:
    with pytest.raises(ProviderError) as caught:
        life.adopt(id.format(endpoint=bench.workspace.endpoint))
    assert str(caught.value).startswith(text.format(endpoint=bench.workspace.endpoint))


def test_another_workspace_is_another_resource(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    elsewhere = {**inputs(bench), "endpoint": "https://elsewhere.dev.azuresynapse.net"}
    assert life.preview(elsewhere)[0] is Action.REPLACE
    assert life.preview({**inputs(bench), "endpoint": f"{bench.workspace.endpoint}/"}) == (Action.SAME, {})


def test_stopping_between_two_artifacts_keeps_what_was_reached(bench: ProviderBench, life: Lifecycle) -> None:
    bench.time.cancel_after = 0.25
    with pytest.raises(PartialFailure, match="stopped on request"):
        life.up(inputs(bench))
    assert life.deployed
    reached = set(life.deployed.state["documents"])
    assert LAKE in reached and NIGHTLY not in reached
