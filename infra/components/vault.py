"""The key vault, opened by roles only, and the key of the pseudonyms in it."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

import pulumi_dataplane as dataplane
from infra.components.resource_group import IngestionGroup
from infra.naming import Names
from infra.settings import Settings
from infra.vault_presence import VaultPresence

PSEUDONYM_KEY = "pseudonym-key"
"""Name of the secret that the pipelines read."""


@dataclass(frozen=True)
class VaultArgs:
    """What the vault is made of."""

    settings: Settings
    names: Names
    group: IngestionGroup
    presence: VaultPresence


class IngestionVault(pulumi.ComponentResource):
    """`vault_id` (ARM) and `uri` (https, with a slash at its end, as the service writes it)."""

    vault_id: pulumi.Output[str]
    uri: pulumi.Output[str]

    def __init__(self, args: VaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """A vault without access policies, denied but for the allowed ranges and Azure's trusted services."""
        super().__init__("ingestion:index:IngestionVault", "key-vault", {}, opts)
        vault = keyvault.Vault(
            "vault",
            vault_name=args.names.vault,
            resource_group_name=args.group.name,
            location=args.settings.location,
            properties=_properties(args.settings, args.presence),
            tags=args.names.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.settings.protect,
                # How it was made is over once it is there; to have been recovered is no property that could change.
                ignore_changes=["properties.createMode"] if args.presence is VaultPresence.THERE else None,
            ),
        )
        self.vault_id = vault.id
        self.uri = vault.properties.apply(lambda properties: properties.vault_uri or "")
        self.register_outputs({"vault_id": self.vault_id, "uri": self.uri})


def _properties(settings: Settings, presence: VaultPresence) -> keyvault.VaultPropertiesArgs:
    ranges = [keyvault.IPRuleArgs(value=str(each)) for each in settings.network.allowed_ip_ranges]
    return keyvault.VaultPropertiesArgs(
        create_mode=keyvault.CreateMode.RECOVER if presence is VaultPresence.DELETED else None,
        tenant_id=settings.tenant_id,
        sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
        enable_rbac_authorization=True,
        enable_soft_delete=True,
        soft_delete_retention_in_days=settings.soft_delete_days,
        # False is refused by the service: protection can be left out, but not be switched off.
        enable_purge_protection=True if settings.purge_protection else None,
        public_network_access="Enabled" if settings.network.public_access else "Disabled",
        network_acls=keyvault.NetworkRuleSetArgs(
            default_action=keyvault.NetworkRuleAction.DENY,
            # The workspace's Web activity is let in as one of the trusted services.
            bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
            ip_rules=ranges,
        ),
    )


class PseudonymKey(pulumi.ComponentResource):
    """`secret_uri` of the random key; its value is in no state. `scope` is the ARM id that roles are granted on."""

    secret_uri: pulumi.Output[str]
    scope: pulumi.Output[str]

    def __init__(self, vault: IngestionVault, *, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        """A key of 32 random bytes, made if absent."""
        super().__init__("ingestion:index:PseudonymKey", "pseudonym-key", {}, opts)
        secret = dataplane.GeneratedSecret(
            "secret",
            vault_uri=vault.uri,
            name=PSEUDONYM_KEY,
            bytes=32,
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )
        self.secret_uri = secret.secret_uri
        self.scope = pulumi.Output.concat(vault.vault_id, "/secrets/", secret.name)
        self.register_outputs({"secret_uri": self.secret_uri})
