"""No artifact of a stack holds what belongs to another one."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from program_bench import PROJECT, ROOT

from infra.artifact_settings import SharedValue
from infra.leak_guard import StackValues, check_leaks, read_stacks, stack_values
from infra.naming import NameParts, Names
from synapse_artifacts.errors import ArtifactErrors

DEV_SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"
DEV = {
    "tenant_id": "99999999-2222-4333-8444-555555555555",
    "subscription_id": DEV_SUBSCRIPTION,
    "environment": "dev",
    "groups": {"auditors": {"object_id": "AAAAAAAA-2222-4333-8444-555555555555", "label": "auditors"}},
    "source": {"server": "dev.hospital.local", "database": "patients"},
    "artifacts": {
        "overlays": {"pipeline/a": {"properties.url": "https://dev-api.hospital.example/v1"}},
        "shared_values": [{"value": "common.vault.azure.net", "reason": "one vault"}],
    },
}
PROD = {
    "tenant_id": "99999999-2222-4333-8444-555555555555",
    "subscription_id": "22222222-2222-4333-8444-555555555555",
    "environment": "prod",
    "source": {"server": "hospital.database.windows.net", "database": "patients"},
}
DEFAULTS = {"name_prefix": "ingest", "vault_generation": 1}
DEV_NAMES = Names.of_parts(NameParts(DEV_SUBSCRIPTION, "ingest", "dev", 1))


def check(text: str, *shared: SharedValue, own: dict[str, Any] | None = None) -> list[str]:
    """The problems of one artifact of prod that holds a text."""
    stacks = [stack_values("dev", DEV, DEFAULTS), stack_values("prod", own or PROD, DEFAULTS)]
    documents = {"pipeline/a": {"name": "a", "properties": {"parameters": {"p": {"defaultValue": text}}}}}
    try:
        check_leaks(documents, stacks[1], stacks, shared)
    except ArtifactErrors as error:
        return [str(each) for each in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (f"https://{DEV_NAMES.storage_account}.dfs.core.windows.net/raw", "the storage account"),
        (f"abfss://raw@{DEV_NAMES.storage_account.upper()}.dfs.core.windows.net/", "the storage account"),
        (f"https://{DEV_NAMES.vault}.vault.azure.net", "the vault"),
        (f"https://api.hospital.example?from=https%3A%2F%2F{DEV_NAMES.vault}.vault.azure.net", "the vault"),
        (f"{DEV_NAMES.workspace}-ondemand.sql.azuresynapse.net", "the workspace"),
        (f"/factories/{DEV_NAMES.factory}", "the factory"),
        (f"/subscriptions/{DEV_SUBSCRIPTION}/resourceGroups/x", "subscription_id"),
        ("/resourceGroups/rg-ingest-dev/providers", "the resource group"),
        ("Server=tcp:dev.hospital.local,1433", "source.server"),
        ("aaaaaaaa-2222-4333-8444-555555555555", "groups.auditors.object_id"),
        (
            "https://DEV-API.hospital.example/v2",
            'artifacts.overlays["pipeline/a"]["properties.url"]',
        ),
    ],
)
def test_what_belongs_to_another_stack_is_told_with_its_place(text: str, meaning: str) -> None:
    (problem,) = check(text)
    assert f"which is {meaning} of stack dev\n  at /properties/parameters/p/defaultValue\n" in problem
    assert problem.startswith("checking pipeline/a: it holds ")


@pytest.mark.parametrize(
    "text",
    [
        DEV["tenant_id"],  # of both stacks
        "hospital.database.windows.net",  # its own
        "patients",  # the name of a database is in every second sentence
        f"x{DEV_NAMES.vault}",  # another name
        "https://vault.azure.net",
        "common.vault.azure.net",
        "dev",
        "",
    ],
)
def test_what_both_have_or_nobody_is_no_leak(text: str) -> None:
    assert check(text) == []


def test_what_is_shared_on_purpose_is_let_through_with_its_reason() -> None:
    shared = SharedValue("Dev.hospital.local", "prod reads the same registry")
    assert check("dev.hospital.local", shared) == []


def test_a_shared_value_that_nothing_holds_is_an_error() -> None:
    (problem,) = check("other", SharedValue("dev.hospital.local", "was needed once"))
    assert problem.startswith("checking shared value dev.hospital.local: no artifact holds it as a value of another")


def test_a_stack_that_is_not_filled_in_has_what_is_known() -> None:
    assert stack_values("new", {"environment": "new", "subscription_id": ""}, DEFAULTS) == StackValues("new", {})


def test_a_stack_that_publishes_to_a_workspace_has_its_name_and_no_other() -> None:
    values = {**DEV, "artifacts": {"workspace": "made-by-hand"}}
    names = stack_values("hand", values, DEFAULTS).meanings
    assert names["made-by-hand"] == "the workspace"
    assert DEV_NAMES.storage_account not in names


def test_a_stack_that_publishes_to_a_factory_has_its_name_and_its_subscription() -> None:
    id = f"/subscriptions/{DEV_SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.DataFactory/factories/Made-by-hand"
    meanings = stack_values("hand", {"artifacts": {"factory": id}}, {}).meanings
    assert meanings == {"made-by-hand": "the factory", DEV_SUBSCRIPTION: "artifacts.factory"}


def test_encrypted_values_belong_to_nobody() -> None:
    assert stack_values("x", {"source": {"secure": DEV_SUBSCRIPTION}}, DEFAULTS).meanings == {}


def test_the_stacks_are_those_that_have_a_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    for stack, values in (("dev", DEV), ("prod", PROD)):
        config = {f"{PROJECT}:{key}": value for key, value in values.items()}
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    (tmp_path / "Pulumi.empty.yaml").write_text("", encoding="utf-8")
    found = {each.stack: each.meanings for each in read_stacks(tmp_path, PROJECT)}
    assert set(found) == {"dev", "empty", "prod"}
    assert found["dev"][DEV_NAMES.storage_account] == "the storage account"
    assert found["empty"] == {}
