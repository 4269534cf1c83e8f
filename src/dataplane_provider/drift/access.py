"""Access to a directory in a state and in the lake: owner, group, and every entry, masks and default ones too."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from azure_ids.acl import parse_acl
from dataplane_provider.drift.differences import Difference, Drift


class Access(Protocol):
    """What the lake says of a path: object ids of owner and group, and its list."""

    @property
    def owner(self) -> str:
        """Object id of the owning user."""

    @property
    def group(self) -> str:
        """Object id of the owning group."""

    @property
    def acl(self) -> str:
        """The list as the service writes it."""


def compare_access(subject: str, outputs: Mapping[str, Any], live: Access | None) -> list[Difference]:
    """Where a directory differs from its outputs; `live` is None where there is no such directory any more."""
    if live is None:
        return [Difference(Drift.DELETED, subject)]
    owners = (("owner", live.owner), ("group", live.group))
    found = [
        f"{name} {outputs[name]} is now {value}" for name, value in owners if outputs.get(name) not in (None, value)
    ]
    entries = [str(entry) for entry in parse_acl(live.acl)]
    changes = [*found, *entry_changes(outputs.get("acl", ()), entries)]
    return [Difference(Drift.CHANGED, subject, text) for text in changes]


def entry_changes(known: Sequence[str], live: Sequence[str]) -> list[str]:
    """What happened to the entries of a list, as text: `default:mask::r-x is now default:mask::rwx`."""
    before, now = (dict(text.rsplit(":", 1) for text in entries) for entries in (known, live))
    found = []
    for key in [*before, *(key for key in now if key not in before)]:
        if key not in now:
            found.append(f"{key}:{before[key]} is gone")
        elif key not in before:
            found.append(f"{key}:{now[key]} is new")
        elif before[key] != now[key]:
            found.append(f"{key}:{before[key]} is now {key}:{now[key]}")
    return found
