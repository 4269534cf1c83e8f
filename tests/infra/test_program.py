"""What the program declares, without an engine."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pulumi
import pytest
from program_bench import GRANTED_ID, SUBNET_ID, Recorder, declare, leaves, settings_of

from infra.artifact_settings import DEFAULT_FOLDER, PROJECT_FOLDER
from infra.lake_layout import folders
from infra.naming import Names
from infra.role_table import GRANTS, ROLE_IDS, SYNAPSE_GRANTS

ACCOUNT, VAULT = "azure-native:storage:StorageAccount", "azure-native:keyvault:Vault"
WORKSPACE, ROLE = "azure-native:synapse:Workspace", "azure-native:authorization:RoleAssignment"


# Which addresses come in and which targets are reached are values of a stack.
OF_THE_NETWORK = (
    ":IpFirewallRule",
    ":ManagedPrivateEndpoint",
    ":PrivateDnsZoneGroup",
    ":PrivateEndpoint",
    ":PrivateEntrances",
    ":PrivateWays",
)


def test_every_type_is_declared_as_often_as_the_architecture_says(declared: Recorder) -> None:
    count = {typ: len(declared.of_type(typ)) for typ in sorted({each.typ for each in declared.declared})}
    assert {typ: number for typ, number in count.items() if not typ.startswith("ingestion:")} == {
        "azure-native:authorization:RoleAssignment": 12,
        "azure-native:keyvault:Vault": 1,
        "azure-native:resources:ResourceGroup": 1,
        "azure-native:storage:BlobServiceProperties": 1,
        "azure-native:storage:StorageAccount": 1,
        "azure-native:synapse:IpFirewallRule": 1,
        "azure-native:synapse:Workspace": 1,
        "azure-native:synapse:WorkspaceAadAdmin": 1,
        "dataplane:index:Directory": 15,
        "dataplane:index:FileSystem": 4,
        "dataplane:index:GeneratedSecret": 1,
        "dataplane:index:SynapseRoleAssignment": 9,
        "dataplane:index:WorkspaceArtifacts": 1,
    }


def test_the_account_is_hierarchical_encrypted_on_the_way_and_without_keys(declared: Recorder) -> None:
    account = declared.of_type(ACCOUNT)["account"]
    expected = {
        "kind": "StorageV2",
        "isHnsEnabled": True,
        "minimumTlsVersion": "TLS1_2",
        "enableHttpsTrafficOnly": True,
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "publicNetworkAccess": "Enabled",
    }
    assert {key: account[key] for key in expected} == expected
    days = declared.of_type("azure-native:storage:BlobServiceProperties")["soft-delete"]
    assert days["deleteRetentionPolicy"] == days["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 7}


def test_account_vault_and_workspace_deny_all_but_the_allowed_ranges() -> None:
    recorder = Recorder()
    ranges = ["203.0.113.10", "198.51.100.0/31", "198.51.100.128/25"]
    declare(settings_of(allowed_ip_ranges=ranges), recorder)
    rules = recorder.of_type(ACCOUNT)["account"]["networkRuleSet"]
    assert (rules["defaultAction"], rules["bypass"]) == ("Deny", "None")
    assert [each["iPAddressOrRange"] for each in rules["ipRules"]] == [
        "203.0.113.10",
        "198.51.100.0",
        "198.51.100.1",
        "198.51.100.128/25",
    ]
    acls = recorder.of_type(VAULT)["vault"]["properties"]["networkAcls"]
    assert acls["defaultAction"] == "Deny"
    assert [each["value"] for each in acls["ipRules"]] == ["203.0.113.10/32", "198.51.100.0/31", "198.51.100.128/25"]
    firewall = recorder.of_type("azure-native:synapse:IpFirewallRule").values()
    assert [(each["startIpAddress"], each["endIpAddress"]) for each in firewall] == [
        ("203.0.113.10", "203.0.113.10"),
        ("198.51.100.0", "198.51.100.1"),
        ("198.51.100.128", "198.51.100.255"),
    ]


def test_the_account_lets_the_workspace_in_by_the_id_it_will_have(declared: Recorder) -> None:
    (rule,) = declared.of_type(ACCOUNT)["account"]["networkRuleSet"]["resourceAccessRules"]
    workspace = declared.of_type(WORKSPACE)["workspace"]["workspaceName"]
    assert rule["resourceId"].endswith(f"/providers/Microsoft.Synapse/workspaces/{workspace}")


def test_the_vault_is_opened_by_roles_only(declared: Recorder) -> None:
    properties = declared.of_type(VAULT)["vault"]["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["enableSoftDelete"] is True
    assert properties["softDeleteRetentionInDays"] == 7
    assert "accessPolicies" not in properties
    assert "enablePurgeProtection" not in properties


def test_the_workspace_takes_entra_sign_in_only_and_runs_in_a_managed_network(declared: Recorder) -> None:
    workspace = declared.of_type(WORKSPACE)["workspace"]
    assert workspace["azureADOnlyAuthentication"] is True
    assert workspace["identity"] == {"type": "SystemAssigned"}
    assert workspace["managedVirtualNetwork"] == "default"
    assert workspace["defaultDataLakeStorage"]["filesystem"] == "synapse"
    assert "sqlAdministratorLogin" not in workspace
    assert "sqlAdministratorLoginPassword" not in workspace
    admin = declared.of_type("azure-native:synapse:WorkspaceAadAdmin")["sql-administrators"]
    assert admin["sid"] == settings_of().groups.sql_administrators.object_id


@pytest.mark.parametrize("answer", [False, None])
def test_a_workspace_that_takes_sql_logins_is_refused(answer: object) -> None:
    recorder = Recorder(entra_only=answer)
    with pytest.raises(pulumi.RunError) as caught:
        declare(settings_of(), recorder)
    name = Names.of(settings_of()).workspace
    assert str(caught.value) == (
        f"reading azureADOnlyAuthentications of workspace {name}: azureADOnlyAuthentication is {answer}\n"
        "expected True: nobody signs in with a SQL login\n"
        f"hint: az synapse ad-only-auth enable --workspace-name {name}"
    )
    assert not recorder.of_type("dataplane:index:WorkspaceArtifacts")


def test_production_is_private_keeps_what_it_holds_and_lets_nothing_out() -> None:
    recorder = Recorder()
    declare(settings_of("prod"), recorder)
    workspace = recorder.of_type(WORKSPACE)["workspace"]
    assert workspace["managedVirtualNetworkSettings"] == {"preventDataExfiltration": True}
    properties = recorder.of_type(VAULT)["vault"]["properties"]
    assert properties["enablePurgeProtection"] is True
    for each in (workspace, properties, recorder.of_type(ACCOUNT)["account"]):
        assert each["publicNetworkAccess"] == "Disabled"
    assert not recorder.of_type("azure-native:synapse:IpFirewallRule")
    ways = recorder.of_type("dataplane:index:ManagedPrivateEndpoint")
    assert {name: each["groupId"] for name, each in ways.items()} == {
        "data-lake-dfs": "dfs",
        "data-lake-blob": "blob",
        "key-vault": "vault",
        "patient-database": "sqlServer",
    }
    assert [name for name, each in ways.items() if not each["approve"]] == ["patient-database"]


def test_production_is_entered_from_its_network_by_names_there() -> None:
    recorder = Recorder()
    declare(settings_of("prod"), recorder)
    endpoints = recorder.of_type("azure-native:network:PrivateEndpoint")
    assert {each["subnet"]["id"] for each in endpoints.values()} == {SUBNET_ID}
    leads = {name: each["privateLinkServiceConnections"][0] for name, each in endpoints.items()}
    assert {name: (each["privateLinkServiceId"], each["groupIds"]) for name, each in leads.items()} == {
        "data-lake-blob": ("/ids/account", ["blob"]),
        "data-lake-dfs": ("/ids/account", ["dfs"]),
        "key-vault-vault": ("/ids/vault", ["vault"]),
        "workspace-Dev": ("/ids/workspace", ["Dev"]),
        "workspace-Sql": ("/ids/workspace", ["Sql"]),
        "workspace-SqlOnDemand": ("/ids/workspace", ["SqlOnDemand"]),
    }
    zones = recorder.of_type("azure-native:network:PrivateDnsZoneGroup").values()
    assert sorted({each["privateDnsZoneConfigs"][0]["privateDnsZoneId"].rpartition("/")[2] for each in zones}) == [
        "privatelink.blob.core.windows.net",
        "privatelink.dev.azuresynapse.net",
        "privatelink.dfs.core.windows.net",
        "privatelink.sql.azuresynapse.net",
        "privatelink.vaultcore.azure.net",
    ]
    order = [each.typ.rpartition(":")[2] for each in recorder.declared]
    assert order.index("PrivateDnsZoneGroup") < order.index("FileSystem")
    assert order.index("PrivateDnsZoneGroup") < order.index("GeneratedSecret")
    assert [each for each in order if each in ("PrivateDnsZoneGroup", "WorkspaceArtifacts")][-1] == "WorkspaceArtifacts"


def test_names_are_left_to_others_where_no_zones_are_named() -> None:
    recorder = Recorder()
    declare(settings_of("prod", private_endpoints={"subnet_id": SUBNET_ID}), recorder)
    assert len(recorder.of_type("azure-native:network:PrivateEndpoint")) == 6
    assert not recorder.of_type("azure-native:network:PrivateDnsZoneGroup")


def test_a_workspace_without_public_access_reaches_account_and_vault_privately_too() -> None:
    recorder = Recorder()
    source = {"server": "hospital.database.windows.net", "database": "patients"}
    declare(settings_of("prod", prevent_data_exfiltration=False, source=source), recorder)
    ways = recorder.of_type("dataplane:index:ManagedPrivateEndpoint")
    assert sorted(ways) == ["data-lake-blob", "data-lake-dfs", "key-vault"]


def test_the_source_is_approved_where_it_is_in_the_own_subscription() -> None:
    own = settings_of("prod").subscription_id
    source = {"server": "hospital.database.windows.net", "database": "patients"}
    server_id = f"/subscriptions/{own.upper()}/resourceGroups/rg/providers/Microsoft.Sql/servers/hospital"
    recorder = Recorder()
    declare(settings_of("prod", source={**source, "server_id": server_id}), recorder)
    way = recorder.of_type("dataplane:index:ManagedPrivateEndpoint")["patient-database"]
    assert (way["targetId"], way["approve"]) == (server_id, True)


def test_stacks_declare_the_same_resources_and_differ_by_values_only() -> None:
    found = []
    for stack in ("local", "dev", "prod"):
        recorder = Recorder()
        declare(settings_of(stack), recorder)
        kinds = {(each.typ, each.name) for each in recorder.declared if not each.typ.endswith(OF_THE_NETWORK)}
        found.append(kinds)
    assert all(one == other for one, other in pairwise(found))


def test_every_row_of_the_role_table_is_assigned_with_its_type_and_reason(declared: Recorder) -> None:
    assigned = declared.of_type(ROLE)
    rows = [each for each in GRANTS if each.principal != "curated_readers"]
    assert sorted(assigned) == sorted(each.name for each in rows)
    for row in rows:
        inputs = assigned[row.name]
        assert inputs["roleDefinitionId"].endswith(f"/roleDefinitions/{ROLE_IDS[row.role]}")
        assert (inputs["principalType"], inputs["description"]) == (row.principal_type, row.reason)


def test_the_workspace_gets_data_roles_on_its_filesystems_and_on_one_secret(declared: Recorder) -> None:
    scopes = {
        name.partition(": ")[2]: inputs["scope"]
        for name, inputs in declared.of_type(ROLE).items()
        if inputs["principalId"] == GRANTED_ID
    }
    container = "/ids/account/blobServices/default/containers"
    assert scopes == {
        "Storage Blob Data Contributor of raw": f"{container}/raw",
        "Storage Blob Data Contributor of curated": f"{container}/curated",
        "Storage Blob Data Reader of landing": f"{container}/landing",
        "Storage Blob Data Contributor of synapse": f"{container}/synapse",
        "Key Vault Secrets User of pseudonym key": "/ids/vault/secrets/pseudonym-key",
    }


def test_each_group_of_curated_readers_gets_a_role_that_shows_it_is_a_group() -> None:
    recorder = Recorder()
    group = {"object_id": "5b7d6a54-4f2e-4a65-9c06-0b1f5f1a8e01", "label": "telemetry-team", "folders": ["telemetry"]}
    declare(settings_of(curated_readers=[group]), recorder)
    inputs = recorder.of_type(ROLE)["curated_readers: Reader of account (telemetry-team)"]
    assert (inputs["principalId"], inputs["principalType"]) == (group["object_id"], "Group")


def test_every_synapse_role_of_the_table_is_granted(declared: Recorder) -> None:
    granted = declared.of_type("dataplane:index:SynapseRoleAssignment")
    assert sorted(granted) == sorted(f"{each.principal}: {each.role}" for each in SYNAPSE_GRANTS)
    administrator = granted["synapse_administrators: Synapse Administrator"]
    assert administrator["principalType"] == "Group"


def test_directories_get_the_lists_of_the_layout(declared: Recorder) -> None:
    made = declared.of_type("dataplane:index:Directory").values()
    assert {(each["fileSystem"], each["path"]): (each["acl"], each["existing"]) for each in made} == {
        (each.file_system, each.path): (each.acl, each.existing) for each in folders(settings_of())
    }


def test_artifacts_hold_the_values_of_the_outputs(declared: Recorder) -> None:
    artifacts = declared.of_type("dataplane:index:WorkspaceArtifacts")["artifacts"]
    documents, names = artifacts["documents"], Names.of(settings_of())
    assert len(documents) == 20
    assert artifacts["endpoint"] == f"https://{names.workspace}.dev.azuresynapse.net"
    lake = documents["linkedService/data_lake"]["properties"]["typeProperties"]
    assert lake["url"] == f"https://{names.storage_account}.dfs.core.windows.net"
    database = documents["linkedService/patient_database"]["properties"]["typeProperties"]
    assert (database["server"], database["database"]) == ("hospital.database.windows.net", "patients")
    assert not [each for each in leaves(documents) if "<bound-at-deployment" in str(each)]
    assert artifacts["startedTriggers"] == []


@pytest.mark.parametrize("included", [False, True])
def test_event_offsets_are_a_setting(included: bool) -> None:
    recorder = Recorder()
    declare(settings_of(include_event_offsets=included), recorder)
    documents = recorder.of_type("dataplane:index:WorkspaceArtifacts")["artifacts"]["documents"]
    parameters = documents["pipeline/ingest_patients"]["properties"]["parameters"]
    assert parameters["includeEventOffsets"]["defaultValue"] is included


def test_delete_data_reaches_every_filesystem_and_directory() -> None:
    for chosen in (True, False):
        recorder = Recorder()
        declare(settings_of(delete_data=chosen, protect=not chosen), recorder)
        for type_ in ("FileSystem", "Directory"):
            made = recorder.of_type(f"dataplane:index:{type_}").values()
            assert {each["deleteData"] for each in made} == {chosen}


def test_outputs_name_endpoints_and_readers_and_the_grants_to_make(declared: Recorder) -> None:
    names, outputs = Names.of(settings_of()), declared.outputs
    assert (
        sorted(outputs)
        == (
            "artifactHost dataLakeEndpoint grantSourceAccess groups keyVaultEndpoint pseudonymKeyUri readers "
            "resourceGroup sourceSqlDatabase sourceSqlServer storageAccount studioUrl synapseEndpoint workspace "
            "workspacePrincipalId"
        ).split()
    )
    assert outputs["synapseEndpoint"] == outputs["artifactHost"]
    assert outputs["readers"]["curated/patients"] == "data-engineers, data-scientists, auditors"
    assert outputs["readers"]["raw"] == "data-engineers"
    assert outputs["readers"]["synapse"] == "nobody"
    assert outputs["grantSourceAccess"] == (
        "-- Run in the database patients as an Entra administrator of its server.\n"
        f"IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = N'{names.workspace}')\n"
        f"    CREATE USER [{names.workspace}] FROM EXTERNAL PROVIDER;\n"
        f"GRANT SELECT ON OBJECT::[dbo].[encounters] TO [{names.workspace}];\n"
        f"GRANT SELECT ON OBJECT::[dbo].[observations] TO [{names.workspace}];\n"
        f"GRANT SELECT ON OBJECT::[dbo].[patients] TO [{names.workspace}];\n"
    )
    assert json.dumps(outputs)


def test_defaults_of_the_workspace_in_git_are_those_of_the_one_that_is_published_to(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PROJECT_FOLDER / DEFAULT_FOLDER, tmp_path / "pipelines_json"))
    reference = {"referenceName": "elsewhere-WorkspaceDefaultStorage", "type": "LinkedServiceReference"}
    location = {"type": "AzureBlobFSLocation", "fileSystem": "raw"}
    added: dict[str, dict[str, object]] = {
        "linkedService/elsewhere-WorkspaceDefaultStorage": {
            "type": "AzureBlobFS",
            "typeProperties": {"url": "https://known.dfs.core.windows.net"},
        },
        "dataset/default_files": {
            "type": "Binary",
            "linkedServiceName": reference,
            "typeProperties": {"location": location},
        },
        "integrationRuntime/home": {"type": "SelfHosted"},
    }
    for id, properties in added.items():
        file = folder / f"{id}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"name": file.stem, "properties": properties}))
    settings, recorder = settings_of(artifacts={"folder": str(folder)}), Recorder()
    declare(settings, recorder)
    declared = recorder.of_type("dataplane:index:WorkspaceArtifacts")["artifacts"]["documents"]
    own = f"{Names.of(settings).workspace}-WorkspaceDefaultStorage"
    assert declared[f"linkedService/{own}"]["name"] == own
    assert declared["dataset/default_files"]["properties"]["linkedServiceName"]["referenceName"] == own
    assert not [id for id in declared if "elsewhere" in id or id.startswith("integrationRuntime/")]
