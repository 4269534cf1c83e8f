"""One difference between state and service, told by its place and never by its values: those might be secret."""

from dataclasses import dataclass
from enum import Enum


class Drift(Enum):
    """What happened to a thing behind the engine's back."""

    CHANGED = "changed"
    DELETED = "deleted"
    UNMANAGED = "unmanaged"
    """It is there, and the state has never had it."""
    STARTED = "started"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Difference:
    """What happened to a subject (artifact, address, role, endpoint) and where in it (JSON path, entry, property)."""

    drift: Drift
    subject: str
    path: str = ""

    def __str__(self) -> str:
        return (
            f"{self.drift.value:<9} {self.subject}{self.path if self.path[:1] in ('', '.', '[') else f': {self.path}'}"
        )
