"""What there is of the vault before a deployment: Resource Manager is asked, and a deleted one is recovered."""

from typing import Any

import pytest
from program_bench import Recorder, declare, settings_of

from infra.naming import Names
from infra.vault_presence import VaultPresence, VaultUnknown, vault_presence

SETTINGS = settings_of()
NAMES = Names.of(SETTINGS)
SUBSCRIPTION = f"/subscriptions/{SETTINGS.subscription_id}"
VAULT = f"{SUBSCRIPTION}/resourceGroups/{NAMES.resource_group}/providers/Microsoft.KeyVault/vaults/{NAMES.vault}"
WHERE = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/{SETTINGS.location}"
DELETED = f"{WHERE}/deletedVaults/{NAMES.vault}"


def deleted(id: str = VAULT) -> tuple[int, Any]:
    return 200, {"properties": {"vaultId": id, "deletionDate": "2026-11-25T09:00:00Z"}}


def presence(**answers: tuple[int, Any]) -> VaultPresence:
    """What is found where the vault and the deleted one are answered so; each 404 if it is not given."""
    paths = {VAULT: answers.get("vault", (404, {})), DELETED: answers.get("deleted", (404, {}))}
    return vault_presence(SETTINGS, NAMES, lambda path: paths[path])


def test_a_vault_that_is_there_is_told_from_one_that_was_deleted_and_from_none() -> None:
    assert presence(vault=(200, {"id": VAULT}), deleted=deleted()) is VaultPresence.THERE
    assert presence(deleted=deleted()) is VaultPresence.DELETED
    assert presence() is VaultPresence.ABSENT


def test_a_deleted_vault_of_that_name_that_was_elsewhere_is_an_error_with_its_remedy() -> None:
    other = VAULT.replace(NAMES.resource_group, "rg-other")
    with pytest.raises(VaultUnknown, match=f"it was {other}\nexpected {VAULT}\nhint: raise vault_generation by one"):
        presence(deleted=deleted(other))


def test_who_may_not_see_what_was_deleted_is_warned_and_any_other_answer_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = {"error": {"code": "AuthorizationFailed", "message": "no right"}}
    assert presence(deleted=(403, refused)) is VaultPresence.ABSENT
    assert f"reading {DELETED}: Resource Manager answered 403 AuthorizationFailed: no right" in capsys.readouterr().err
    others: list[dict[str, tuple[int, Any]]] = [{"vault": (403, refused)}, {"vault": (500, {})}, {"deleted": (500, {})}]
    for answers in others:
        with pytest.raises(VaultUnknown, match=r"Resource Manager answered (403|500) .*\nexpected 200 or 404"):
            presence(**answers)


@pytest.mark.parametrize("found", VaultPresence)
def test_only_a_deleted_vault_is_made_by_recovering_it(found: VaultPresence) -> None:
    recorder = Recorder()
    declare(SETTINGS, recorder, found)
    vault = recorder.of_type("azure-native:keyvault:Vault")["vault"]
    assert vault["properties"].get("createMode") == ("recover" if found is VaultPresence.DELETED else None)
