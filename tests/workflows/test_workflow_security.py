"""What the workflows may and may not do, read from their YAML."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / ".github" / "workflows"
NAMES = sorted(file.name for file in FOLDER.glob("*.yml"))
PINNED = re.compile(r"^\s*(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
JOBS = {
    ("preview.yml", "local"): {"contents": "read"},
    ("preview.yml", "dev"): {"contents": "read", "id-token": "write"},
    ("preview.yml", "comment"): {"contents": "read", "pull-requests": "write"},
    ("drift.yml", "compare"): {"contents": "read", "id-token": "write"},
    ("drift.yml", "report"): {"contents": "read", "issues": "write"},
}
"""Every job and all that its token may do."""


def _workflow(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text())
    return loaded


def _triggers(name: str) -> set[str]:
    found = _workflow(name)[True]  # YAML 1.1 reads the key `on` as true
    return {found} if isinstance(found, str) else set(found)


def _job(workflow: str, job: str) -> dict[str, Any]:
    found: dict[str, Any] = _workflow(workflow)["jobs"][job]
    return found


def _commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def _uses(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [step for step in job["steps"] if step.get("uses", "").startswith(f"{action}@")]


def test_every_job_has_exactly_the_permissions_listed_here() -> None:
    found = {(name, job): each["permissions"] for name in NAMES for job, each in _workflow(name)["jobs"].items()}
    assert found == JOBS


@pytest.mark.parametrize("name", NAMES)
def test_a_job_that_says_nothing_may_do_nothing(name: str) -> None:
    assert _workflow(name)["permissions"] == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_workflow_runs_code_of_a_fork_with_the_repository_s_rights(name: str) -> None:
    assert _triggers(name) <= {"pull_request", "schedule", "workflow_dispatch"}


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_to_commits_with_their_version(name: str) -> None:
    lines = [line for line in (FOLDER / name).read_text().splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_same_action_has_the_same_pin_everywhere(name: str) -> None:
    pins: dict[str, set[str]] = {}
    for each in NAMES:
        for action, commit in re.findall(r"uses: (\S+)@(\S+)", (FOLDER / each).read_text()):
            pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_no_checkout_leaves_a_token_behind(workflow: str, job: str) -> None:
    checkouts = _uses(_job(workflow, job), "actions/checkout")
    assert checkouts
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_every_job_ends_within_an_hour(workflow: str, job: str) -> None:
    assert _job(workflow, job)["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", NAMES)
def test_runs_of_one_thing_do_not_overlap(name: str) -> None:
    assert _workflow(name)["concurrency"]["group"]


@pytest.mark.parametrize("name", NAMES)
def test_no_expression_is_put_into_a_command(name: str) -> None:
    for job in _workflow(name)["jobs"].values():
        assert "${{" not in _commands(job)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_kept_for_the_workflows(name: str) -> None:
    assert "secrets." not in (FOLDER / name).read_text()


def test_the_job_for_forks_holds_no_credential() -> None:
    job = _job("preview.yml", "local")
    assert "environment" not in job
    assert "if" not in job
    text = yaml.safe_dump(job)
    assert re.findall(r"github\.token|secrets\.|vars\.|azure/login|id-token", text) == []
    commands = _commands(job).splitlines()
    assert commands.index("make check") < commands.index("make test")
    assert "python -m tools.stack_preview local --folder previews" in commands


def test_dev_is_previewed_for_branches_of_the_repository_only() -> None:
    job = _job("preview.yml", "dev")
    assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    assert job["environment"] == "dev-preview"
    assert _job("preview.yml", "comment")["needs"] == "dev"


def test_what_may_write_to_github_runs_nothing_of_the_pull_request() -> None:
    (checkout,) = _uses(_job("preview.yml", "comment"), "actions/checkout")
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


def test_no_job_holds_an_identity_of_azure_and_the_right_to_write_to_github() -> None:
    for (workflow, name), permissions in JOBS.items():
        job = _job(workflow, name)
        writes = {scope for scope, right in permissions.items() if right == "write"}
        assert len(writes) <= 1
        assert bool(_uses(job, "azure/login")) == (writes == {"id-token"}) == ("environment" in job)


def test_drift_is_looked_for_every_night_in_dev_and_prod() -> None:
    assert _triggers("drift.yml") == {"schedule", "workflow_dispatch"}
    job = _job("drift.yml", "compare")
    assert job["strategy"]["matrix"]["stack"] == ["dev", "prod"]
    assert job["environment"] == "${{ matrix.stack }}-drift"
    assert 'python -m tools.stack_preview "$STACK" --drift --folder previews' in _commands(job)


def test_no_workflow_changes_a_stack() -> None:
    for name in NAMES:
        assert re.findall(r"pulumi (?:up|update|refresh|destroy|import)\b", (FOLDER / name).read_text()) == []


def test_every_module_that_a_workflow_runs_exists() -> None:
    modules = {found for name in NAMES for found in re.findall(r"-m (tools\.\w+)", (FOLDER / name).read_text())}
    assert modules == {"tools.drift_issue", "tools.pull_request_comment", "tools.stack_preview"}
    for module in modules:
        assert (FOLDER.parents[1] / f"{module.replace('.', '/')}.py").is_file()
