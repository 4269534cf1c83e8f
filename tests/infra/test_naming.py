"""Names follow the rule of each service, are the same for the same stack, and differ between stacks."""

import re
import uuid
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from program_bench import settings_of

from infra.naming import (
    Names,
    firewall_rule_name,
    resource_group_name,
    role_assignment_name,
    storage_account_name,
    vault_name,
    workspace_name,
)

WORDS = st.from_regex(r"[a-z][a-z0-9]{1,7}", fullmatch=True)
PLACES = st.uuids().map(str)


@given(WORDS, WORDS, PLACES, st.integers(1, 99))
def test_every_name_follows_the_rule_of_its_service(prefix: str, environment: str, place: str, generation: int) -> None:
    assert re.fullmatch(r"[-\w.()]{1,89}[-\w()]", resource_group_name(prefix, environment))
    assert re.fullmatch(r"[a-z0-9]{3,24}", storage_account_name(prefix, environment, place))
    vault = vault_name(prefix, environment, place, generation)
    assert re.fullmatch(r"(?=.{3,24}$)[a-z](-?[a-z0-9])*", vault)
    workspace = workspace_name(prefix, environment, place)
    assert re.fullmatch(r"(?=.{1,50}$)[a-z0-9]+(-[a-z0-9]+)*", workspace)
    assert not workspace.endswith("-ondemand")


@given(WORDS, WORDS, PLACES, PLACES, st.integers(1, 98))
def test_global_names_differ_between_places_and_vaults_between_generations(
    prefix: str, environment: str, first: str, second: str, generation: int
) -> None:
    different = first != second
    assert (storage_account_name(prefix, environment, first) != storage_account_name(prefix, environment, second)) is (
        different
    )
    assert (workspace_name(prefix, environment, first) != workspace_name(prefix, environment, second)) is different
    assert vault_name(prefix, environment, first, generation) != vault_name(prefix, environment, first, generation + 1)


def test_names_of_a_stack_never_change() -> None:
    names = Names.of(settings_of())
    assert names.resource_group == "rg-ingest-local"
    assert names.managed_resource_group == "rg-ingest-local-synapse"
    assert (names.storage_account, names.vault, names.workspace) == (
        "ingestlocalqqv4guun",
        "kv-ingestlocal-vth6os3f",
        "syn-ingest-local-qqv4guun",
    )
    assert names.tags == {"project": "azure-ml-ingestion", "environment": "local"}


def test_a_new_generation_renames_the_vault_alone() -> None:
    before, after = (Names.of(replace(settings_of(), vault_generation=each)) for each in (1, 2))
    assert replace(after, vault=before.vault) == before
    assert after.vault != before.vault


@given(st.text(), st.text(), st.text())
def test_role_assignments_are_named_by_a_guid_that_regards_no_case(scope: str, role: str, principal: str) -> None:
    name = role_assignment_name(scope, role, principal)
    assert str(uuid.UUID(name)) == name
    assert role_assignment_name(scope.lower(), role.lower(), principal.lower()) == name


def test_firewall_rules_say_what_they_open_for() -> None:
    assert firewall_rule_name("203.0.113.0", "203.0.113.255") == "allow-203-0-113-0-203-0-113-255"
