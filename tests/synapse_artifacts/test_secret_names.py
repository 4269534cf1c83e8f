"""One list of names says what is a secret: what Azure declares as one, the checks refuse, and texts hide."""

import json
from collections.abc import Iterator

import pytest
from azure.mgmt.datafactory import models as factory_models
from azure.synapse.artifacts import models as workspace_models

from dataplane_provider.masking import masked
from synapse_artifacts.secret_names import SECRET_HEADERS, SECRET_KEYS

GENERAL = {"credential", "key"}
IDENTIFIES = {"consumerkey"}
"""QuickBooks has it as plain text: it says who signs in."""


def declared_secrets(models: object) -> Iterator[str]:
    """The names of the properties whose values are secrets, from models that are generated from the specification."""
    for model in vars(models).values():
        for described in getattr(model, "_attribute_map", {}).values():
            if described["type"] in ("SecretBase", "SecureString"):
                yield described["key"].split(".")[-1].lower()


@pytest.mark.parametrize("models", [factory_models, workspace_models], ids=["factory", "workspace"])
def test_what_azure_declares_as_a_secret_is_one(models: object) -> None:
    declared = set(declared_secrets(models))
    assert len(declared) > 30
    assert declared - IDENTIFIES <= SECRET_KEYS
    assert IDENTIFIES.isdisjoint(SECRET_KEYS)


@pytest.mark.parametrize("name", sorted(SECRET_KEYS - GENERAL | SECRET_HEADERS))
def test_a_text_hides_what_stands_behind_each_name(name: str) -> None:
    for said in (json.dumps({name: "hunter2"}), f"x;{name}=hunter2;y", json.dumps(json.dumps({name: "hunter2"}))):
        assert "hunter2" not in masked(said)


@pytest.mark.parametrize("name", ["accountKey", "account_key", "ACCOUNT-KEY"])
def test_a_name_is_one_however_its_words_are_joined(name: str) -> None:
    assert masked(f"{name} = 'hunter2'") == f"{name} = **********"
