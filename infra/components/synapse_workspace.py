"""The Synapse workspace: own identity, managed network, sign-in by Entra only; opened to the allowed ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources, synapse

from infra.components.artifact_host import ArtifactHost
from infra.components.data_lake import DataLake
from infra.components.resource_group import IngestionGroup
from infra.git_settings import GitConnection
from infra.lake_layout import WORKSPACE
from infra.naming import Names, firewall_rule_name
from infra.settings import Settings

_ENTRA_ONLY = "azureADOnlyAuthentications"


@dataclass(frozen=True)
class SynapseWorkspaceArgs:
    """What the workspace is made of; `file_systems` are those of the lake, one of which keeps its own files."""

    settings: Settings
    names: Names
    group: IngestionGroup
    lake: DataLake
    file_systems: Mapping[str, pulumi.Input[str]]


class SynapseWorkspace(pulumi.ComponentResource):
    """`workspace_name`, `workspace_id`, development `endpoint` and the object id of its identity, `principal_id`.

    All of them are withheld until the service has said that it takes no SQL login.
    """

    workspace_name: pulumi.Output[str]
    workspace_id: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    principal_id: pulumi.Output[str]

    def __init__(self, args: SynapseWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """A workspace, its administrator and its firewall."""
        super().__init__("ingestion:index:SynapseWorkspace", "synapse", {}, opts)
        workspace = self._workspace(args)
        sign_in = _sign_in(args.group.name, workspace.name)
        self.workspace_id = workspace.id
        self.workspace_name = pulumi.Output.all(workspace.name, sign_in).apply(
            lambda known: _checked(known[0], known[1])
        )
        self.endpoint = self.workspace_name.apply(lambda name: f"https://{name}.dev.azuresynapse.net")
        self.principal_id = workspace.identity.apply(lambda identity: identity.principal_id if identity else "")
        self._administrator(args)
        self._firewall(args)
        self.register_outputs({"endpoint": self.endpoint, "principal_id": self.principal_id})

    def host(self, ready: Sequence[pulumi.Resource]) -> ArtifactHost:
        """The workspace as what runs pipelines."""
        studio_url = pulumi.Output.concat("https://web.azuresynapse.net?workspace=", self.workspace_id)
        return ArtifactHost(self.workspace_name, self.workspace_id, self.endpoint, self.principal_id, studio_url, ready)

    def _workspace(self, args: SynapseWorkspaceArgs) -> synapse.Workspace:
        settings = args.settings
        return synapse.Workspace(
            "workspace",
            workspace_name=args.names.workspace,
            resource_group_name=args.group.name,
            managed_resource_group_name=args.names.managed_resource_group,
            location=settings.location,
            identity=synapse.ManagedIdentityArgs(type=synapse.ResourceIdentityType.SYSTEM_ASSIGNED),
            default_data_lake_storage=synapse.DataLakeStorageAccountDetailsArgs(
                account_url=args.lake.url, filesystem=args.file_systems[WORKSPACE]
            ),
            managed_virtual_network="default",
            managed_virtual_network_settings=synapse.ManagedVirtualNetworkSettingsArgs(
                prevent_data_exfiltration=settings.network.prevent_data_exfiltration
            ),
            azure_ad_only_authentication=True,
            public_network_access="Enabled" if settings.network.public_access else "Disabled",
            workspace_repository_configuration=_repository(settings.git),
            tags=args.names.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect),
        )

    def _administrator(self, args: SynapseWorkspaceArgs) -> None:
        administrators = args.settings.groups.sql_administrators
        synapse.WorkspaceAadAdmin(
            "sql-administrators",
            workspace_name=self.workspace_name,
            resource_group_name=args.group.name,
            administrator_type="ActiveDirectory",
            login=administrators.label,
            sid=administrators.object_id,
            tenant_id=args.settings.tenant_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _firewall(self, args: SynapseWorkspaceArgs) -> None:
        for each in args.settings.network.allowed_ip_ranges:
            first, last = str(each[0]), str(each[-1])
            synapse.IpFirewallRule(
                firewall_rule_name(first, last),
                rule_name=firewall_rule_name(first, last),
                workspace_name=self.workspace_name,
                resource_group_name=args.group.name,
                start_ip_address=first,
                end_ip_address=last,
                opts=pulumi.ResourceOptions(parent=self),
            )


def _repository(git: GitConnection | None) -> synapse.WorkspaceRepositoryConfigurationArgs | None:
    """Where Studio keeps drafts; without it Studio edits the live workspace."""
    if git is None:
        return None
    return synapse.WorkspaceRepositoryConfigurationArgs(
        type=git.type,
        host_name=git.host or None,
        account_name=git.account,
        project_name=git.project or None,
        repository_name=git.repository,
        collaboration_branch=git.branch,
        root_folder=git.root_folder,
    )


def _sign_in(group_name: pulumi.Input[str], workspace_name: pulumi.Input[str]) -> pulumi.Output[object]:
    """What the service says about sign-in; the workspace's own answer leaves it out.

    https://learn.microsoft.com/rest/api/synapse/resourcemanager/azure-ad-only-authentications/get
    """
    answer = resources.get_resource_output(
        resource_group_name=group_name,
        resource_provider_namespace="Microsoft.Synapse",
        parent_resource_path=pulumi.Output.concat("workspaces/", workspace_name),
        resource_type=_ENTRA_ONLY,
        resource_name="default",
        api_version="2021-06-01",
    )
    return answer.apply(lambda found: found.properties)


def _checked(workspace_name: str, sign_in: object) -> str:
    entra_only = sign_in.get("azureADOnlyAuthentication") if isinstance(sign_in, dict) else None
    if entra_only is not True:
        raise pulumi.RunError(
            f"reading {_ENTRA_ONLY} of workspace {workspace_name}: azureADOnlyAuthentication is {entra_only}\n"
            "expected True: nobody signs in with a SQL login\n"
            f"hint: az synapse ad-only-auth enable --workspace-name {workspace_name}"
        )
    return workspace_name
