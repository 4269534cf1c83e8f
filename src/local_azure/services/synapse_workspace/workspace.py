"""A workspace or factory as the data plane sees it: read from its Resource Manager document at each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_azure.http import ServiceError
from local_azure.resources import DATA_FACTORY
from pipeline_runtime.checks import FACTORY_PROPERTIES, PIPELINE_PROPERTIES

AUDIENCE = "https://dev.azuresynapse.net"
HOST_SUFFIX = ".dev.azuresynapse.net"
API_VERSIONS = frozenset(
    (
        "2020-12-01",
        "2020-08-01-preview",
        "2020-02-01-preview",
        "2019-06-01-preview",
        "2021-06-01-preview",
        "2021-06-01",
        "2021-11-01-preview",
    )
)
_METADATA_VERSIONS = frozenset({"2021-04-01"})
"""Lake databases are kept by another service behind the same endpoint."""


@dataclass(frozen=True)
class Workspace:
    """What holds artifacts and runs them: a Synapse workspace, or a factory of Data Factory.

    `uid` changes when it is deleted and made again, so nothing of the old one survives.
    """

    name: str
    arm_id: str
    uid: str
    document: Mapping[str, Any]

    @staticmethod
    def of(document: Mapping[str, Any]) -> Workspace:
        """From the Resource Manager document."""
        properties = document.get("properties") or {}
        arm_id = str(document["id"])
        uid = properties.get("workspaceUID") or f"{arm_id.lower()}@{properties.get('createTime', '')}"
        return Workspace(str(document["name"]), arm_id, str(uid), document)

    @property
    def resource_type(self) -> str:
        """`Microsoft.Synapse/workspaces` or `Microsoft.DataFactory/factories`."""
        return str(self.document["type"])

    @property
    def noun(self) -> str:
        """What messages call it."""
        return "factory" if self.resource_type == DATA_FACTORY else "workspace"

    @property
    def pipeline_properties(self) -> Sequence[str]:
        """The properties that `pipeline()` has in an expression."""
        return FACTORY_PROPERTIES if self.resource_type == DATA_FACTORY else PIPELINE_PROPERTIES

    @property
    def endpoint(self) -> str:
        """The development endpoint, without a slash at its end."""
        return f"https://{self.name}{HOST_SUFFIX}"

    @property
    def subscription_id(self) -> str:
        """The subscription in the ARM id."""
        return self._segment("subscriptions")

    @property
    def resource_group(self) -> str:
        """The resource group in the ARM id."""
        return self._segment("resourcegroups")

    @property
    def creator(self) -> str | None:
        """Object id of whoever created the workspace: its first Synapse Administrator."""
        properties = self.document.get("properties") or {}
        admin = properties.get("cspWorkspaceAdminProperties") or {}
        value = admin.get("initialWorkspaceAdminObjectId")
        return str(value) if value else None

    @property
    def scope(self) -> str:
        """The Synapse RBAC scope of the whole workspace."""
        return f"workspaces/{self.name}"

    def key(self, *parts: str) -> str:
        """A key of this workspace in a collection."""
        return "|".join((self.uid, *parts))

    def _segment(self, word: str) -> str:
        parts = self.arm_id.strip("/").split("/")
        lowered = [part.lower() for part in parts]
        return parts[lowered.index(word) + 1] if word in lowered else ""


def check_api_version(version: str | None, path: str) -> None:
    """Raise 400 for an api-version that is missing or that what is at the path does not have."""
    if not version:
        raise ServiceError(
            400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required."
        )
    known = _METADATA_VERSIONS if path.lower().startswith("/databases") else API_VERSIONS
    if version not in known:
        raise ServiceError(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. The supported versions are '{','.join(sorted(known))}'.",
        )
