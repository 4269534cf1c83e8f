"""Shapes are the azure-mgmt models' own tables: names, places, types, what is required and what is read-only."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import azure.mgmt.authorization.v2022_04_01.models as authorization_models
import azure.mgmt.keyvault.v2023_07_01.models as key_vault_models
import azure.mgmt.resource.resources.v2025_03_01.models as resource_models
import azure.mgmt.storage.v2023_05_01.models as storage_models
import azure.mgmt.synapse.models as synapse_models  # type: ignore[import-untyped]
import pulumi_azure_native as azure_native
import pytest

from arm_schema.shapes import element_type, sdk_name_of, shape_of
from azure_native_standin.resource_types import RESOURCE_TYPES, ResourceType


@pytest.mark.parametrize(
    ("models", "model", "sdk_name", "wire_path", "kind", "read_only", "required"),
    [
        (storage_models, "StorageAccountCreateParameters", "sku", ("sku",), "Sku", False, True),
        (
            storage_models,
            "StorageAccountCreateParameters",
            "isHnsEnabled",
            ("properties", "isHnsEnabled"),
            "bool",
            False,
            False,
        ),
        (
            storage_models,
            "StorageAccountCreateParameters",
            "networkRuleSet",
            ("properties", "networkAcls"),
            "NetworkRuleSet",
            False,
            False,
        ),
        (storage_models, "StorageAccount", "creationTime", ("properties", "creationTime"), "iso-8601", True, False),
        (storage_models, "NetworkRuleSet", "ipRules", ("ipRules",), "[IPRule]", False, False),
        (storage_models, "IPRule", "iPAddressOrRange", ("value",), "str", False, True),
        (key_vault_models, "VaultProperties", "tenantId", ("tenantId",), "str", False, True),
        (resource_models, "ResourceGroup", "tags", ("tags",), "{str}", False, False),
        (
            synapse_models,
            "Workspace",
            "azureADOnlyAuthentication",
            ("properties", "azureADOnlyAuthentication"),
            "bool",
            False,
            False,
        ),
        (
            authorization_models,
            "RoleAssignmentCreateParameters",
            "principalId",
            ("properties", "principalId"),
            "str",
            False,
            True,
        ),
    ],
)
def test_a_property_has_its_place_type_and_rules(
    models: ModuleType,
    model: str,
    sdk_name: str,
    wire_path: tuple[str, ...],
    kind: str,
    read_only: bool,
    required: bool,
) -> None:
    found = shape_of(models, model).by_sdk_name[sdk_name.lower()]
    assert (found.sdk_name, found.wire_path, found.type) == (sdk_name, wire_path, kind)
    assert (found.read_only, found.required, found.wire_name) == (read_only, required, wire_path[-1])


def test_the_documented_values_are_known() -> None:
    tls = shape_of(storage_models, "StorageAccountCreateParameters").by_sdk_name["minimumtlsversion"]
    assert tls.known_values[:3] == ("TLS1_0", "TLS1_1", "TLS1_2")


def test_a_name_that_is_no_model_is_an_error() -> None:
    with pytest.raises(LookupError, match="reading the shape of Nothing: no such model in azure"):
        shape_of(synapse_models, "Nothing")


def test_types_are_taken_apart() -> None:
    assert [element_type(each) for each in ("[IPRule]", "{str}", "Sku")] == [
        ("list", "IPRule"),
        ("map", "str"),
        ("one", "Sku"),
    ]
    assert [sdk_name_of(each) for each in ("is_hns_enabled", "kind", "workspace_uid")] == [
        "isHnsEnabled",
        "kind",
        "workspaceUID",
    ]


def _sdk_inputs(resource_type: ResourceType) -> set[str]:
    _, module, name = resource_type.token.split(":")
    resource: Any = getattr(getattr(azure_native, module), name)
    parameters = inspect.signature(resource._internal_init).parameters
    return {each for each in parameters if each not in ("__self__", "resource_name", "opts", "__props__")}


@pytest.mark.parametrize("resource_type", RESOURCE_TYPES, ids=lambda each: str(each.token))
def test_every_input_of_the_real_sdk_is_known(resource_type: ResourceType) -> None:
    known = {each.lower() for each in (*resource_type.request.by_sdk_name, *resource_type.path_properties)}
    missing = {each for each in _sdk_inputs(resource_type) if each.replace("_", "").lower() not in known}
    assert missing == set()
