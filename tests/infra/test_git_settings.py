"""Only one stack is connected to a repository, and there nobody but the deployer may publish."""

from pathlib import Path

import pytest
import yaml
from program_bench import PROJECT, Recorder, declare, settings_of

from infra.git_settings import GitConnection, require_only_connection
from infra.role_table import SYNAPSE_GRANTS
from infra.setting_reader import SettingsError

GITHUB = {"account": "hospital", "repository": "ingestion"}
PUBLISHING = {
    "Synapse Administrator",
    "Synapse Contributor",
    "Synapse Artifact Publisher",
    "Synapse Linked Data Manager",
}


def repository_of(**settings: object) -> object:
    recorder = Recorder()
    declare(settings_of("local", **settings), recorder)
    return recorder.of_type("azure-native:synapse:Workspace")["workspace"].get("workspaceRepositoryConfiguration")


def test_without_git_the_workspace_is_live() -> None:
    assert settings_of("prod").git is None
    assert repository_of() is None


def test_studio_edits_the_folder_that_is_published() -> None:
    assert repository_of(git=GITHUB) == {
        "type": "WorkspaceGitHubConfiguration",
        "accountName": "hospital",
        "repositoryName": "ingestion",
        "collaborationBranch": "main",
        "rootFolder": "/pipelines_json",
    }


def test_a_project_means_azure_devops() -> None:
    git = settings_of("dev", git={**GITHUB, "project": "Research data", "branch": "develop"}).git
    assert git == GitConnection("hospital", "Research data", "", "ingestion", "develop", "/pipelines_json")
    assert git.type == "WorkspaceVSTSConfiguration"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"git": {"account": "hospital"}}, "reading setting git.repository: it has no value"),
        ({"git": {**GITHUB, "brnch": "x"}}, "reading setting git.brnch: there is no such setting"),
        ({"git": {**GITHUB, "project": "p", "host": "https://git.example.com"}}, "expected no host with a project"),
        ({"git": GITHUB, "artifacts": {"folder": "/elsewhere"}}, "expected artifacts.folder inside the repository"),
    ],
)
def test_what_cannot_be_connected_is_told(settings: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of("dev", **settings)
    assert told in str(caught.value)


def test_two_stacks_cannot_be_connected(tmp_path: Path) -> None:
    git = settings_of("dev", git=GITHUB).git
    for stack, settings in (("dev", {"git": GITHUB}), ("prod", {})):
        config = {f"{PROJECT}:{key}": value for key, value in settings.items()}
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    require_only_connection(git, "dev", tmp_path, PROJECT)
    require_only_connection(None, "prod", tmp_path, PROJECT)
    with pytest.raises(SettingsError, match="stack dev is connected to a repository as well"):
        require_only_connection(git, "prod", tmp_path, PROJECT)


def test_nobody_but_deployer_and_administrators_may_publish() -> None:
    publishing = {each.principal for each in SYNAPSE_GRANTS if each.role in PUBLISHING}
    assert publishing == {"deployer", "synapse_administrators"}
