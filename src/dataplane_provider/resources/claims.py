"""What the resources of one run have by now, so that nothing is deleted with a resource that had it before.

The engine makes a new resource before it deletes the old one: when a resource is renamed without an alias, replaced by
force (`--target-replace`, `replace_on_changes`) or moved to another parent. The new one takes over what is there and
means the same, and the old one is deleted: with what it had, unless that is the new one's.
https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace
"""

import threading
from collections.abc import Iterable


class Claims:
    """Things in Azure, by their ids, that were made or taken over in this run. A process is a run."""

    def __init__(self) -> None:
        """Nobody has anything yet."""
        self._lock = threading.Lock()
        self._taken: set[str] = set()

    def take(self, things: Iterable[str]) -> None:
        """A resource has them from now on."""
        with self._lock:
            self._taken.update(things)

    def taken(self, things: Iterable[str]) -> frozenset[str]:
        """Those of the things that a resource has taken in this run."""
        with self._lock:
            return frozenset(self._taken.intersection(things))
