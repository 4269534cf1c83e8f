"""The kinds of artifacts that the endpoint keeps, with the words that paths, errors and permissions use for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`path` is the collection in the URL, `reference` the type of references to it, `action` its name in RBAC."""

    path: str
    noun: str
    reference: str
    action: str
    read_action: str = "artifacts/read"

    @property
    def resource_type(self) -> str:
        """The `type` of the artifact's resource."""
        return f"Microsoft.Synapse/workspaces/{self.path}"


LINKED_SERVICE = Kind("linkedservices", "LinkedService", "LinkedServiceReference", "linkedServices", "read")
DATASET = Kind("datasets", "Dataset", "DatasetReference", "datasets")
DATA_FLOW = Kind("dataflows", "DataFlow", "DataFlowReference", "dataFlows")
PIPELINE = Kind("pipelines", "Pipeline", "PipelineReference", "pipelines")
TRIGGER = Kind("triggers", "Trigger", "TriggerReference", "triggers")
KINDS: dict[str, Kind] = {kind.path: kind for kind in (LINKED_SERVICE, DATASET, DATA_FLOW, PIPELINE, TRIGGER)}
BY_REFERENCE: dict[str, Kind] = {kind.reference: kind for kind in KINDS.values()}
INTEGRATION_RUNTIME_REFERENCE = "IntegrationRuntimeReference"
DEFAULT_INTEGRATION_RUNTIME = "AutoResolveIntegrationRuntime"
