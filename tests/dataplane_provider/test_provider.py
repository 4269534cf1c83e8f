"""The provider as a whole: types, settings, schema, and the process that the engine starts."""

import json
import os
import signal
import subprocess
import sys

import pytest

from dataplane_provider.provider import DataplaneProvider
from dataplane_provider.schema import RESOURCES, package_schema
from provider_wire.lifecycle import Lifecycle, RecordingSession
from provider_wire.verbs import CheckFailure, Configuration, InvokeRequest, ProviderError


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    life = Lifecycle(DataplaneProvider, "dataplane:index:Box")
    with pytest.raises(ProviderError) as caught:
        life.check({})
    known = ", ".join(f"dataplane:index:{resource.name}" for resource in RESOURCES)
    assert str(caught.value) == (
        f"looking up resource type 'dataplane:index:Box': unknown type\nexpected one of {known}"
    )


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(ProviderError) as caught:
        DataplaneProvider().invoke(InvokeRequest("dataplane:index:lookUp", {}), RecordingSession())
    assert str(caught.value) == (
        "calling dataplane:index:lookUp: unknown function\nexpected none: package dataplane has resources only"
    )


def test_settings_are_refused_by_name() -> None:
    nothing = Configuration("urn", {})
    answer = DataplaneProvider().check_configuration(nothing, Configuration("urn", {"version": "1", "region": "x"}))
    assert list(answer.failures) == [CheckFailure("region", "unknown setting 'region'\nexpected none")]
    assert DataplaneProvider().diff_configuration(nothing, Configuration("urn", {"version": "2"})).changes == {}


def test_every_property_of_the_schema_is_described() -> None:
    schema = json.loads(DataplaneProvider().schema())
    assert schema == json.loads(json.dumps(package_schema()))
    for resource in schema["resources"].values():
        assert resource["description"]
        for item in [*resource["inputProperties"].values(), *resource["properties"].values()]:
            assert item["description"].endswith(".") or item["description"].endswith(").")


def test_properties_that_name_a_resource_are_declared_to_replace_it() -> None:
    resources = package_schema()["resources"]
    replacing = {
        token.rsplit(":", 1)[1]: [
            name for name, item in resource["inputProperties"].items() if item.get("willReplaceOnChanges")
        ]
        for token, resource in resources.items()
    }
    assert replacing == {
        "WorkspaceArtifacts": ["endpoint"],
        "FileSystem": ["account", "name"],
        "Directory": ["account", "fileSystem", "path"],
        "GeneratedSecret": ["vaultUri", "name"],
        "SynapseRoleAssignment": ["endpoint", "principalId", "roleName", "roleDefinitionId", "scope"],
        "ManagedPrivateEndpoint": ["endpoint", "name", "targetId", "groupId"],
    }


def test_the_plugin_process_prints_its_port_and_ends_when_told_to() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dataplane_provider"], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout
        assert int(process.stdout.readline()) > 0
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, "")
