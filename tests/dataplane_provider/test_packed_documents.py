"""Documents as one packed text: the same life as a map has, and every changed value told beside the resource."""

from collections.abc import Mapping
from typing import Any

import pytest
from artifact_documents import LOAD, NIGHTLY, changed, documents
from provider_bench import ProviderBench, lines

from provider_wire.lifecycle import Action, Lifecycle, Step, run_table
from provider_wire.verbs import Severity
from synapse_artifacts.packed import pack, unpack


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts", "artifacts")


def packed(bench: ProviderBench, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"endpoint": bench.workspace.endpoint, "documents": pack(wanted)}


def test_a_packed_text_lives_as_the_map_does(bench: ProviderBench, life: Lifecycle) -> None:
    timeout = changed(LOAD, "activities", 1, "policy", "timeout", to="0.02:00:00")
    as_map = {"endpoint": bench.workspace.endpoint, "documents": timeout}
    change_back = bench.outside("PUT", "/pipelines/load", documents()[LOAD]["properties"])
    path = f'documents["{LOAD}"].properties.activities[1].policy.timeout'
    run_table(
        life,
        [
            Step("create", packed(bench, documents()), Action.CREATE),
            Step("no change", packed(bench, documents()), Action.SAME),
            Step("change", packed(bench, timeout), Action.UPDATE, frozenset({path})),
            Step("a map that means the same", as_map, Action.SAME),
            Step(
                "changed outside",
                None,
                Action.DRIFT,
                outside=change_back,
            ),
            Step("changed back", packed(bench, timeout), Action.UPDATE, frozenset({path})),
        ],
    )
    assert life.deployed and unpack(life.deployed.state["documents"]) == timeout


def test_a_change_is_told_where_the_state_is_packed_and_the_program_gives_a_map(
    bench: ProviderBench, life: Lifecycle
) -> None:
    """The engine would show a whole new document there."""
    life.up(packed(bench, documents()))
    wanted = changed(LOAD, "activities", 1, "policy", "timeout", to="0.02:00:00")
    life.preview({"endpoint": bench.workspace.endpoint, "documents": wanted})
    [line] = lines(life, Severity.INFO)
    assert line == f'~ {LOAD}.properties.activities[1].policy.timeout: "0.01:00:00" => "0.02:00:00"'


def test_every_changed_value_is_told(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(packed(bench, documents()))
    wanted = changed(LOAD, "activities", 1, "policy", "timeout", to="0.02:00:00")
    wanted[LOAD]["properties"]["description"] = "x" * 200
    del wanted[NIGHTLY]
    wanted["trigger/weekly"] = {**documents()[NIGHTLY], "name": "weekly"}
    life.preview(packed(bench, wanted))
    assert list(lines(life, Severity.INFO)) == [
        f'~ {LOAD}.properties.activities[1].policy.timeout: "0.01:00:00" => "0.02:00:00"\n'
        f'+ {LOAD}.properties.description: "{"x" * 119}…\n'
        "- trigger/nightly\n"
        "+ trigger/weekly"
    ]
