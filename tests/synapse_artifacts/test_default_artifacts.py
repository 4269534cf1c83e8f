"""Default linked services have the name of the workspace that they are published to."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_artifacts.default_artifacts import document_in, id_in


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("linkedService/dev-WorkspaceDefaultStorage", "linkedService/prod-WorkspaceDefaultStorage"),
        ("linkedService/dev-ws-WorkspaceDefaultSqlServer", "linkedService/prod-WorkspaceDefaultSqlServer"),
        ("linkedService/PROD-workspacedefaultstorage", "linkedService/PROD-workspacedefaultstorage"),
        ("linkedService/lake", "linkedService/lake"),
        ("linkedService/WorkspaceDefaultStorage", "linkedService/WorkspaceDefaultStorage"),
        ("dataset/dev-WorkspaceDefaultStorage", "dataset/dev-WorkspaceDefaultStorage"),
    ],
)
def test_an_id_is_another_one_only_for_the_defaults_of_another_workspace(id: str, expected: str) -> None:
    assert id_in("prod", id) == expected


def _reference(name: str) -> dict[str, Any]:
    return {"referenceName": name, "type": "LinkedServiceReference"}


def test_references_are_rewritten_wherever_they_stand_and_nothing_else() -> None:
    dataset = {
        "name": "d",
        "properties": {
            "linkedServiceName": _reference("dev-WorkspaceDefaultStorage"),
            "annotations": ["dev-WorkspaceDefaultStorage"],
            "others": [_reference("lake"), {**_reference("dev-WorkspaceDefaultStorage"), "type": "DatasetReference"}],
        },
    }
    found = document_in("prod", "dataset/d", dataset)
    expected = {**dataset["properties"], "linkedServiceName": _reference("prod-WorkspaceDefaultStorage")}  # type: ignore[dict-item]
    assert found == {"name": "d", "properties": expected}


def test_a_default_gets_its_name_and_everything_else_stays_the_same_object() -> None:
    service = {"name": "dev-WorkspaceDefaultStorage", "properties": {"type": "AzureBlobFS"}}
    found = document_in("prod", "linkedService/dev-WorkspaceDefaultStorage", service)
    assert found == {"name": "prod-WorkspaceDefaultStorage", "properties": {"type": "AzureBlobFS"}}
    assert document_in("dev", "linkedService/dev-WorkspaceDefaultStorage", service) is service
