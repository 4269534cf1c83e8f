"""Every role that the program grants: principal, role, scope and reason, in one table; no other is granted.

Object ids and scopes get their values in components/identities.py and components/synapse_roles.py.
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-synapse-rbac-roles
"""

from dataclasses import dataclass
from typing import Literal

PrincipalKey = Literal[
    "deployer",
    "preview",
    "drift",
    "workspace",
    "data_engineers",
    "data_scientists",
    "auditors",
    "curated_readers",
    "synapse_administrators",
]
Scope = Literal[
    "resource group", "account", "raw", "curated", "landing", "synapse", "vault", "pseudonym key", "factory"
]

GROUPS: frozenset[PrincipalKey] = frozenset(
    {"data_engineers", "data_scientists", "auditors", "curated_readers", "synapse_administrators"}
)
"""The principals that are groups; the others are service principals, the workspace's identity too."""

ROLE_IDS = {
    "Data Factory Contributor": "673868aa-7521-48a0-acc6-0f60742d39f5",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
}
"""Ids of the built-in roles of Azure, the same in every tenant."""


@dataclass(frozen=True)
class Grant:
    """One row; `scope` is a word of this table, not yet an Azure id."""

    principal: PrincipalKey
    role: str
    scope: Scope
    reason: str

    @property
    def name(self) -> str:
        """The resource's name: `deployer: Reader of account`."""
        return f"{self.principal}: {self.role} of {self.scope}"

    @property
    def principal_type(self) -> str:
        """The word that Azure checks the principal against."""
        return principal_type(self.principal)


@dataclass(frozen=True)
class SynapseGrant:
    """One row of the workspace's own roles; the scope is the workspace."""

    principal: PrincipalKey
    role: str
    reason: str


def principal_type(principal: PrincipalKey) -> str:
    """The word that Azure checks the principal against."""
    return "Group" if principal in GROUPS else "ServicePrincipal"


_PORTAL = "finds it in the portal and in Studio, opens no data; Azure checks here that the id is one of a group"

GRANTS: tuple[Grant, ...] = (
    Grant("deployer", "Storage Blob Data Owner", "account", "makes filesystems and sets access-control lists"),
    Grant("deployer", "Key Vault Secrets Officer", "vault", "makes the pseudonym key"),
    Grant("workspace", "Storage Blob Data Contributor", "raw", "pipelines write and stage what they took"),
    Grant("workspace", "Storage Blob Data Contributor", "curated", "pipelines stage and publish files"),
    Grant("workspace", "Storage Blob Data Reader", "landing", "pipelines read what was delivered"),
    Grant("workspace", "Storage Blob Data Contributor", "synapse", "the workspace keeps its own files here"),
    Grant("workspace", "Key Vault Secrets User", "pseudonym key", "a Web activity reads the key of the pseudonyms"),
    Grant("data_engineers", "Reader", "resource group", _PORTAL),
    Grant("data_scientists", "Reader", "resource group", _PORTAL),
    Grant("auditors", "Reader", "resource group", _PORTAL),
    Grant("curated_readers", "Reader", "account", _PORTAL),
    Grant("preview", "Key Vault Reader", "vault", "a preview sees whether the key is there, not its value"),
    Grant("drift", "Key Vault Reader", "vault", "a preview sees whether the key is there, not its value"),
)

SYNAPSE_GRANTS: tuple[SynapseGrant, ...] = (
    SynapseGrant("synapse_administrators", "Synapse Administrator", "administers the workspace, as a group"),
    SynapseGrant("deployer", "Synapse Contributor", "publishes artifacts, starts and stops triggers"),
    # Nobody but the deployer publishes: what is changed in Studio gets in by Git alone.
    SynapseGrant("data_engineers", "Synapse Artifact User", "reads artifacts and drafts new ones in Studio"),
    SynapseGrant("data_engineers", "Synapse Compute Operator", "sees and cancels runs"),
    SynapseGrant("data_engineers", "Synapse Credential User", "runs pipelines as the workspace's identity"),
    SynapseGrant("data_scientists", "Synapse Artifact User", "reads pipelines and data flows in Studio"),
    SynapseGrant("auditors", "Synapse Monitoring Operator", "reads artifacts and the history of runs"),
    SynapseGrant("preview", "Synapse Artifact User", "a preview compares artifacts"),
    SynapseGrant("drift", "Synapse Artifact User", "a preview compares artifacts"),
)


# Azure has no built-in role that runs pipelines of a factory and does not publish: drift tells what engineers publish.
# https://learn.microsoft.com/azure/data-factory/concepts-roles-permissions
FACTORY_GRANTS: tuple[Grant, ...] = (
    Grant("data_engineers", "Data Factory Contributor", "factory", "runs pipelines, works on artifacts in Studio"),
)
"""Where a factory takes the workspace's place. Reader sees artifacts there, and a run by its id; lists of runs are
asked for by an action, which no built-in role that only reads has.
"""


def grants_before_data() -> tuple[Grant, ...]:
    """Rows that hold as soon as account and vault are there; filesystems, the key and the workspace need them."""
    return tuple(each for each in GRANTS if each.principal != "workspace")


def grants_of_workspace() -> tuple[Grant, ...]:
    """Rows of the workspace's identity, which is there only after the workspace."""
    return tuple(each for each in GRANTS if each.principal == "workspace")


def grants_of_factory() -> tuple[Grant, ...]:
    """Rows of a factory and of its identity, which does what a workspace's would, but keeps no files of its own."""
    return (*(each for each in grants_of_workspace() if each.scope != "synapse"), *FACTORY_GRANTS)
