"""The table of contents of the architecture: what is deployed, in order. Properties stand in the components."""

from collections.abc import Mapping, Sequence

import pulumi

from azure_ids.private_links import KEY_VAULT, STORAGE_ACCOUNT, SYNAPSE_WORKSPACE
from infra import source_access
from infra.artifact_settings import Target
from infra.components.artifact_host import ArtifactHost
from infra.components.data_factory import DataFactory, DataFactoryArgs
from infra.components.data_lake import DataLake, DataLakeArgs
from infra.components.identities import RoleAssignments, RoleAssignmentsArgs, principals_of
from infra.components.lake_folders import LakeFolders
from infra.components.private_entrances import Entered, PrivateEntrances, PrivateEntrancesArgs
from infra.components.private_ways import PrivateWays, PrivateWaysArgs
from infra.components.published_artifacts import Artifacts, PublishedArtifacts
from infra.components.resource_group import IngestionGroup
from infra.components.synapse_roles import SynapseRoles
from infra.components.synapse_workspace import SynapseWorkspace, SynapseWorkspaceArgs
from infra.components.vault import IngestionVault, PseudonymKey, VaultArgs
from infra.lake_layout import folders
from infra.naming import Names
from infra.order import after
from infra.outputs import Outputs, groups_of, readers_of
from infra.role_table import Grant, PrincipalKey, Scope, grants_before_data, grants_of_factory, grants_of_workspace
from infra.settings import Settings
from infra.vault_presence import VaultPresence


def build(settings: Settings, names: Names, artifacts: Artifacts, presence: VaultPresence) -> Outputs:
    """Declares everything; what opens data comes after the roles that it needs."""
    principals, layout = principals_of(settings), folders(settings)
    group = IngestionGroup(names, settings.location)
    lake = DataLake(DataLakeArgs(settings, names, group))
    vault = IngestionVault(VaultArgs(settings, names, group, presence))
    scopes: dict[Scope, pulumi.Input[str]] = {
        "resource group": group.id,
        "account": lake.account_id,
        "vault": vault.vault_id,
    }
    subscription, grants = settings.subscription_id, grants_before_data()
    people = RoleAssignments("people", RoleAssignmentsArgs(subscription, grants, principals, scopes))
    to_vault = _entrances(
        settings, names, group, "key-vault", Entered(KEY_VAULT, names.vault, vault.vault_id, ("vault",))
    )
    key = PseudonymKey(vault, protect=settings.protect, opts=after(people, *to_vault))
    files = Entered(STORAGE_ACCOUNT, names.storage_account, lake.account_id, ("blob", "dfs"))
    to_lake = _entrances(settings, names, group, "data-lake", files)
    lake_folders = LakeFolders(
        lake.account_name, layout, delete_data=settings.delete_data, opts=after(people, *to_lake)
    )
    scopes |= {"pseudonym key": key.scope, **lake_folders.scopes(lake.account_id)}
    own = SynapseWorkspaceArgs(settings, names, group, lake, lake_folders.file_systems)
    host, own_grants = _host(own, principals)
    principals["workspace"], scopes["factory"] = [("workspace", host.principal_id)], host.id
    own_roles = RoleAssignments("workspace-identity", RoleAssignmentsArgs(subscription, own_grants, principals, scopes))
    ready: list[pulumi.Resource] = [own_roles, *host.ready]
    if settings.network.is_left_privately and settings.artifacts.target is Target.SYNAPSE:
        opened = after(people, *host.ready)
        server = settings.source.server_id
        ways = PrivateWaysArgs(host.endpoint, subscription, lake.account_id, vault.vault_id, server)
        ready.append(PrivateWays(ways, opened))
    bound: dict[str, pulumi.Input[str]] = {
        "dataLakeUrl": lake.url,
        "keyVaultUrl": vault.uri,
        "sqlServer": settings.source.server,
        "sqlDatabase": settings.source.database,
    }
    PublishedArtifacts(host.endpoint, artifacts, bound, after(*ready))
    tables = source_access.source_tables(artifacts.documents)
    return Outputs(
        resource_group=group.name,
        storage_account=lake.account_name,
        data_lake_endpoint=lake.url,
        key_vault_endpoint=vault.uri,
        pseudonym_key_uri=key.secret_uri,
        workspace=host.name,
        artifact_host=host.endpoint,
        synapse_endpoint=None if settings.artifacts.target is Target.DATA_FACTORY else host.endpoint,
        workspace_principal_id=host.principal_id,
        studio_url=host.studio_url,
        source_sql_server=settings.source.server,
        source_sql_database=settings.source.database,
        groups=groups_of(settings),
        readers=readers_of(layout),
        grant_source_access=host.name.apply(
            lambda name: source_access.grant_script(name, settings.source.database, tables)
        ),
    )


def _entrances(
    settings: Settings, names: Names, group: IngestionGroup, name: str, entered: Entered
) -> Sequence[pulumi.Resource]:
    """The ways into a resource from the stack's virtual network; none where it has none."""
    own = settings.network.private_endpoints
    if own is None:
        return ()
    return (PrivateEntrances(name, PrivateEntrancesArgs(own, names, group, settings.location, entered)),)


def _host(
    args: SynapseWorkspaceArgs, principals: Mapping[PrincipalKey, Sequence[tuple[str, pulumi.Input[str]]]]
) -> tuple[ArtifactHost, Sequence[Grant]]:
    """What runs the pipelines, with the roles of people inside it, and the roles that its identity gets."""
    if args.settings.artifacts.target is Target.DATA_FACTORY:
        return DataFactory(DataFactoryArgs(args.settings, args.names, args.group)).host, grants_of_factory()
    workspace = SynapseWorkspace(args)
    parts = Entered(SYNAPSE_WORKSPACE, args.names.workspace, workspace.workspace_id, ("Dev", "Sql", "SqlOnDemand"))
    entrances = _entrances(args.settings, args.names, args.group, "workspace", parts)
    roles = SynapseRoles(workspace.endpoint, principals, after(workspace, *entrances))
    return workspace.host([roles, workspace, *entrances]), grants_of_workspace()
