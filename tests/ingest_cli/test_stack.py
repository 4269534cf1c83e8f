"""What the commands ask plain `pulumi`, and what they tell where it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_programs import search_path, write_program
from local_stack import LocalStack

from ingest_cli.deployed import deployed_counts
from ingest_cli.engine import prepare_stack
from ingest_cli.errors import CommandError
from ingest_cli.stack import pulumi, show_pulumi, stack_outputs
from pulumi_engine.obtain import obtain
from synapse_artifacts.packed import pack

REFUSES = "echo 'error: no stack selected' >&2; exit 255"


def answering(folder: Path, body: str) -> dict[str, str]:
    """The environment of a `pulumi` that does this."""
    write_program(folder, "pulumi", body)
    return {"PATH": search_path(folder)}


def test_outputs_are_those_of_the_selected_stack(tmp_path: Path) -> None:
    outputs = {"artifactHost": "https://w.dev.azuresynapse.net", "workspace": "w"}
    body = f"""[ "$*" = '--non-interactive stack output --json' ] && echo '{json.dumps(outputs)}'"""
    assert stack_outputs(answering(tmp_path, body)) == outputs


def test_without_an_engine_on_the_path_the_shell_is_to_be_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError) as caught:
        stack_outputs()
    assert str(caught.value) == (
        'reading the outputs of the stack: there is no pulumi on PATH\nhint: eval "$(ingest local env)"'
    )


def test_the_engine_of_the_path_is_asked_where_no_environment_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", answering(tmp_path, REFUSES)["PATH"])
    with pytest.raises(CommandError) as caught:
        stack_outputs()
    assert str(caught.value) == "reading the outputs of the stack: error: no stack selected\nhint: pulumi up"


def test_a_stack_without_a_deployment_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        stack_outputs(answering(tmp_path, "echo '{}'"))
    assert str(caught.value) == (
        "reading the outputs of the stack: there is no output artifactHost: nothing is deployed\nhint: pulumi up"
    )


def test_deployed_are_custom_resources_without_providers_and_their_artifacts(tmp_path: Path) -> None:
    documents: dict[str, object] = {"pipeline/a": {}, "pipeline/b": {}, "dataset/c": {}}
    resources = [
        {"type": "pulumi:pulumi:Stack"},
        {"type": "ingestion:index:Lake"},
        {"type": "pulumi:providers:azure-native", "custom": True},
        {"type": "azure-native:storage:StorageAccount", "custom": True, "inputs": {}},
        {"type": "dataplane:index:WorkspaceArtifacts", "custom": True, "inputs": {"documents": pack(documents)}},
    ]
    state = json.dumps({"deployment": {"resources": resources}})
    assert deployed_counts(answering(tmp_path, f"echo '{state}'")) == (2, 3)
    assert deployed_counts(answering(tmp_path, """echo '{"deployment": {}}'""")) == (0, 0)


def test_a_state_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^reading the state of the stack: error: no stack selected$"):
        deployed_counts(answering(tmp_path, REFUSES))


def test_commands_run_in_the_project_and_never_ask_questions(tmp_path: Path) -> None:
    answer = pulumi(["up", "--yes"], answering(tmp_path, 'echo "$@"; [ -f Pulumi.yaml ] && echo in the project'))
    assert answer.stdout == "--non-interactive up --yes\nin the project\n"


def test_a_command_on_the_terminal_shows_what_it_says_and_tells_how_it_ended(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    show_pulumi(["up"], answering(tmp_path, "echo updating"))
    assert capfd.readouterr().out == "updating\n"
    with pytest.raises(CommandError) as caught:
        show_pulumi(["up", "--yes"], answering(tmp_path, "echo failed; exit 7"))
    assert capfd.readouterr().out == "failed\n"
    assert str(caught.value) == "running pulumi up --yes: it ended with 7, see above"


def test_the_stack_is_made_once(local: LocalStack) -> None:
    environment = prepare_stack(local.session, obtain())
    listed = json.loads(pulumi(["stack", "ls", "--json"], environment).stdout)
    assert [each["name"] for each in listed] == ["local"]
    assert environment["PULUMI_STACK"] == "local"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("echo 'error: no backend' >&2; exit 1", "listing the stacks of the local backend: error: no backend"),
        (
            '[ "$3" = ls ] && echo \'[{"name": "other"}]\' && exit 0; echo \'error: no room\' >&2; exit 1',
            "making stack local: error: no room",
        ),
    ],
    ids=["listing", "making"],
)
def test_an_engine_that_cannot_keep_the_stack_is_told(
    local: LocalStack, tmp_path: Path, body: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(tmp_path, "pulumi", body)
    with pytest.raises(CommandError) as caught:
        prepare_stack(local.session, tmp_path)
    assert str(caught.value) == text
