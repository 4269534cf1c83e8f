"""The settings `git`: the repository in which Studio keeps what people draft, before the deployer publishes it.

https://learn.microsoft.com/azure/synapse-analytics/cicd/source-control
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.artifact_settings import PROJECT_FOLDER
from infra.setting_reader import SettingReader, SettingsError

_GITHUB, _AZURE_DEVOPS = "WorkspaceGitHubConfiguration", "WorkspaceVSTSConfiguration"
_NAME = r"[A-Za-z0-9_.][A-Za-z0-9_. -]*"


@dataclass(frozen=True)
class GitConnection:
    """A repository and the folder in it that is the root of Studio's layout."""

    account: str
    project: str
    host: str
    repository: str
    branch: str
    root_folder: str

    @property
    def type(self) -> str:
        """The word of Resource Manager for where the repository is."""
        return _AZURE_DEVOPS if self.project else _GITHUB


def read_git_settings(reader: SettingReader, artifacts: Path) -> GitConnection | None:
    """The settings inside `git`, or None; problems go to the reader. `artifacts` is the folder that is published."""
    inside = reader.group("git")
    if not inside.values:
        return None
    found = GitConnection(
        account=inside.text("account", "the account that the repository belongs to", _NAME),
        project=inside.text_or("project", "", "the name of a project of Azure DevOps", _NAME),
        host=inside.text_or("host", "", "an address such as https://github.example.com", r"https://[a-z0-9.-]+"),
        repository=inside.text("repository", "the name of a repository", _NAME),
        branch=inside.text_or("branch", "main", "the name of a branch", r"[^\s~^:?*\[\\]+"),
        root_folder=f"/{artifacts.relative_to(PROJECT_FOLDER)}" if artifacts.is_relative_to(PROJECT_FOLDER) else "",
    )
    inside.finish()
    if not found.root_folder:
        reader.refuse("git", str(artifacts), "artifacts.folder inside the repository of this project")
    if found.project and found.host:
        reader.refuse("git", found.host, "no host with a project: it is of GitHub Enterprise")
    return found


def require_only_connection(own: GitConnection | None, stack: str, folder: Path, project: str) -> None:
    """Raises SettingsError where another stack is connected too: two workspaces would publish from one branch."""
    if own is None:
        return
    for file in sorted(folder.glob("Pulumi.*.yaml")):
        other = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if other != stack and (content.get("config") or {}).get(f"{project}:git"):
            problem = f"reading setting git: stack {other} is connected to a repository as well"
            hint = "leave git out of the settings of all but the one stack that people develop in"
            raise SettingsError([f"{problem}\nexpected one stack with Git, all others live\nhint: {hint}"])
