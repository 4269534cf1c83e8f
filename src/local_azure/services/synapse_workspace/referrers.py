"""Which artifacts refer to one, kept beside the artifacts, so that a deletion need not read them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local_azure.services.synapse_workspace.references import references_of
from local_azure.state import Collection, State


class Referrers:
    """References by the uid of the workspace and what they lead to; written with the artifact."""

    def __init__(self, state: State, artifacts: Collection) -> None:
        """Reads the artifacts once where a state has no references yet: it was written before these were kept."""
        self._references = state.collection("synapse-artifact-referrers")
        with state.transaction():
            if next(self._references.scan(limit=1), None) is None:
                for key, stored in artifacts.scan():
                    uid, path, _ = key.split("|", 2)
                    self.replace(uid, path, stored["name"], None, stored["document"]["properties"])

    def replace(
        self,
        uid: str,
        path: str,
        name: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> None:
        """The artifact of a kind's path and a name has other properties now; None where there is no artifact."""
        old, new = _targets(before), _targets(after)
        for kind, target in old - new:
            self._references.delete(_key(uid, kind, target, path, name))
        for kind, target in new - old:
            document = {"target": target, "path": path, "name": name}
            self._references.put(_key(uid, kind, target, path, name), document)

    def of(self, uid: str, reference: str, name: str) -> Iterable[tuple[str, str]]:
        """Path of the kind and name of what refers to a name by references of that type, in their order."""
        prefix = "|".join((uid, reference, name.lower(), ""))
        for _, each in self._references.scan(prefix=prefix):
            if each["target"] == name.lower():
                yield each["path"], each["name"]


def _targets(properties: Mapping[str, Any] | None) -> set[tuple[str, str]]:
    return {(each.type, each.name.lower()) for each in references_of(properties or {})}


def _key(uid: str, kind: str, target: str, path: str, name: str) -> str:
    return "|".join((uid, kind, target, path, name.lower()))
