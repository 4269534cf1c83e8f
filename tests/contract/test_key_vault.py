"""What we count on of Key Vault and no page of the vendor states (docs/verified.md)."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.keyvault.secrets import SecretClient
from contract_bench import Place, once_permitted, refusal, secrets

from local_azure.role_definitions import KEY_VAULT_SECRETS_OFFICER


@pytest.fixture(scope="module")
def vault(place: Place) -> str:
    """A vault whose secrets the owner may do everything with."""
    made = place.new_vault()
    owner = secrets(made, place.target.owner)
    assert refusal(lambda: owner.set_secret("early", "value")) == (403, "ForbiddenByRbac")
    place.give(KEY_VAULT_SECRETS_OFFICER.id, place.target.owner)
    once_permitted(lambda: owner.set_secret("first", "value"))
    return made


@pytest.fixture
def owner(vault: str, place: Place) -> SecretClient:
    """The vault as its owner sees it."""
    return secrets(vault, place.target.owner)


def test_a_missing_role_is_refused_with_the_inner_code_that_is_waited_on(vault: str, place: Place) -> None:
    outsider = secrets(vault, place.target.outsider)
    assert refusal(lambda: outsider.get_secret("first")) == (403, "ForbiddenByRbac")


def test_listing_the_versions_of_a_secret_that_never_was_finds_none(owner: SecretClient) -> None:
    try:
        found = list(owner.list_properties_of_secret_versions("never"))
    except ResourceNotFoundError:
        found = []
    assert found == []


def test_a_deleted_secret_keeps_its_name_until_it_is_purged(owner: SecretClient) -> None:
    owner.set_secret("kept", "value")
    owner.begin_delete_secret("kept").wait()
    assert refusal(lambda: owner.set_secret("kept", "other")) == (409, "ObjectIsDeletedButRecoverable")
    owner.begin_recover_deleted_secret("kept").wait()
    assert owner.get_secret("kept").value == "value"
