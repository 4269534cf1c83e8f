"""The stand-in of the azure-native plugin against the vendor's own SDK of it, which is made from the same schema.

The plugin itself was not at hand (docs/verified.md).
"""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from azure_native_standin.resource_types import RESOURCE_TYPES, ResourceType


def _class(resource_type: ResourceType) -> type:
    _, module, name = resource_type.token.split(":")
    found: type = getattr(importlib.import_module(f"pulumi_azure_native.{module}"), name)
    return found


def _inputs(resource_type: ResourceType) -> set[str]:
    """Input properties, in lower case without underscores."""
    parameters = inspect.signature(_class(resource_type)._internal_init).parameters  # type: ignore[attr-defined]
    return {name.replace("_", "").lower() for name in parameters} - {"self", "resourcename", "opts", "props"}


@pytest.mark.parametrize("resource_type", RESOURCE_TYPES, ids=lambda each: each.token)
def test_the_version_of_the_interface_is_that_of_the_sdk(resource_type: ResourceType) -> None:
    text = Path(inspect.getfile(_class(resource_type))).read_text()
    told = re.search(r"Uses Azure REST API version (\d{4}-\d{2}-\d{2}(?:-preview)?)", text)
    assert told is not None
    assert resource_type.api_version == told[1]


@pytest.mark.parametrize("resource_type", RESOURCE_TYPES, ids=lambda each: each.token)
def test_what_names_a_resource_is_an_input_of_the_sdk(resource_type: ResourceType) -> None:
    assert {name.lower() for name in resource_type.path_properties} <= _inputs(resource_type)


@pytest.mark.parametrize("resource_type", RESOURCE_TYPES, ids=lambda each: each.token)
def test_every_input_of_the_sdk_has_a_place_in_the_body(resource_type: ResourceType) -> None:
    known = {each.sdk_name.lower() for each in resource_type.request.properties}
    named = {name.lower() for name in resource_type.path_properties}
    assert _inputs(resource_type) - known - named == set()
