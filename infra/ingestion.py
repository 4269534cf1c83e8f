"""The table of contents of the architecture: what is deployed, in order. Properties stand in the components."""

import pulumi

from infra import source_access
from infra.components.data_lake import DataLake, DataLakeArgs
from infra.components.identities import RoleAssignments, RoleAssignmentsArgs, principals_of
from infra.components.lake_folders import LakeFolders
from infra.components.private_ways import PrivateWays
from infra.components.published_artifacts import Artifacts, PublishedArtifacts
from infra.components.resource_group import IngestionGroup
from infra.components.synapse_roles import SynapseRoles
from infra.components.synapse_workspace import SynapseWorkspace, SynapseWorkspaceArgs
from infra.components.vault import IngestionVault, PseudonymKey, VaultArgs
from infra.lake_layout import WORKSPACE, folders
from infra.naming import Names
from infra.outputs import Outputs, groups_of, readers_of
from infra.role_table import Scope, grants_before_data, grants_of_workspace
from infra.settings import Settings


def build(settings: Settings, names: Names, artifacts: Artifacts) -> Outputs:
    """Declares everything; what opens data comes after the roles that it needs."""
    after = pulumi.ResourceOptions
    principals, layout = principals_of(settings), folders(settings)
    group = IngestionGroup(names, settings.location)
    lake = DataLake(DataLakeArgs(settings, names, group))
    vault = IngestionVault(VaultArgs(settings, names, group))
    scopes: dict[Scope, pulumi.Input[str]] = {
        "resource group": group.id,
        "account": lake.account_id,
        "vault": vault.vault_id,
    }
    subscription, grants = settings.subscription_id, grants_before_data()
    people = RoleAssignments("people", RoleAssignmentsArgs(subscription, grants, principals, scopes))
    key = PseudonymKey(vault, protect=settings.protect, opts=after(depends_on=[people]))
    lake_folders = LakeFolders(
        lake.account_name, layout, delete_data=settings.delete_data, opts=after(depends_on=[people])
    )
    home = lake_folders.file_systems[WORKSPACE]
    workspace = SynapseWorkspace(SynapseWorkspaceArgs(settings, names, group, lake, home))
    principals["workspace"] = [("workspace", workspace.principal_id)]
    scopes |= {"pseudonym key": key.scope, **lake_folders.scopes(lake.account_id)}
    own = RoleAssignmentsArgs(subscription, grants_of_workspace(), principals, scopes)
    own_roles = RoleAssignments("workspace-identity", own)
    roles = SynapseRoles(workspace.endpoint, principals, after(depends_on=[workspace]))
    ready: list[pulumi.Resource] = [own_roles, roles, workspace]
    if settings.network.prevent_data_exfiltration:
        opened = after(depends_on=[people, roles])
        ready.append(PrivateWays(workspace.endpoint, lake.account_id, vault.vault_id, opened))
    bound: dict[str, pulumi.Input[str]] = {
        "dataLakeUrl": lake.url,
        "keyVaultUrl": vault.uri,
        "sqlServer": settings.source.server,
        "sqlDatabase": settings.source.database,
    }
    PublishedArtifacts(workspace.endpoint, artifacts, bound, after(depends_on=ready))
    tables = source_access.source_tables(artifacts.documents)
    return Outputs(
        resource_group=group.name,
        storage_account=lake.account_name,
        data_lake_endpoint=lake.url,
        key_vault_endpoint=vault.uri,
        pseudonym_key_uri=key.secret_uri,
        workspace=workspace.workspace_name,
        synapse_endpoint=workspace.endpoint,
        workspace_principal_id=workspace.principal_id,
        studio_url=pulumi.Output.concat("https://web.azuresynapse.net?workspace=", workspace.workspace_id),
        source_sql_server=settings.source.server,
        source_sql_database=settings.source.database,
        groups=groups_of(settings),
        readers=readers_of(layout),
        grant_source_access=workspace.workspace_name.apply(
            lambda name: source_access.grant_script(name, settings.source.database, tables)
        ),
    )
