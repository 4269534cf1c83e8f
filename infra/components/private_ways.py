"""The ways out of the workspace's managed network, where it may reach approved targets only: the lake and the vault."""

import pulumi

import pulumi_dataplane as dataplane


class PrivateWays(pulumi.ComponentResource):
    """One managed private endpoint for each target, approved and open when it is made.

    https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-private-endpoints
    """

    def __init__(
        self,
        endpoint: pulumi.Input[str],
        account_id: pulumi.Input[str],
        vault_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """To the files of the lake, by both of its endpoints, and to the secrets of the vault."""
        super().__init__("ingestion:index:PrivateWays", "private-ways", {}, opts)
        targets = (
            ("data-lake-dfs", account_id, "dfs"),
            ("data-lake-blob", account_id, "blob"),
            ("key-vault", vault_id, "vault"),
        )
        for name, target, group in targets:
            dataplane.ManagedPrivateEndpoint(
                name,
                endpoint=endpoint,
                name=name,
                target_id=target,
                group_id=group,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
