"""Which triggers an update stopped though only an operator had started them: kept where a kill does not take it.

Neither program nor state names such triggers, so that nothing would start them again after a killed run. As long as
they rest, the workspace or factory holds a pipeline that does nothing and names them: the note. The next run, a refresh
and a search for drift read it, and people see it in Studio (docs/decisions/0009).
https://learn.microsoft.com/rest/api/datafactory/pipelines (annotations: tags that describe the pipeline)
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.clients.artifact_service import ArtifactService

_PREFIX = "_resume_triggers_"
_INERT = {"name": "Nothing", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}


def is_note(artifact: ArtifactId) -> bool:
    """Whether an artifact is the note of some stack."""
    return artifact.kind is ArtifactKind.PIPELINE and artifact.name.lower().startswith(_PREFIX)


def names_in(note: Mapping[str, Any] | None) -> frozenset[str]:
    """The triggers that a note names, as the service tells it; none where there is no note."""
    return frozenset(map(str, note["properties"].get("annotations", ()))) if note is not None else frozenset()


@dataclass
class ResumeNote:
    """The note of one resource; `is_there` is what is known of it."""

    artifact: ArtifactId
    client: ArtifactService
    is_there: bool = False

    @staticmethod
    def of(urn: str, client: ArtifactService) -> "ResumeNote":
        """The note of the resource with that URN: stacks that share a workspace have each their own."""
        digest = hashlib.sha256(urn.encode()).hexdigest()[:12]
        return ResumeNote(ArtifactId(ArtifactKind.PIPELINE, f"{_PREFIX}{digest}"), client)

    def read(self) -> frozenset[str]:
        """The triggers that it names. Raises ServiceFailure."""
        found = self.client.get_artifact(self.artifact)
        self.is_there = found is not None
        return names_in(found)

    def write(self, names: Iterable[str]) -> None:
        """Name triggers, before they are stopped. Raises ServiceFailure."""
        named = sorted(names)
        told = f"Pulumi stopped these triggers for an update and starts them again at its end: {', '.join(named)}."
        properties = {
            "description": f"{told} If the update was interrupted, `pulumi up --refresh` does. It does nothing.",
            "activities": [_INERT],
            "annotations": named,
        }
        self.client.put_artifact(self.artifact, {"name": self.artifact.name, "properties": properties})
        self.is_there = True

    def remove(self) -> None:
        """Nothing is to be resumed any more. Raises ServiceFailure."""
        if self.is_there:
            self.client.delete_artifact(self.artifact)
            self.is_there = False
