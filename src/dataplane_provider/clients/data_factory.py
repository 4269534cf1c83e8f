"""What is inside a factory of Data Factory, on management.azure.com, as raw JSON.

https://learn.microsoft.com/rest/api/datafactory (api-version 2018-06-01)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from azure_ids.data_factory import FactoryId
from azure_ids.synapse import ArtifactKind
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.waiting import ACCESS
from dataplane_provider.errors import ServiceFailure

ENDPOINT = "https://management.azure.com"
SCOPE = f"{ENDPOINT}/.default"


def is_lag(failure: ServiceFailure) -> str:
    """What to wait for if a fresh role on the control plane explains the refusal, else an empty text.

    https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected
    """
    return ACCESS if failure.status == 403 and failure.code == "AuthorizationFailed" else ""


@dataclass(frozen=True)
class DataFactoryClient(ArtifactService):
    """One factory as one verb uses it. Each method waits for access that is granted but not in force yet."""

    endpoint: FactoryId

    @property
    def base_path(self) -> str:
        """The id of the factory."""
        return str(self.endpoint)

    def artifact_pages(self, kind: ArtifactKind) -> Iterator[dict[str, dict[str, Any]]]:
        """The artifacts of a kind by name, page by page; parameters of which there is none are nothing."""
        for page in super().artifact_pages(kind):
            if kind is ArtifactKind.GLOBAL_PARAMETERS:
                yield {name: item for name, item in page.items() if item["properties"]}
            else:
                yield page

    def is_lag(self, failure: ServiceFailure) -> str:
        """What to wait for, if anything."""
        return is_lag(failure)
