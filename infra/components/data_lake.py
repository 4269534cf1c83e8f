"""The storage account of the data lake: hierarchical, encrypted on the way, without keys, closed to the public.

Filesystems and directories follow in lake_folders.py, after the deployer may make them.
"""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from infra.address_ranges import storage_ranges
from infra.components.resource_group import IngestionGroup
from infra.naming import Names, host_path
from infra.settings import Network, Settings


@dataclass(frozen=True)
class DataLakeArgs:
    """What the account is made of."""

    settings: Settings
    names: Names
    group: IngestionGroup


class DataLake(pulumi.ComponentResource):
    """`account_name`, `account_id` and the Data Lake endpoint `url` (https, without a slash at its end)."""

    account_name: pulumi.Output[str]
    account_id: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(self, args: DataLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """An account, and how long deleted files can be brought back."""
        super().__init__("ingestion:index:DataLake", "data-lake", {}, opts)
        account = self._account(args)
        self.account_name, self.account_id = account.name, account.id
        self.url = account.primary_endpoints.apply(lambda endpoints: endpoints.dfs.rstrip("/"))
        self._soft_delete(args)
        self.register_outputs({"account_name": self.account_name, "account_id": self.account_id, "url": self.url})

    def _account(self, args: DataLakeArgs) -> storage.StorageAccount:
        settings = args.settings
        host_id = pulumi.Output.concat(args.group.id, host_path(args.names, settings.artifacts.target))
        return storage.StorageAccount(
            "account",
            account_name=args.names.storage_account,
            resource_group_name=args.group.name,
            location=settings.location,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=storage.SkuName.STANDARD_ZRS),
            access_tier=storage.AccessTier.HOT,
            is_hns_enabled=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            enable_https_traffic_only=True,
            allow_shared_key_access=False,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            public_network_access="Enabled" if settings.network.public_access else "Disabled",
            network_rule_set=_network_rules(settings.network, host_id, settings.tenant_id),
            tags=args.names.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect),
        )

    def _soft_delete(self, args: DataLakeArgs) -> None:
        retention = storage.DeleteRetentionPolicyArgs(enabled=True, days=args.settings.soft_delete_days)
        storage.BlobServiceProperties(
            "soft-delete",
            account_name=self.account_name,
            resource_group_name=args.group.name,
            blob_services_name="default",
            delete_retention_policy=retention,
            container_delete_retention_policy=retention,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _network_rules(network: Network, host_id: pulumi.Output[str], tenant_id: str) -> storage.NetworkRuleSetArgs:
    """Denied but for the allowed ranges and what runs the pipelines, whose id is known before it is there."""
    addresses = [text for each in network.allowed_ip_ranges for text in storage_ranges(each)]
    return storage.NetworkRuleSetArgs(
        default_action=storage.DefaultAction.DENY,
        bypass="None",
        ip_rules=[storage.IPRuleArgs(i_p_address_or_range=text, action=storage.Action.ALLOW) for text in addresses],
        resource_access_rules=[storage.ResourceAccessRuleArgs(resource_id=host_id, tenant_id=tenant_id)],
    )
