"""The argument records of all resources: what a program writes, what the schema and the SDK are generated from."""

from dataclasses import dataclass
from typing import Any

from dataplane_provider.properties import described, identity, optional_identity


@dataclass(frozen=True)
class WorkspaceArtifactsArgs:
    """All the artifacts of one Synapse workspace, or of one factory of Data Factory, that this stack owns.

    They are published in the order of their references.

    One resource for the whole graph: order and triggers need all of it, and the engine's cost grows with the number of
    resources and the values in them. A difference names the artifact and the JSON path.
    """

    endpoint: str = identity(
        "The development endpoint of the workspace, `https://<workspace>.dev.azuresynapse.net`, or the id of the "
        "factory, `/subscriptions/…/providers/Microsoft.DataFactory/factories/<factory>`."
    )
    documents: Any = described(
        "The artifacts by kind and name (`linkedService/…`, `dataset/…`, `dataflow/…`, `pipeline/…`, `trigger/…`), each"
        " as in the Git layout of Studio: `{name, properties}`; as a map, or as the text that"
        " `synapse_artifacts.packed` makes of it, which the engine handles ten times faster."
    )
    started_triggers: tuple[str, ...] = described("Names of the triggers that run; all others are stopped.", ())
    keep_triggers: bool | None = described(
        "Whether `startedTriggers` holds for new triggers only, and all others run or rest as an operator left them.",
        None,
    )
    consented_windows: int | None = described(
        "How many windows a tumbling window trigger may run at once because its start or recurrence changed; 100 if not"
        " given. Azure changes neither in place: the trigger is deleted, made anew, and runs every window from its"
        " start on.",
        None,
    )
    propagation_timeout_seconds: int = described(
        "How long a fresh Synapse role may be refused before that is an error, in seconds.", 600
    )


@dataclass(frozen=True)
class FileSystemArgs:
    """A filesystem (container) of a storage account with hierarchical namespace."""

    account: str = identity("Name of the storage account.")
    name: str = identity("Name of the filesystem: 3 to 63 lower-case letters, digits and single hyphens.")
    delete_data: bool = described("Whether deleting the resource may delete the paths in the filesystem.", False)
    propagation_timeout_seconds: int = described(
        "How long a fresh role or network rule may be refused before that is an error, in seconds.", 1800
    )


@dataclass(frozen=True)
class DirectoryArgs:
    """A directory of a filesystem with its complete access and default ACL."""

    account: str = identity("Name of the storage account.")
    file_system: str = identity("Name of the filesystem.")
    path: str = identity(
        "Path within the filesystem without a leading slash; `` (empty) is its root, which is never deleted."
    )
    acl: tuple[str, ...] = described(
        "The complete ACL in short form: `user::rwx`, `group:<object id>:r-x`, `default:user:<object id>:r-x`. Missing "
        "owner, group and other entries and the masks are computed."
    )
    owner: str | None = described("Object id of the owning user; without it the owner is left as it is.", None)
    group: str | None = described("Object id of the owning group; without it the group is left as it is.", None)
    existing: str = described(
        "Which existing paths below get what they would inherit if they were made now: `none`, `directories` or `all` "
        "(files too). They get the default entries; what the directory no longer has as default is taken away.",
        "none",
    )
    delete_data: bool = described("Whether deleting the resource may delete the paths in the directory.", False)
    propagation_timeout_seconds: int = described(
        "How long a fresh role or network rule may be refused before that is an error, in seconds.", 1800
    )


@dataclass(frozen=True)
class GeneratedSecretArgs:
    """A random secret of a key vault, made if absent; its value is in no state, log or message."""

    vault_uri: str = identity("The vault, `https://<vault>.vault.azure.net`.")
    name: str = identity("Name of the secret: letters, digits and hyphens.")
    bytes: int = described("Random bytes that the secret is made of; it holds for secrets made from then on.", 32)
    propagation_timeout_seconds: int = described(
        "How long a fresh role or network rule may be refused before that is an error, in seconds.", 1800
    )


@dataclass(frozen=True)
class SynapseRoleAssignmentArgs:
    """A Synapse role of a principal; its id is computed from scope, role and principal."""

    endpoint: str = identity("The development endpoint of the workspace, `https://<workspace>.dev.azuresynapse.net`.")
    principal_id: str = identity("Object id of the user, group or service principal (never an application id).")
    role_name: str | None = optional_identity("Name of the role, as `Synapse Administrator`.", None)
    role_definition_id: str | None = optional_identity("Id of the role; instead of `roleName`.", None)
    principal_type: str | None = described("`User`, `Group` or `ServicePrincipal`.", None)
    scope: str | None = optional_identity("Where the role holds; by default `workspaces/<workspace>`.", None)
    propagation_timeout_seconds: int = described(
        "How long a fresh workspace or role may refuse before that is an error, in seconds.", 600
    )


@dataclass(frozen=True)
class ManagedPrivateEndpointArgs:
    """A private way from a workspace's managed virtual network into another resource: made, approved there, open.

    One resource for all of it: an endpoint whose connection waits for approval leads nowhere.
    """

    endpoint: str = identity("The development endpoint of the workspace, `https://<workspace>.dev.azuresynapse.net`.")
    name: str = identity("Name of the managed private endpoint: letters, digits, hyphens, points and underscores.")
    target_id: str = identity("Id of the resource that it leads to, as `/subscriptions/…/storageAccounts/<account>`.")
    group_id: str = identity("What of the resource is reached: `dfs`, `blob`, `vault`, `sqlServer` and so on.")
    approve: bool = described(
        "Whether the connection is approved at the resource and waited for; otherwise its owner does that.", True
    )
    propagation_timeout_seconds: int = described(
        "How long a fresh role may be refused before that is an error, in seconds.", 1800
    )
