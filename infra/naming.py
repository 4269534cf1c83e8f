"""Names and tags of everything that is deployed: one function for each naming rule of Azure, no randomness.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

import hashlib
import uuid
from dataclasses import dataclass

from infra.artifact_settings import Target
from infra.settings import Settings

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
PROJECT = "azure-ml-ingestion"


@dataclass(frozen=True)
class NameParts:
    """What names are made of."""

    subscription_id: str
    prefix: str
    environment: str
    vault_generation: int


@dataclass(frozen=True)
class Names:
    """The names of one stack. Global ones carry a hash of subscription, prefix and environment."""

    resource_group: str
    storage_account: str
    vault: str
    workspace: str
    factory: str
    managed_resource_group: str
    tags: dict[str, str]

    @staticmethod
    def of(settings: Settings) -> "Names":
        """The names for the settings; the same on every machine."""
        own = NameParts(settings.subscription_id, settings.name_prefix, settings.environment, settings.vault_generation)
        return Names.of_parts(own)

    @staticmethod
    def of_parts(parts: NameParts) -> "Names":
        """The names for what settings say, or those of another stack."""
        prefix, environment = parts.prefix, parts.environment
        place = f"{parts.subscription_id.lower()}/{prefix}/{environment}"
        group = resource_group_name(prefix, environment)
        return Names(
            resource_group=group,
            storage_account=storage_account_name(prefix, environment, place),
            vault=vault_name(prefix, environment, place, parts.vault_generation),
            workspace=workspace_name(prefix, environment, place),
            factory=factory_name(prefix, environment, place),
            managed_resource_group=f"{group}-synapse",
            tags={"project": PROJECT, "environment": environment},
        )


def digest(text: str, length: int) -> str:
    """Lower-case letters and digits that only this text has (5 bits a character)."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return "".join(_ALPHABET[number >> (5 * index) & 31] for index in range(length))


def resource_group_name(prefix: str, environment: str) -> str:
    """Unique in the subscription; at most 90 characters."""
    return f"rg-{prefix}-{environment}"


def storage_account_name(prefix: str, environment: str, place: str) -> str:
    """Globally unique; 3 to 24 lower-case letters and digits."""
    return f"{prefix}{environment}{digest(place, 8)}"


def vault_name(prefix: str, environment: str, place: str, generation: int) -> str:
    """Globally unique, deleted vaults too; 3 to 24 letters, digits and single hyphens, beginning with a letter.

    A deleted vault keeps its name until it is purged, so the generation is part of the hash.
    """
    stem = f"kv-{prefix}{environment}"[:15]
    return f"{stem}-{digest(f'{place}/vault/{generation}', 8)}"


def workspace_name(prefix: str, environment: str, place: str) -> str:
    """Globally unique; 1 to 50 lower-case letters, digits and single hyphens, not ending in -ondemand."""
    return f"syn-{prefix}-{environment}-{digest(place, 8)}"


def factory_name(prefix: str, environment: str, place: str) -> str:
    """Globally unique; 3 to 63 letters, digits and single hyphens."""
    return f"adf-{prefix}-{environment}-{digest(place, 8)}"


def role_assignment_name(scope: str, role_definition_id: str, principal_id: str) -> str:
    """A GUID that is the same for the same role of the same principal at the same scope."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join((scope, role_definition_id, principal_id)).lower()))


def firewall_rule_name(first: str, last: str) -> str:
    """1 to 128 characters; tells the addresses it opens for."""
    return f"allow-{first}-{last}".replace(".", "-")


def private_endpoint_name(resource_name: str, group: str) -> str:
    """Unique in the resource group; 2 to 64 letters, digits, underscores, periods and hyphens."""
    return f"pe-{resource_name}-{group.lower()}"


def host_path(names: Names, target: Target) -> str:
    """What stands after the id of the resource group in the id of what runs the pipelines."""
    if target is Target.DATA_FACTORY:
        return f"/providers/Microsoft.DataFactory/factories/{names.factory}"
    return f"/providers/Microsoft.Synapse/workspaces/{names.workspace}"
