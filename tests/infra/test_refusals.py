"""What the real engine refuses to do with a protected stack, before anything is written."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from program_bench import PROJECT, ROOT, complete_values, settings_of
from running_azure import AzureBench, running_azure

from infra.naming import Names
from pulumi_engine.obtain import obtain

NAMES = Names.of(settings_of())


@dataclass
class ProtectedStack:
    """The local stack with protection, deployed on a local Azure of its own."""

    azure: AzureBench
    folder: Path
    engine: Path = field(default_factory=obtain)

    def pulumi(self, *arguments: str, source_ip: str | None = None, **changes: object) -> tuple[int, str]:
        """Exit code and text of a command on the stack, with changed settings."""
        configuration = self.folder / "configuration.yaml"
        values = complete_values("local", **{"protect": True, **changes})
        config = {f"{PROJECT}:{key}": json.loads(each) if each[0] in "[{" else each for key, each in values.items()}
        salt = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))["encryptionsalt"]
        configuration.write_text(yaml.safe_dump({"config": config, "encryptionsalt": salt}), encoding="utf-8")
        file = [] if arguments[0] == "stack" else ["--config-file", str(configuration), "--stack", "local"]
        return self._run("pulumi", "--non-interactive", *arguments, *file, source_ip=source_ip)

    def _run(self, *command: str, source_ip: str | None) -> tuple[int, str]:
        path = f"{self.engine}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, **self.azure.environment("deployer", source_ip), "PATH": path}
        answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return answer.returncode, answer.stdout + answer.stderr

    def writes(self) -> int:
        """How many requests so far could have changed something."""
        reads = {"GET", "HEAD", "OPTIONS"}
        return sum(1 for each in self.azure.requests() if each["method"] not in reads and "login." not in each["host"])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProtectedStack]:
    with running_azure() as azure:
        (azure.state_folder / "pulumi").mkdir()
        made = ProtectedStack(azure, tmp_path_factory.mktemp("stack"))
        for command in (("stack", "init", "local"), ("up", "--yes", "--skip-preview")):
            code, text = made.pulumi(*command)
            assert code == 0, text
        yield made


def test_a_change_that_would_replace_what_is_protected_fails_the_preview(stack: ProtectedStack) -> None:
    before = stack.writes()
    code, text = stack.pulumi("preview", location="northeurope")
    assert code != 0
    assert "unable to replace resource" in text
    assert "it is currently marked for protection" in text
    assert stack.writes() == before


def test_what_is_protected_is_not_destroyed(stack: ProtectedStack) -> None:
    before = stack.writes()
    code, text = stack.pulumi("destroy", "--yes")
    assert code != 0
    assert "because it is protected" in text
    assert stack.writes() == before


def test_a_machine_that_is_not_let_in_changes_nothing(stack: ProtectedStack) -> None:
    before = stack.writes()
    code, text = stack.pulumi("up", "--yes", "--skip-preview", source_ip="198.51.100.7", soft_delete_days=8)
    assert code != 0
    for host in (
        f"{NAMES.storage_account}.dfs.core.windows.net",
        f"{NAMES.vault}.vault.azure.net",
        f"{NAMES.workspace}.dev.azuresynapse.net",
    ):
        assert f"reaching {host} (" in text
    assert stack.writes() == before


def test_wrong_settings_are_all_told_and_nothing_is_asked_of_azure(stack: ProtectedStack) -> None:
    before = len(stack.azure.requests())
    code, text = stack.pulumi("preview", tigers="x", soft_delete_days=1, location="West Europe")
    assert code != 0
    for key in ("location", "soft_delete_days", "tigers"):
        assert f"reading setting {key}: " in text
    assert len(stack.azure.requests()) == before
