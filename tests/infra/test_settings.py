"""Settings are typed, and every problem of a stack is told at once, with where it was looked for."""

import json
import sys
import uuid
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from program_bench import PROJECT, ROOT, SUBNET_ID, complete_values, settings_of, values_of

from infra.address_ranges import public_range, storage_ranges
from infra.artifact_settings import ArtifactSettings, SharedValue, Target
from infra.setting_reader import SettingsError, Source
from infra.settings import (
    INNER_SETTINGS,
    WHOLE_DEPLOYMENT,
    Publication,
    Triggers,
    publishes_only,
    read,
    read_publication,
)
from local_azure.directory import SUBSCRIPTION_ID, TENANT_ID, group_id, service_principal_id
from synapse_artifacts.json_paths import JsonPath
from synapse_artifacts.overlays import Overlay

LOOKED_IN = "looked in: Pulumi.{0}.yaml (azure-ml-ingestion:{1}), then the default in Pulumi.yaml (config: {1})"

TRIGGERS = ("daily_patients", "daily_images")


def problems_of(stack: str = "local", **changes: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(Source(PROJECT, stack), complete_values(stack, **changes), lambda folder: TRIGGERS)
    return list(caught.value.problems)


def test_the_local_stack_pins_the_local_azure() -> None:
    settings = settings_of("local")
    assert (settings.tenant_id, settings.subscription_id) == (TENANT_ID, SUBSCRIPTION_ID)
    for name, principal in settings.principals():
        known = group_id if name.startswith("groups.") else service_principal_id
        assert principal.object_id == known(principal.label)
    assert not settings.network.prevent_data_exfiltration
    assert settings.delete_data


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_stacks_outside_are_protected_and_keep_their_data(stack: str) -> None:
    settings = settings_of(stack)
    assert settings.protect
    assert not settings.delete_data
    assert settings.triggers == Triggers((), kept=False)
    assert not settings.include_event_offsets


def test_production_is_private_and_cannot_be_purged() -> None:
    settings = settings_of("prod")
    assert not settings.network.public_access
    assert settings.network.prevent_data_exfiltration
    assert settings.purge_protection


def test_a_stack_that_nobody_filled_in_is_told_everything_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read(Source(PROJECT, "dev"), values_of("dev"), lambda folder: TRIGGERS)
    problems = caught.value.problems
    assert problems[0] == (
        "reading setting tenant_id: it has no value\n"
        + LOOKED_IN.format("dev", "tenant_id")
        + "\nexpected the id of the tenant: a GUID such as 1f0c9a4e-5b1d-4c8e-9a57-2f1f0c6f7a11\n"
        "hint: pulumi config set --stack dev tenant_id <value>"
    )
    names = [each.partition(":")[0].removeprefix("reading setting ") for each in problems]
    principals = [f"groups.{each}" for each in INNER_SETTINGS["groups"]]
    principals += [f"identities.{each}" for each in INNER_SETTINGS["identities"]]
    inner = [f"{each}.{field}" for each in principals for field in ("object_id", "label")]
    assert names == [
        "tenant_id",
        "subscription_id",
        "allowed_ip_ranges",
        *inner,
        "source.server",
        "source.database",
    ]
    assert "\n\n".join(problems) == str(caught.value)


def test_an_inner_setting_is_named_with_its_path() -> None:
    (problem,) = problems_of(source={"server": "", "database": "patients"})
    assert problem == (
        "reading setting source.server: it has no value\n"
        + LOOKED_IN.format("local", "source")
        + "\nexpected the host name of a server such as hospital.database.windows.net\n"
        "hint: pulumi config set --stack local --path source.server <value>"
    )


SUBNET_RULE = (
    "the id of a subnet: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>"
    "/subnets/<name>"
)


def test_without_public_access_private_endpoints_must_have_a_subnet() -> None:
    (problem,) = problems_of("prod", private_endpoints={})
    assert problem == (
        "reading setting private_endpoints.subnet_id: it has no value\n"
        + LOOKED_IN.format("prod", "private_endpoints")
        + f"\nexpected {SUBNET_RULE}\n"
        "hint: pulumi config set --stack prod --path private_endpoints.subnet_id <value>"
    )


@pytest.mark.parametrize(
    ("key", "id"),
    [
        ("subnet_id", "hub"),
        ("subnet_id", SUBNET_ID.rpartition("/subnets/")[0]),
        ("dns_zones_group_id", SUBNET_ID),
        ("dns_zones_group_id", "/subscriptions/9b1c6f0e-5b1d-4c8e-9a57-2f1f0c6f7a11"),
    ],
)
def test_an_id_of_another_kind_is_refused(key: str, id: str) -> None:
    (problem,) = problems_of("local", private_endpoints={"subnet_id": SUBNET_ID, key: id})
    assert problem.startswith(f"reading setting private_endpoints.{key}: its value is '{id}'\n")
    assert "\nhint: az " in problem


def test_a_subnet_of_another_subscription_is_refused() -> None:
    elsewhere = SUBNET_ID.replace(SUBSCRIPTION_ID, "9b1c6f0e-5b1d-4c8e-9a57-2f1f0c6f7a11")
    (problem,) = problems_of("prod", private_endpoints={"subnet_id": elsewhere})
    assert problem.startswith(f"reading setting private_endpoints.subnet_id: its value is '{elsewhere}'\n")
    assert problem.endswith(f"expected a subnet of subscription {SUBSCRIPTION_ID} (subscription_id)")


SOURCE = {"server": "hospital.database.windows.net", "database": "patients"}


def test_a_workspace_that_lets_no_data_out_needs_the_id_of_its_source() -> None:
    (problem,) = problems_of(source=SOURCE, prevent_data_exfiltration=True)
    assert problem.startswith("reading setting source.server_id: it has no value\n")
    assert "/providers/Microsoft.Sql/servers/hospital\n" in problem


@pytest.mark.parametrize(
    "id",
    [
        "hospital",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/other",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/hospital/databases/patients",
        "/providers/Microsoft.Sql/servers/hospital",
    ],
)
def test_an_id_that_is_not_that_of_the_source_is_refused(id: str) -> None:
    (problem,) = problems_of(source={**SOURCE, "server_id": id}, prevent_data_exfiltration=True)
    assert problem.startswith(f"reading setting source.server_id: its value is '{id}'\n")
    assert problem.endswith("hint: az sql server show --query id")


def test_an_unknown_setting_names_itself_and_what_there_is() -> None:
    (problem,) = problems_of(allowed_ip_range=["203.0.113.1"])
    assert problem.startswith(
        "reading setting allowed_ip_range: there is no such setting\n"
        "found in: Pulumi.local.yaml (azure-ml-ingestion:allowed_ip_range)\n"
        "expected one of allowed_ip_ranges, artifacts, curated_readers, delete_data, "
    )


def test_an_unknown_inner_setting_names_itself() -> None:
    (problem,) = problems_of(triggers={"startd": []})
    assert problem == (
        "reading setting triggers.startd: there is no such setting\n"
        "found in: Pulumi.local.yaml (azure-ml-ingestion:triggers)\nexpected one of triggers.policy, triggers.started"
    )


@pytest.mark.parametrize(
    ("key", "value", "shown", "expected"),
    [
        ("tenant_id", "contoso.com", "'contoso.com'", "the id of the tenant: a GUID such as"),
        ("subscription_id", "00000000-0000-0000-0000-000000000000", "'0000", "the id of the subscription: a GUID"),
        ("location", "West Europe", "'West Europe'", "a region's short name such as westeurope"),
        ("environment", "Dev", "'Dev'", "2 to 8 lower-case letters and digits, beginning with a letter"),
        ("name_prefix", "ingestion", "'ingestion'", "2 to 8 lower-case letters and digits, beginning with a letter"),
        ("vault_generation", "0", "'0'", "a whole number from 1 to 99"),
        ("soft_delete_days", "6", "'6'", "a whole number from 7 to 90"),
        ("soft_delete_days", "a week", "'a week'", "a whole number from 7 to 90"),
        ("protect", "yes", "'yes'", "true or false"),
        ("allowed_ip_ranges", "203.0.113.1", '"203.0.113.1"', "a list of an IPv4 address or network"),
        ("curated_readers", "everybody", '"everybody"', "a list of settings"),
        ("groups", "everybody", '"everybody"', "settings by name"),
    ],
)
def test_a_wrong_value_is_shown_with_what_is_expected(key: str, value: str, shown: str, expected: str) -> None:
    first = next(each for each in problems_of(**{key: value}) if each.startswith(f"reading setting {key}: its value"))
    assert shown.strip('"') in first.splitlines()[0]
    assert f"expected {expected}" in first
    assert LOOKED_IN.format("local", key) in first


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "192.168.1.1", "0.0.0.0/0", "203.0.113.1/24", "2001:db8::1", "", "office", "127.0.0.1"]
)
def test_only_ranges_of_public_addresses_are_allowed(text: str) -> None:
    first = problems_of(allowed_ip_ranges=["203.0.113.7", text])[0]
    assert first == (
        f"reading setting allowed_ip_ranges[1]: its value is {text!r}\n"
        + LOOKED_IN.format("local", "allowed_ip_ranges")
        + "\nexpected an IPv4 address or network of public addresses, such as 203.0.113.10 or 203.0.113.0/24"
    )


def test_public_access_and_ranges_come_together_or_not_at_all() -> None:
    (missing,) = problems_of(allowed_ip_ranges=[])
    assert missing.endswith(
        "expected at least one range with public_network_access\n"
        "hint: list the addresses of people and runners, or set public_network_access to false"
    )
    (useless,) = problems_of("prod", allowed_ip_ranges=["203.0.113.7"])
    assert useless.endswith(
        "expected none without public_network_access\nhint: set public_network_access to true, or leave the ranges out"
    )


def test_an_id_that_was_copied_twice_is_refused() -> None:
    groups = json.loads(values_of("local")["groups"])
    groups["auditors"]["object_id"] = groups["data_scientists"]["object_id"]
    (problem,) = problems_of(groups=groups)
    assert problem == (
        f"reading setting groups.auditors.object_id: its value is '{groups['auditors']['object_id']}'\n"
        + LOOKED_IN.format("local", "groups")
        + "\nexpected another id than that of groups.data_scientists\n"
        "hint: az ad group show --group 'auditors' --query id"
    )


def test_curated_readers_read_known_folders_only() -> None:
    group = {"object_id": "5b7d6a54-4f2e-4a65-9c06-0b1f5f1a8e01", "label": "team"}
    unknown, none = problems_of(curated_readers=[{**group, "folders": ["raw"]}])
    assert unknown.startswith("reading setting curated_readers[0].folders[0]: its value is 'raw'\n")
    assert none.endswith("expected at least one of patients, encounters, observations, telemetry, images")
    settings = settings_of(curated_readers=[{**group, "folders": ["images", "telemetry"]}])
    assert settings.curated_readers[0].folders == ("images", "telemetry")


def test_triggers_are_names() -> None:
    (problem,) = problems_of(triggers={"started": [7]})
    assert problem.startswith("reading setting triggers.started[0]: its value is 7\n")


def test_settings_that_can_be_read_are_declared_with_a_default_and_a_meaning() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    (problem,) = problems_of(unheard_of="x")
    readable = problem.partition("expected one of ")[2].split(", ")
    assert sorted(declared) == readable
    assert all(each["description"] and "default" in each for each in declared.values())


@given(st.ip_addresses(v=4), st.integers(8, 32))
def test_ranges_of_storage_hold_the_same_addresses_without_long_prefixes(address: object, prefix: int) -> None:
    network = IPv4Network(f"{address}/{prefix}", strict=False)
    found = [IPv4Network(each) for each in storage_ranges(network)]
    assert sum(each.num_addresses for each in found) == network.num_addresses
    assert all(each.subnet_of(network) for each in found)
    assert not [each for each in storage_ranges(network) if each.endswith(("/31", "/32"))]


def test_addresses_for_documentation_count_as_public() -> None:
    assert [str(public_range(each)) for each in ("203.0.113.0/24", "198.51.100.7", "8.8.8.8")] == [
        "203.0.113.0/24",
        "198.51.100.7/32",
        "8.8.8.8/32",
    ]


def test_no_module_of_the_program_hides_one_of_the_standard_library() -> None:
    names = {each.stem for each in (Path(ROOT) / "infra").glob("*.py")} - {"__init__", "__main__"}
    assert not names & sys.stdlib_module_names


def test_triggers_can_be_left_to_operators() -> None:
    assert settings_of(triggers={"started": ["daily_images"], "policy": "kept"}).triggers == Triggers(
        ("daily_images",), kept=True
    )
    (problem,) = problems_of(triggers={"policy": "mine"})
    assert problem.startswith("reading setting triggers.policy: its value is 'mine'\n")


def test_artifacts_come_from_the_project_unless_told() -> None:
    assert settings_of().artifacts == ArtifactSettings(ROOT / "pipelines_json", (), ())


def test_artifacts_go_to_a_factory_if_the_stack_says_so() -> None:
    assert settings_of(artifacts={"target": "datafactory"}).artifacts.target is Target.DATA_FACTORY
    (problem,) = problems_of(artifacts={"target": "fabric"})
    assert problem.startswith("reading setting artifacts.target: its value is 'fabric'\n")
    assert "expected synapse or datafactory" in problem


def test_a_factory_is_not_connected_to_git() -> None:
    git = {"account": "us", "repository": "ingestion"}
    (problem,) = problems_of(artifacts={"target": "datafactory"}, git=git)
    assert "expected no repository: a factory is in live mode here" in problem


def test_a_workspace_is_no_target_datafactory() -> None:
    (problem,) = problems_of(artifacts={"target": "datafactory", "workspace": "theirs"})
    assert "expected none with target datafactory" in problem


def test_a_factory_cannot_prevent_exfiltration() -> None:
    (problem,) = problems_of(artifacts={"target": "datafactory"}, prevent_data_exfiltration=True)
    assert problem.startswith("reading setting prevent_data_exfiltration: its value is true\n")
    assert "hint: a factory has no protection against exfiltration" in problem


def test_artifacts_can_be_anywhere_and_hold_what_the_stack_says(tmp_path: Path) -> None:
    given = {
        "folder": str(tmp_path),
        "overlays": {"pipeline/a": {"properties.concurrency": 7}},
        "shared_values": [{"value": "lake.dfs.core.windows.net", "reason": "one lake for both"}],
    }
    assert settings_of(artifacts=given).artifacts == ArtifactSettings(
        tmp_path,
        (Overlay("pipeline/a", JsonPath.parse("properties.concurrency"), 7),),
        (SharedValue("lake.dfs.core.windows.net", "one lake for both"),),
    )


def test_a_folder_that_is_not_there_is_told_and_none_of_its_triggers(tmp_path: Path) -> None:
    (problem,) = problems_of(artifacts={"folder": str(tmp_path / "nowhere")}, triggers={"started": ["hourly"]})
    assert problem.startswith(f"reading setting artifacts.folder: its value is '{tmp_path}/nowhere'\n")
    assert problem.endswith("expected a folder in Studio's layout\nhint: there is no such folder")


def test_a_trigger_is_named_in_any_case() -> None:
    assert settings_of(triggers={"started": ["Daily_Images"]}).triggers.started == ("daily_images",)


def test_wrong_settings_of_artifacts_are_told_all_at_once() -> None:
    given = {
        "overlays": {"pipeline/a": {"properties..x": 1}, "pipeline/b": 2},
        "shared_values": [{"value": "x"}],
        "colour": "red",
    }
    problems = problems_of(artifacts=given)
    assert [each.splitlines()[0] for each in problems] == [
        "reading setting artifacts.overlays.pipeline/a: its value is 'properties..x'",
        "reading setting artifacts.overlays.pipeline/b: its value is 2",
        "reading setting artifacts.shared_values[0].reason: it has no value",
        "reading setting artifacts.colour: there is no such setting",
    ]
    assert "hint: it is no path from character 11 on: ..x" in problems[0]


def test_overlays_cannot_be_secret() -> None:
    values = complete_values("local", artifacts={"overlays": {"pipeline/a": {"properties.x": "told"}}})
    with pytest.raises(SettingsError) as caught:
        read(Source(PROJECT, "local", frozenset({"artifacts"})), values, lambda folder: TRIGGERS)
    assert "told" not in str(caught.value)
    assert "hint: keep it in the vault" in str(caught.value)


TENANT, SUBSCRIPTION = "1f0c9a4e-5b1d-4c8e-9a57-2f1f0c6f7a11", "2f0c9a4e-5b1d-4c8e-9a57-2f1f0c6f7a11"


def publication_of(**changes: object) -> Publication:
    values = values_of("dev", artifacts={"workspace": "made-by-hand"}, **changes)
    return read_publication(Source(PROJECT, "dev"), values, lambda folder: TRIGGERS)


def test_a_stack_that_publishes_to_a_workspace_that_is_there_needs_little_else() -> None:
    found = publication_of(tenant_id=TENANT, subscription_id=SUBSCRIPTION, triggers={"started": ["daily_images"]})
    assert (found.tenant_id, found.subscription_id, found.host.name) == (TENANT, SUBSCRIPTION, "made-by-hand")
    assert found.triggers == Triggers(("daily_images",), kept=False)
    values = values_of("dev")
    assert not publishes_only(Source(PROJECT, "dev"), values)
    assert publishes_only(Source(PROJECT, "dev"), {**values, "artifacts": '{"workspace": "x"}'})


FACTORY = "/subscriptions/{}/resourceGroups/g/providers/Microsoft.DataFactory/factories/made-by-hand"


def test_a_stack_that_publishes_to_a_factory_that_is_there_has_the_target_datafactory() -> None:
    factory = FACTORY.format(SUBSCRIPTION)
    found = factory_publication_of(factory=factory)
    assert str(found.host) == factory
    assert found.artifacts.target is Target.DATA_FACTORY
    assert publishes_only(Source(PROJECT, "dev"), {"artifacts": f'{{"factory": "{factory}"}}'})


@pytest.mark.parametrize(
    ("artifacts", "problem"),
    [
        ({"factory": "theirs"}, "hint: parsing id of a factory 'theirs'"),
        ({"factory": FACTORY.format(uuid.uuid4())}, f"expected a factory of subscription {SUBSCRIPTION}"),
        ({"factory": FACTORY.format(SUBSCRIPTION), "target": "synapse"}, "expected none with target synapse"),
        ({"factory": FACTORY.format(SUBSCRIPTION), "workspace": "x"}, "expected none with artifacts.factory"),
    ],
)
def test_a_factory_that_cannot_be_meant_is_refused(artifacts: dict[str, str], problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        factory_publication_of(**artifacts)
    (told,) = caught.value.problems
    assert problem in told


def factory_publication_of(**artifacts: str) -> Publication:
    values = values_of("dev", artifacts=artifacts, tenant_id=TENANT, subscription_id=SUBSCRIPTION)
    return read_publication(Source(PROJECT, "dev"), values, lambda folder: TRIGGERS)


def test_what_such_a_stack_lacks_or_misspells_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        publication_of(tenant="x")
    assert [each.splitlines()[0] for each in caught.value.problems] == [
        "reading setting tenant_id: it has no value",
        "reading setting subscription_id: it has no value",
        "reading setting tenant: there is no such setting",
    ]


def test_every_setting_counts_for_one_of_the_two_kinds_of_stacks() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    assert set(declared) == WHOLE_DEPLOYMENT | {"tenant_id", "subscription_id", "triggers", "artifacts"}


def test_a_trigger_that_is_not_there_cannot_be_started() -> None:
    (problem,) = problems_of(triggers={"started": ["daily_patients", "hourly"]})
    assert problem == (
        "reading setting triggers.started[1]: its value is 'hourly'\n"
        + LOOKED_IN.format("local", "triggers")
        + "\nexpected the name of a trigger: daily_images, daily_patients"
    )


def test_a_range_that_is_wrong_is_one_problem() -> None:
    (problem,) = problems_of(allowed_ip_ranges=["10.0.0.1"])
    assert problem.startswith("reading setting allowed_ip_ranges[0]: its value is '10.0.0.1'")


def test_wrong_types_are_told_with_everything_else() -> None:
    problems = problems_of(protect="maybe", soft_delete_days="seven", location="West Europe")
    assert [each.partition(":")[0] for each in problems] == [
        "reading setting location",
        "reading setting soft_delete_days",
        "reading setting protect",
    ]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_protection_is_not_taken_away_by_one_edited_line(stack: str) -> None:
    (problem,) = problems_of(stack, protect=False)
    assert problem.startswith("reading setting protect: its value is false")
    assert "expected true, or delete_data to be true as well" in problem
    assert "pulumi state unprotect" in problem
    assert not settings_of(stack, protect=False, delete_data=True).protect
