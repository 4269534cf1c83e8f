"""The access-control list of a directory as a program writes it: completed, judged and compared entry by entry.

Not for what the list means to paths below the directory: that is existing_paths.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from azure_ids.acl import (
    MAXIMUM_ENTRIES_PER_SCOPE,
    Acl,
    AclError,
    Mode,
    acl_of_mode,
    entries_of,
    parse_acl,
    replace_acl,
)
from dataplane_provider.resources.existing_paths import CHOICES, NONE
from dataplane_provider.resources.role_assignment import GUID
from provider_wire.values import UNKNOWN
from provider_wire.verbs import Change, CheckFailure

FRESH = acl_of_mode(Mode.parse("0750"))
"""What the service gives a new directory (umask 0027) where a program leaves owner, group or others out.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#umask
"""


def complete_acl(entries: Sequence[str]) -> Acl:
    """The whole list that the entries mean: owner, group, others and masks filled in. Raises AclError."""
    given = parse_acl(",".join(entries)) if entries else ()
    return replace_acl(FRESH, given)


def acl_problems(entries: Any) -> list[CheckFailure]:
    """Every wrong entry at its place; then what is wrong with the list as a whole."""
    if entries == UNKNOWN:
        return []
    known = [(index, text) for index, text in enumerate(entries) if text != UNKNOWN]
    failures: list[CheckFailure] = []
    for index, text in known:
        try:
            failures.extend(_entry_problems(f"acl[{index}]", parse_acl(text)))
        except AclError as error:
            failures.append(CheckFailure(f"acl[{index}]", str(error)))
    return failures or _list_problems([text for _, text in known])


def _entry_problems(path: str, parsed: Acl) -> list[CheckFailure]:
    if len(parsed) > 1:
        return [CheckFailure(path, f"{path} holds {len(parsed)} entries\nexpected one for each item of the list")]
    return [
        CheckFailure(path, f"{entry} is not about an object id\nexpected a GUID: names are not stable")
        for entry in parsed
        if entry.id and not GUID.fullmatch(entry.id)
    ]


def _list_problems(entries: Sequence[str]) -> list[CheckFailure]:
    try:
        acl = complete_acl(entries)
    except AclError as error:
        return [CheckFailure("acl", str(error))]
    failures = []
    for scope in ("access", "default"):
        count = sum(entry.scope == scope for entry in acl)
        if count > MAXIMUM_ENTRIES_PER_SCOPE:
            failures.append(
                CheckFailure(
                    "acl",
                    f"the {scope} list has {count} entries, computed ones included\n"
                    f"expected at most {MAXIMUM_ENTRIES_PER_SCOPE}\n"
                    "hint: put the principals into a group and give the group one entry",
                )
            )
    return failures


def entry_changes(old: Sequence[str], new: Sequence[str]) -> dict[str, Change]:
    """By index: entries that went (index in `old`), came (index in `new`), or give way to another at their place."""
    changes = {f"acl[{index}]": Change.DELETE for index, text in enumerate(old) if text not in new}
    for index, text in enumerate(new):
        if text not in old:
            path = f"acl[{index}]"
            changes[path] = Change.UPDATE if path in changes else Change.ADD
    return changes


def existing_problems(existing: Any, acl: Any) -> list[CheckFailure]:
    """A choice that is none, or one that means nothing since the list has no default entries."""
    if existing == UNKNOWN:
        return []
    if existing not in CHOICES:
        return [CheckFailure("existing", f"existing is {existing!r}\nexpected one of {', '.join(CHOICES)}")]
    if existing == NONE or acl == UNKNOWN or UNKNOWN in acl or entries_of(complete_acl(acl), "default"):
        return []
    return [
        CheckFailure(
            "existing",
            f"existing is {existing!r}, but the list has no default entries\n"
            "expected default entries: paths that exist get what new ones would inherit\n"
            "hint: write default:group:<object id>:r-x beside group:<object id>:r-x",
        )
    ]


def owner_problems(owners: Mapping[str, Any]) -> list[CheckFailure]:
    """Owners and groups that are no object ids."""
    return [
        CheckFailure(name, f"{name} is {value!r}\nexpected the GUID of an object: names are not stable")
        for name, value in owners.items()
        if value != UNKNOWN and not GUID.fullmatch(value)
    ]


def texts(acl: Acl) -> list[str]:
    """The entries in short form."""
    return [str(entry) for entry in acl]
