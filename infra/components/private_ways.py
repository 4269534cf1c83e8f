"""The ways out of the workspace's managed network, where it may reach approved targets only: lake, vault and source."""

from dataclasses import dataclass

import pulumi

import pulumi_dataplane as dataplane
from azure_ids.arm import ArmId


@dataclass(frozen=True)
class PrivateWaysArgs:
    """The development endpoint of the workspace, and what it reaches; `server_id` is that of the patient database."""

    endpoint: pulumi.Input[str]
    subscription_id: str
    account_id: pulumi.Input[str]
    vault_id: pulumi.Input[str]
    server_id: ArmId | None


class PrivateWays(pulumi.ComponentResource):
    """One managed private endpoint for each target, approved and open when it is made.

    https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-private-endpoints
    """

    def __init__(self, args: PrivateWaysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """To the files of the lake, by both of its endpoints, to the secrets of the vault, and to the source."""
        super().__init__("ingestion:index:PrivateWays", "private-ways", {}, opts)
        self._way(args, "data-lake-dfs", args.account_id, "dfs")
        self._way(args, "data-lake-blob", args.account_id, "blob")
        self._way(args, "key-vault", args.vault_id, "vault")
        if args.server_id is not None:
            # Elsewhere the deployer may not answer for the server: its owner does, and `connectionStatus` tells.
            is_own = str(args.server_id.subscription_id).lower() == args.subscription_id
            self._way(args, "patient-database", str(args.server_id), "sqlServer", approve=is_own)
        self.register_outputs({})

    def _way(
        self, args: PrivateWaysArgs, name: str, target: pulumi.Input[str], group: str, *, approve: bool = True
    ) -> None:
        dataplane.ManagedPrivateEndpoint(
            name,
            endpoint=args.endpoint,
            name=name,
            target_id=target,
            group_id=group,
            approve=approve,
            opts=pulumi.ResourceOptions(parent=self),
        )
