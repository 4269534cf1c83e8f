"""The generated SDK is current, and sends its arguments under the names that the provider reads."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sdk_program

import pulumi_dataplane as dataplane
from dataplane_provider.properties import camel_case
from dataplane_provider.schema import RESOURCES, package_schema

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "WorkspaceArtifacts": {
        "endpoint": "https://ws.dev.azuresynapse.net",
        "documents": {"pipeline/an_underscore": {"name": "an_underscore", "properties": {"run_after": 1}}},
        "started_triggers": ["nightly"],
        "propagation_timeout_seconds": 60,
    },
    "FileSystem": {"account": "lake", "name": "raw", "delete_data": True},
    "Directory": {"account": "lake", "file_system": "raw", "path": "patients", "acl": ["user::rwx"]},
    "GeneratedSecret": {"vault_uri": "https://kv.vault.azure.net", "name": "key", "bytes": 64},
    "SynapseRoleAssignment": {
        "endpoint": "https://ws.dev.azuresynapse.net",
        "principal_id": "00000000-0000-4000-8000-000000000000",
        "role_name": "Synapse User",
        "principal_type": "Group",
    },
    "ManagedPrivateEndpoint": {
        "endpoint": "https://ws.dev.azuresynapse.net",
        "name": "to-lake",
        "target_id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/lake",
        "group_id": "dfs",
        "approve": False,
    },
}


def test_the_sdk_is_what_the_generator_makes_of_the_schema() -> None:
    command = [sys.executable, str(ROOT / "tools" / "generate_sdk.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_resource_of_the_schema_has_a_class() -> None:
    assert {resource.name for resource in RESOURCES} == set(ARGUMENTS)
    assert sorted(dataplane.__all__) == sorted([*ARGUMENTS, "Provider"])


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_and_outputs_have_the_names_that_the_provider_reads(name: str) -> None:
    arguments = ARGUMENTS[name]
    properties = package_schema()["resources"][f"dataplane:index:{name}"]["properties"]
    wanted = [_snake_case(key) for key in properties]
    command = [sys.executable, sdk_program.__file__, name, json.dumps(arguments), json.dumps(wanted)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    sent = {camel_case(key): value for key, value in arguments.items()}
    assert told["registered"] == {f"dataplane:index:{name}": sent}
    assert {key: told["outputs"][key] for key in arguments} == arguments
    assert set(told["outputs"]) == set(wanted)


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
