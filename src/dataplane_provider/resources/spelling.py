"""Names that differ in upper and lower case alone are one to the service: here they are spelled as documents do.

https://learn.microsoft.com/azure/data-factory/naming-rules
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.resources.live_artifacts import LiveArtifacts

Value = TypeVar("Value")


class Spelling:
    """The spelling of artifact ids; what is not among them stays as it is."""

    def __init__(self, *keys: Iterable[str]) -> None:
        """`keys` are groups of artifact ids; a later one counts more."""
        self._spelled = {key.lower(): key for group in keys for key in group}

    def key(self, key: str) -> str:
        """An artifact id."""
        return self._spelled.get(key.lower(), key)

    def keyed(self, documents: Mapping[str, Value]) -> dict[str, Value]:
        """What is kept by artifact id."""
        return {self.key(key): each for key, each in documents.items()}

    def triggers(self, names: Iterable[str]) -> frozenset[str]:
        """Names of triggers."""
        return frozenset(self._name(ArtifactKind.TRIGGER, name) for name in names)

    def live(self, live: LiveArtifacts) -> LiveArtifacts:
        """What the service lists."""
        return LiveArtifacts(
            {
                kind: {self._name(kind, name): item for name, item in items.items()}
                for kind, items in live.by_kind.items()
            }
        )

    def _name(self, kind: ArtifactKind, name: str) -> str:
        return self.key(str(ArtifactId(kind, name))).partition("/")[2]
