"""What `ingest adopt` is asked for: a workspace or a factory, never both."""

import pytest

from ingest_cli.adopt_commands import chosen_host, of_other_workspaces
from ingest_cli.errors import CommandError

FACTORY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/f"


@pytest.mark.parametrize(
    ("workspace", "factory", "host"),
    [
        ("w", "", "https://w.dev.azuresynapse.net"),
        ("https://w.dev.azuresynapse.net/", "", "https://w.dev.azuresynapse.net"),
        ("", FACTORY, FACTORY),
    ],
)
def test_a_workspace_or_a_factory_is_chosen(workspace: str, factory: str, host: str) -> None:
    assert str(chosen_host(workspace, factory)) == host


@pytest.mark.parametrize(
    ("workspace", "factory", "message"),
    [
        ("", "", "neither option is given"),
        ("w", FACTORY, "both options are given"),
        ("W_", "", "reading --workspace W_"),
        ("", "f", "reading --factory f: .*expected /subscriptions/<id>"),
    ],
)
def test_anything_else_is_refused(workspace: str, factory: str, message: str) -> None:
    with pytest.raises(CommandError, match=f"(?s){message}"):
        chosen_host(workspace, factory)


def test_artifacts_that_refer_to_the_defaults_of_another_workspace_are_told_by_name() -> None:
    def dataset(name: str) -> dict[str, object]:
        return {"properties": {"linkedServiceName": {"referenceName": name, "type": "LinkedServiceReference"}}}

    documents = {
        "pipeline/copied": {
            "properties": {
                "activities": [dataset("other-WorkspaceDefaultStorage"), dataset("other-WorkspaceDefaultSqlServer")]
            }
        },
        "dataset/copied": dataset("OTHER-workspacedefaultstorage"),
        "dataset/own": dataset("W-WorkspaceDefaultStorage"),
        "dataset/named": dataset("lake"),
    }
    assert of_other_workspaces(chosen_host("w", ""), documents) == [
        "dataset/copied refers to OTHER-workspacedefaultstorage",
        "pipeline/copied refers to other-WorkspaceDefaultSqlServer, other-WorkspaceDefaultStorage",
    ]
    assert of_other_workspaces(chosen_host("", FACTORY), documents) == []
