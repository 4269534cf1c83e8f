"""Does a body fit a shape: every problem with its path, and what is left of a body that fits."""

from __future__ import annotations

from typing import Any

import azure.mgmt.keyvault.v2023_07_01.models as key_vault_models
import azure.mgmt.resource.resources.v2025_03_01.models as resource_models
import azure.mgmt.storage.v2023_05_01.models as storage_models
import pytest

from arm_schema.shapes import shape_of
from arm_schema.validation import problems_of, writable

ACCOUNT = shape_of(storage_models, "StorageAccountCreateParameters")
KINDS = "Storage, StorageV2, BlobStorage, FileStorage, BlockBlobStorage"
FITTING: dict[str, Any] = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"properties": {"isHnsEnabled": None}}, []),
        ({"KIND": "StorageV2", "Properties": {"ISHNSENABLED": True}}, []),
        ({"kind": "storagev2"}, []),
        ({"properties": {"networkAcls": {"defaultAction": "Deny", "bypass": "Logging, Metrics"}}}, []),
        ({"colour": 1}, [f"'colour': Could not find member 'colour' on object of type '{ACCOUNT.name}'."]),
        ({"sku": {}}, ["'sku.name': is required"]),
        ({"sku": "x"}, ["'sku': expected a JSON object, found a string"]),
        ({"properties": []}, ["'properties': expected a JSON object, found a list"]),
        ({"properties": {"isHnsEnabled": "yes"}}, ["'properties.isHnsEnabled': expected bool, found a string"]),
        ({"tags": {"a": 1}}, ["'tags.a': expected str, found a number"]),
        ({"tags": []}, ["'tags': expected a JSON object, found a list"]),
        ({"kind": "Tape"}, [f"'kind': 'Tape' is not one of the known values: {KINDS}"]),
        (
            {"properties": {"networkAcls": {"defaultAction": "Deny", "ipRules": {}}}},
            ["'properties.networkAcls.ipRules': expected a list, found an object"],
        ),
        (
            {"properties": {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"action": True}]}}},
            [
                "'properties.networkAcls.ipRules[0].action': expected str, found a boolean",
                "'properties.networkAcls.ipRules[0].value': is required",
            ],
        ),
    ],
)
def test_every_problem_has_its_path(change: dict[str, Any], problems: list[str]) -> None:
    assert [str(each) for each in problems_of(ACCOUNT, {**FITTING, **change})] == problems


@pytest.mark.parametrize(("body", "kind"), [(None, "null"), ([], "a list"), ("x", "a string"), (1.5, "a number")])
def test_a_body_is_an_object(body: Any, kind: str) -> None:
    assert [each.message for each in problems_of(ACCOUNT, body)] == [f"expected a JSON object, found {kind}"]


def test_what_is_written_has_the_models_spelling_and_nothing_read_only() -> None:
    shape = shape_of(key_vault_models, "VaultCreateOrUpdateParameters")
    body = {
        "LOCATION": "westeurope",
        "properties": {
            "tenantid": "t",
            "SKU": {"Family": "A", "name": "standard"},
            "networkAcls": {"iprules": [{"VALUE": "1.2.3.4"}]},
            "hsmPoolResourceId": "read-only",
            "createMode": None,
        },
    }
    assert problems_of(shape, body) == []
    assert writable(shape, body) == {
        "location": "westeurope",
        "properties": {
            "tenantId": "t",
            "sku": {"family": "A", "name": "standard"},
            "networkAcls": {"ipRules": [{"value": "1.2.3.4"}]},
        },
    }


def test_a_read_only_property_is_let_through_and_left_out() -> None:
    shape = shape_of(resource_models, "ResourceGroup")
    body = {"id": 7, "location": "westeurope", "tags": {"A": "b"}, "properties": {"provisioningState": "Odd"}}
    assert problems_of(shape, body) == []
    assert writable(shape, body) == {"location": "westeurope", "tags": {"A": "b"}, "properties": {}}


@pytest.mark.parametrize(
    ("letters", "is_known"), [("sco", True), ("O", True), ("", False), ("scx", False), ("ss", False)]
)
def test_letters_stand_for_several_values(letters: str, is_known: bool) -> None:
    shape = shape_of(storage_models, "AccountSasParameters")
    given = {
        "signedServices": "b",
        "signedPermission": "r",
        "signedExpiry": "2026-01-01",
        "signedResourceTypes": letters,
    }
    assert (not problems_of(shape, given)) is is_known
