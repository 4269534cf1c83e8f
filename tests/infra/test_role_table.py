"""The table of roles grants each principal what it needs, and nothing else."""

from infra.role_table import (
    FACTORY_GRANTS,
    GRANTS,
    ROLE_IDS,
    SYNAPSE_GRANTS,
    Grant,
    grants_before_data,
    grants_of_workspace,
)
from local_azure.role_definitions import BY_NAME
from local_azure.services.synapse_workspace.role_definitions import ROLES


def test_ids_are_those_of_the_built_in_roles() -> None:
    assert {name: BY_NAME[name].id for name in ROLE_IDS} == ROLE_IDS
    assert {each.role for each in (*GRANTS, *FACTORY_GRANTS)} == set(ROLE_IDS)
    assert {each.role for each in SYNAPSE_GRANTS} <= {each.name for each in ROLES}


def test_no_row_stands_twice_and_each_has_a_reason() -> None:
    assert len({(each.principal, each.role, each.scope) for each in GRANTS}) == len(GRANTS)
    assert len({(each.principal, each.role) for each in SYNAPSE_GRANTS}) == len(SYNAPSE_GRANTS)
    assert all(each.reason for each in GRANTS)
    assert all(each.reason for each in SYNAPSE_GRANTS)


def test_every_row_is_granted_either_before_data_or_with_the_workspace() -> None:
    assert sorted((*grants_before_data(), *grants_of_workspace()), key=repr) == sorted(GRANTS, key=repr)


def rows_of(*principals: str) -> list[Grant]:
    return [each for each in GRANTS if each.principal in principals]


def test_people_get_no_role_that_opens_data() -> None:
    people = rows_of("data_engineers", "data_scientists", "auditors", "curated_readers")
    assert {each.role for each in people} == {"Reader"}
    assert not BY_NAME["Reader"].data_actions


def test_previews_get_no_role_that_writes_or_reads_blobs_or_secret_values() -> None:
    for row in rows_of("preview", "drift"):
        role = BY_NAME[row.role]
        assert not role.allows("Microsoft.KeyVault/vaults/secrets/getSecret/action", data=True)
        assert not role.allows("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", data=True)
        assert not role.allows("Microsoft.KeyVault/vaults/write", data=False)


def test_the_workspace_reads_one_secret_and_cannot_write_what_was_delivered() -> None:
    scopes = {each.scope: each.role for each in rows_of("workspace")}
    assert scopes["pseudonym key"] == "Key Vault Secrets User"
    assert scopes["landing"] == "Storage Blob Data Reader"
    assert "account" not in scopes
    assert "vault" not in scopes


def test_synapse_administrator_is_a_group_and_nobody_else() -> None:
    administrators = [each.principal for each in SYNAPSE_GRANTS if each.role == "Synapse Administrator"]
    assert administrators == ["synapse_administrators"]
