"""Access-control lists of a state against those of the lake, entry by entry: masks and default entries too."""

from collections.abc import Sequence

from azure_ids.acl import parse_acl
from dataplane_provider.drift.differences import Difference, Drift


def compare_acl(subject: str, known: Sequence[str], live: str | None) -> list[Difference]:
    """Where the list of a directory differs; `live` is None where there is no such directory any more."""
    if live is None:
        return [Difference(Drift.DELETED, subject)]
    entries = [str(entry) for entry in parse_acl(live)]
    return [Difference(Drift.CHANGED, subject, text) for text in entry_changes(known, entries)]


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
