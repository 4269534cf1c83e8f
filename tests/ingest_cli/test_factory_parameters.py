"""The global parameters of a factory are pulled into the factory's own document, and nothing else of it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azure_ids.data_factory import FactoryId
from azure_ids.synapse import ArtifactKind
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.factory_parameters import plan_parameters
from ingest_cli.json_rewriting import studio_text
from ingest_cli.pull_changes import PullPlan
from synapse_artifacts.data_factory import GLOBAL_PARAMETERS
from synapse_artifacts.load import load_folder

HOST = FactoryId.parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/by-hand")
DEV, PROD = ({"stage": {"type": "string", "value": stage}} for stage in ("dev", "prod"))


def document(parameters: dict[str, Any] | None) -> dict[str, Any]:
    """The factory's own document; None: without parameters."""
    own = {"location": "westeurope"} if parameters is None else {"globalParameters": parameters}
    return {"name": "theirs", "properties": own, "identity": {"type": "SystemAssigned"}}


def planned(
    folder: Path, file: dict[str, Any] | None, known: dict[str, Any] | None, live: dict[str, Any] | None
) -> PullPlan:
    """The plan for the folder's file, the parameters of the state and those of the service."""
    (folder / "pipeline").mkdir()
    (folder / "pipeline" / "p.json").write_text(studio_text({"name": "p", "properties": {"activities": []}}))
    if file is not None:
        (folder / "factory").mkdir()
        (folder / "factory" / "theirs.json").write_text(studio_text(file))
    items = {} if live is None else {"default": {"name": "default", "properties": live, "etag": "e"}}
    state = None if known is None else {"name": "default", "properties": known}
    plan = PullPlan()
    plan_parameters(plan, load_folder(folder), HOST, state, LiveArtifacts({ArtifactKind.GLOBAL_PARAMETERS: items}))
    return plan


@pytest.mark.parametrize("parameters", [None, DEV])
def test_what_nobody_changed_is_not_written(tmp_path: Path, parameters: dict[str, Any] | None) -> None:
    plan = planned(tmp_path, document(parameters), parameters, parameters)
    assert (plan.changes, plan.deployed, plan.conflicts) == ([], {}, [])


@pytest.mark.parametrize(("known", "live"), [(DEV, PROD), (DEV, None), (None, DEV)], ids=["changed", "deleted", "new"])
def test_a_change_is_written_into_the_document_of_the_factory(
    tmp_path: Path, known: dict[str, Any] | None, live: dict[str, Any] | None
) -> None:
    before = document(known)
    plan = planned(tmp_path, before, known, live)
    (change,) = plan.changes
    properties = {key: value for key, value in before["properties"].items() if key != "globalParameters"}
    properties |= {} if live is None else {"globalParameters": live}
    assert (change.artifact, change.verb, change.file.name) == (GLOBAL_PARAMETERS, "change", "theirs.json")
    assert change.text == studio_text({**before, "properties": properties})
    assert plan.deployed == {GLOBAL_PARAMETERS: None if live is None else {"name": "default", "properties": live}}
    assert plan.conflicts == []


def test_a_folder_without_the_document_gets_one(tmp_path: Path) -> None:
    (change,) = planned(tmp_path, None, None, DEV).changes
    assert (change.verb, change.file) == ("add", tmp_path / "factory" / "by-hand.json")
    assert change.text == studio_text({"name": "by-hand", "properties": {"globalParameters": DEV}})


def test_a_value_that_both_sides_changed_stays_and_is_told(tmp_path: Path) -> None:
    edited = {"stage": {"type": "string", "value": "test"}}
    plan = planned(tmp_path, document(edited), DEV, PROD)
    assert plan.changes == []
    (conflict,) = plan.conflicts
    assert "Studio changed properties.globalParameters.stage.value" in str(conflict)


def test_a_document_that_is_gone_is_told(tmp_path: Path) -> None:
    plan = planned(tmp_path, None, DEV, PROD)
    assert (plan.changes, plan.deployed) == ([], {})
    assert "the folder has no document of a factory any more" in str(plan.conflicts[0])
