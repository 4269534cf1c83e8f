"""The package schema, made from the argument records. https://www.pulumi.com/docs/iac/extending-pulumi/schema/"""

import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dataplane_provider.package import PACKAGE, VERSION
from dataplane_provider.properties import Property, properties_of
from dataplane_provider.resources import records


@dataclass(frozen=True)
class ResourceDeclaration:
    """A resource type: token, argument record, and the outputs that are not arguments (all of them strings)."""

    name: str
    arguments: type
    further_outputs: Mapping[str, str]

    @property
    def token(self) -> str:
        """The type token, `dataplane:index:<name>`."""
        return f"{PACKAGE}:index:{self.name}"


RESOURCES: tuple[ResourceDeclaration, ...] = (
    ResourceDeclaration("WorkspaceArtifacts", records.WorkspaceArtifactsArgs, {}),
    ResourceDeclaration("FileSystem", records.FileSystemArgs, {}),
    ResourceDeclaration("Directory", records.DirectoryArgs, {}),
    ResourceDeclaration(
        "GeneratedSecret",
        records.GeneratedSecretArgs,
        {"secretUri": "Address of the secret without a version, `https://<vault>.vault.azure.net/secrets/<name>`."},
    ),
    ResourceDeclaration(
        "SynapseRoleAssignment",
        records.SynapseRoleAssignmentArgs,
        {"assignmentId": "The id of the role assignment in the workspace (a GUID)."},
    ),
    ResourceDeclaration(
        "ManagedPrivateEndpoint",
        records.ManagedPrivateEndpointArgs,
        {"connectionStatus": "What the owner of the target says: `Approved`, `Pending`, `Rejected`, `Disconnected`."},
    ),
)


def package_schema() -> dict[str, Any]:
    """The schema of the package `dataplane` as JSON data."""
    return {
        "name": PACKAGE,
        "displayName": "Data plane of Azure Synapse, Data Lake Storage and Key Vault",
        "version": VERSION,
        "description": "Artifacts of Synapse workspaces, filesystems and ACLs of Data Lake Storage, generated secrets.",
        "config": {},
        "provider": {"description": "Acts with the credential of the environment (DefaultAzureCredential)."},
        "resources": {resource.token: _resource_schema(resource) for resource in RESOURCES},
    }


def _resource_schema(resource: ResourceDeclaration) -> dict[str, Any]:
    declared = properties_of(resource.arguments)
    inputs = {item.wire_name: _property_schema(item) for item in declared}
    outputs = {
        item.wire_name: {key: value for key, value in inputs[item.wire_name].items() if key != "default"}
        for item in declared
    }
    for name, description in resource.further_outputs.items():
        outputs[name] = {"type": "string", "description": description}
    always = [item.wire_name for item in declared if item.required or item.default is not None]
    return {
        "description": inspect.getdoc(resource.arguments),
        "inputProperties": inputs,
        "requiredInputs": [item.wire_name for item in declared if item.required],
        "properties": outputs,
        "required": [*always, *resource.further_outputs],
    }


def _property_schema(item: Property) -> dict[str, Any]:
    schema = _type_schema(item.annotation)
    schema["description"] = item.description
    if isinstance(item.default, (bool, int, str)):
        schema["default"] = item.default
    if item.identity:
        schema["willReplaceOnChanges"] = True
    return schema


def _type_schema(annotation: Any) -> dict[str, Any]:
    if isinstance(annotation, types.UnionType):
        annotation = next(item for item in typing.get_args(annotation) if item is not type(None))
    if annotation is Any:
        return {"$ref": "pulumi.json#/Any"}
    origin = typing.get_origin(annotation)
    if origin is tuple:
        return {"type": "array", "items": _type_schema(typing.get_args(annotation)[0])}
    if origin is not None:
        return {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}
    return {"type": {str: "string", bool: "boolean", int: "integer"}[annotation]}
