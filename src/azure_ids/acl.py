"""POSIX access-control lists of Data Lake Storage: parse, canonical order, masks, and the three ways to change one.

An ACL is a tuple of entries in the service's order; who may do what with it is decided elsewhere.
https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal, cast

Scope = Literal["access", "default"]
EntryType = Literal["user", "group", "mask", "other"]
EntryKey = tuple[Scope, EntryType, str]
"""What an entry is about: (scope, type, id); an ACL has at most one entry for each."""

MAXIMUM_ENTRIES_PER_SCOPE = 32
"""Entries of one scope, the base entries and the mask included.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#what-are-the-limits-for-azure-role-assignments-and-acl-entries
"""

_TYPES: tuple[EntryType, ...] = ("user", "group", "mask", "other")
_SCOPES: tuple[Scope, ...] = ("access", "default")
_BASE: tuple[EntryType, ...] = ("user", "group", "other")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ENTRY_FORM = "expected [default:]<user|group|mask|other>:<id>:<rwx>, for example user:OBJECT-ID:r-x"
_KEY_FORM = "expected [default:]<user|group|mask|other>[:<id>], for example default:user:OBJECT-ID"


class AclError(ValueError):
    """A text that is no ACL, or a change that leaves no ACL; the message says which part and why."""


@dataclass(frozen=True)
class Permissions:
    """Any of read (4), write (2) and execute (1)."""

    bits: int

    def __post_init__(self) -> None:
        if not 0 <= self.bits <= 7:
            raise AclError(f"making permissions of {self.bits}: expected 0 to 7")

    @staticmethod
    def parse(text: str) -> Permissions:
        """The permissions that a text such as `r-x` says. Raises AclError."""
        if not re.fullmatch(r"[r-][w-][x-]", text):
            raise AclError(f"parsing permissions {text!r}: expected three characters such as r-x")
        return Permissions(sum(bit for bit, letter in zip((4, 2, 1), text, strict=True) if letter != "-"))

    def covers(self, wanted: Permissions) -> bool:
        """Whether all wanted permissions are among these."""
        return self.bits & wanted.bits == wanted.bits

    def __and__(self, other: Permissions) -> Permissions:
        return Permissions(self.bits & other.bits)

    def __or__(self, other: Permissions) -> Permissions:
        return Permissions(self.bits | other.bits)

    def __str__(self) -> str:
        return "".join(letter if self.bits & bit else "-" for bit, letter in ((4, "r"), (2, "w"), (1, "x")))


NOTHING = Permissions(0)
READ = Permissions(4)
WRITE = Permissions(2)
EXECUTE = Permissions(1)
EVERYTHING = Permissions(7)


@dataclass(frozen=True)
class AccessControlEntry:
    """One entry; an empty id means the owning user or the owning group, `mask` and `other` never have an id."""

    scope: Scope
    type: EntryType
    id: str
    permissions: Permissions

    @property
    def key(self) -> EntryKey:
        """What the entry is about."""
        return self.scope, self.type, self.id

    def __str__(self) -> str:
        prefix = "default:" if self.scope == "default" else ""
        return f"{prefix}{self.type}:{self.id}:{self.permissions}"


Acl = tuple[AccessControlEntry, ...]
"""Entries in canonical order: access before default; owner, named users, group, named groups, mask, other."""


@dataclass(frozen=True)
class Mode:
    """Permissions in the short form of a file system: owner, group class, everybody else, and the sticky bit."""

    owner: Permissions
    group: Permissions
    other: Permissions
    sticky: bool = False

    @staticmethod
    def parse(text: str) -> Mode:
        """The mode that a text says, octal (`0750`, `1777`) or symbolic (`rwxr-x---`, `rwxrwxrwt`). Raises AclError."""
        if re.fullmatch(r"[01]?[0-7]{3}", text):
            return Mode.of_bits(int(text, 8))
        if not re.fullmatch(r"([r-][w-][x-]){2}[r-][w-][xtT-]", text):
            raise AclError(f"parsing mode {text!r}: expected octal such as 0750 or symbolic such as rwxr-x---")
        last = text[8].replace("t", "x").replace("T", "-")
        owner, group, other = (Permissions.parse(part) for part in (text[0:3], text[3:6], text[6:8] + last))
        return Mode(owner, group, other, sticky=text[8] in "tT")

    @staticmethod
    def of_bits(bits: int) -> Mode:
        """The mode of a number such as 0o750."""
        return Mode(Permissions(bits >> 6 & 7), Permissions(bits >> 3 & 7), Permissions(bits & 7), bool(bits & 0o1000))

    @property
    def bits(self) -> int:
        """The mode as a number such as 0o750."""
        return self.sticky << 9 | self.owner.bits << 6 | self.group.bits << 3 | self.other.bits

    def __str__(self) -> str:
        text = f"{self.owner}{self.group}{self.other}"
        return text if not self.sticky else text[:8] + ("t" if text[8] == "x" else "T")


def parse_acl(text: str) -> Acl:
    """The ACL that a comma-separated text says, in canonical order. Raises AclError naming the entry at fault."""
    entries = [_parse_entry(part) for part in text.split(",")]
    return _canonical(_by_key(entries))


def parse_removal(text: str) -> frozenset[EntryKey]:
    """Keys of entries to remove: entries without permissions, such as `mask,default:group,user:ID`. Raises AclError."""
    keys = [_parse_key(part, part.split(":"), _KEY_FORM) for part in text.split(",")]
    for key in keys:
        if keys.count(key) > 1:
            raise AclError(f"parsing ACL: two entries for {_key_text(key)}")
    return frozenset(keys)


def format_acl(acl: Iterable[AccessControlEntry]) -> str:
    """The entries as the service writes them, comma-separated, in canonical order."""
    return ",".join(str(entry) for entry in sorted(acl, key=_rank))


def acl_of_mode(mode: Mode) -> Acl:
    """The minimal access ACL: owner, group and other."""
    parts: tuple[tuple[EntryType, Permissions], ...] = (
        ("user", mode.owner),
        ("group", mode.group),
        ("other", mode.other),
    )
    return tuple(AccessControlEntry("access", kind, "", permissions) for kind, permissions in parts)


def mode_of(acl: Acl, sticky: bool = False) -> Mode:
    """The mode that an ACL shows: its group class is the mask where there is one."""
    entries = {entry.key: entry.permissions for entry in acl}
    group = entries.get(("access", "mask", ""), entries[("access", "group", "")])
    return Mode(entries[("access", "user", "")], group, entries[("access", "other", "")], sticky)


def change_mode(acl: Acl, mode: Mode) -> Acl:
    """The ACL after chmod: the group class goes to the mask where there is one; named entries and defaults stay."""
    keys = {entry.key for entry in acl}
    group_class: EntryType = "mask" if ("access", "mask", "") in keys else "group"
    wanted: dict[EntryKey, Permissions] = {
        ("access", "user", ""): mode.owner,
        ("access", group_class, ""): mode.group,
        ("access", "other", ""): mode.other,
    }
    return tuple(replace(entry, permissions=wanted.get(entry.key, entry.permissions)) for entry in acl)


def entries_of(acl: Iterable[AccessControlEntry], scope: Scope) -> Acl:
    """The entries of one scope."""
    return tuple(entry for entry in acl if entry.scope == scope)


def is_extended(acl: Acl) -> bool:
    """Whether there is more than owner, group and other of the access scope."""
    return len(acl) > len(_BASE)


def computed_mask(acl: Iterable[AccessControlEntry], scope: Scope) -> Permissions:
    """The mask that limits nothing: what the group and the named entries of a scope have together."""
    limited = [entry.permissions for entry in entries_of(acl, scope) if _is_masked(entry.key)]
    return reduce(lambda one, other: one | other, limited, NOTHING)


def replace_acl(current: Acl, given: Acl) -> Acl:
    """The ACL after it was set to `given`, which replaces all; the service fills in what `given` leaves out.

    Filled in: the mask of a scope with named entries; base entries of the default scope (from the access scope).
    Without all three base entries of the access scope, those missing stay as they are, and so does a scope not given.
    """
    access, default = entries_of(given, "access"), entries_of(given, "default")
    is_complete = all(("access", kind, "") in {entry.key for entry in access} for kind in _BASE)
    base = [entry for entry in entries_of(current, "access") if entry.key[1] in _BASE and not entry.id]
    new_access = _by_key([*base]) | _by_key(access) if access else _by_key(entries_of(current, "access"))
    if not default and not is_complete:
        return _canonical(_with_mask(new_access) | _by_key(entries_of(current, "default")))
    return _canonical(_with_mask(new_access) | _filled_default(new_access, _by_key(default)))


def merge_acl(current: Acl, given: Acl) -> Acl:
    """The ACL after entries of `given` were added or changed; named entries bring a new mask unless one is given."""
    result: dict[EntryKey, AccessControlEntry] = {}
    for scope in _SCOPES:
        entries = _by_key(entries_of(current, scope))
        changes = _by_key(entries_of(given, scope))
        if any(_is_named(key) for key in changes) and (scope, "mask", "") not in changes:
            entries.pop((scope, "mask", ""), None)
        merged = entries | changes
        result |= _with_mask(merged) if scope == "access" else _filled_default(result, merged)
    return _canonical(result)


def remove_from_acl(current: Acl, keys: Iterable[EntryKey]) -> Acl:
    """The ACL without the entries of those keys; unknown keys are no error. A mask that stays is computed anew.

    Raises AclError for a base entry of the access scope, and for a mask that named entries need.
    """
    unwanted = frozenset(keys)
    for key in sorted(unwanted):
        if key[0] == "access" and key[1] in _BASE and not key[2]:
            raise AclError(f"removing ACL entry {_key_text(key)}: the entry of {_BASE_NAMES[key[1]]} can't be removed")
    result: dict[EntryKey, AccessControlEntry] = {}
    for scope in _SCOPES:
        before = _by_key(entries_of(current, scope))
        left = {key: entry for key, entry in before.items() if key not in unwanted}
        mask: EntryKey = (scope, "mask", "")
        if mask in unwanted and mask in before and any(_is_named(key) for key in left):
            raise AclError(f"removing ACL entry {_key_text(mask)}: named entries need it; hint: remove them too")
        if mask in left and any(_is_named(key) for key in before.keys() - left.keys()):
            left[mask] = AccessControlEntry(scope, "mask", "", computed_mask(left.values(), scope))
        result |= left if scope == "access" else _filled_default(result, left)
    return _canonical(result)


_BASE_NAMES: Mapping[str, str] = {"user": "the owning user", "group": "the owning group", "other": "all others"}


def _parse_entry(text: str) -> AccessControlEntry:
    parts = text.strip().split(":")
    permissions = parts.pop()
    scope, kind, identity = _parse_key(text, parts, _ENTRY_FORM)
    if len(parts) != (3 if scope == "default" else 2):
        raise AclError(f"parsing ACL entry {text!r}: it has not the right number of colons\n{_ENTRY_FORM}")
    try:
        return AccessControlEntry(scope, kind, identity, Permissions.parse(permissions))
    except AclError as error:
        raise AclError(f"parsing ACL entry {text!r}: {error}\n{_ENTRY_FORM}") from error


def _parse_key(text: str, parts: list[str], form: str) -> EntryKey:
    words = [part.strip() for part in parts]
    scope: Scope = "access"
    if words and words[0] == "default":
        scope, words = "default", words[1:]
    while len(words) > 1 and not words[-1] and form is _KEY_FORM:
        words = words[:-1]
    if not words or words[0] not in _TYPES:
        raise AclError(f"parsing ACL entry {text!r}: unknown type {words[0] if words else ''!r}\n{form}")
    kind, identity = words[0], words[1] if len(words) > 1 else ""
    if len(words) > 2:
        raise AclError(f"parsing ACL entry {text!r}: it has too many parts\n{form}")
    if identity and kind in ("mask", "other"):
        raise AclError(f"parsing ACL entry {text!r}: {kind} has no id\n{form}")
    return scope, kind, identity.lower() if _GUID.fullmatch(identity) else identity


def _by_key(entries: Iterable[AccessControlEntry]) -> dict[EntryKey, AccessControlEntry]:
    result: dict[EntryKey, AccessControlEntry] = {}
    for entry in entries:
        if entry.key in result:
            raise AclError(f"parsing ACL: two entries for {_key_text(entry.key)}")
        result[entry.key] = entry
    return result


def _key_text(key: EntryKey) -> str:
    scope, kind, identity = key
    return f"{'default:' if scope == 'default' else ''}{kind}:{identity}"


def _is_named(key: EntryKey) -> bool:
    return bool(key[2])


def _is_masked(key: EntryKey) -> bool:
    """Whether the mask limits the entry: named ones and the owning group."""
    return _is_named(key) or key[1] == "group"


def _with_mask(entries: dict[EntryKey, AccessControlEntry]) -> dict[EntryKey, AccessControlEntry]:
    """The entries of one scope, with a computed mask if they need one and have none."""
    named = next((key for key in entries if _is_named(key)), None)
    if named is None or (named[0], "mask", "") in entries:
        return entries
    scope = named[0]
    mask = AccessControlEntry(scope, "mask", "", computed_mask(entries.values(), scope))
    return entries | {mask.key: mask}


def _filled_default(
    access: Mapping[EntryKey, AccessControlEntry], default: dict[EntryKey, AccessControlEntry]
) -> dict[EntryKey, AccessControlEntry]:
    if not default:
        return {}
    missing = {
        ("default", kind, ""): replace(access[("access", kind, "")], scope="default")
        for kind in _BASE
        if ("default", kind, "") not in default
    }
    return _with_mask(cast(dict[EntryKey, AccessControlEntry], missing) | default)


def _rank(entry: AccessControlEntry) -> tuple[int, int, bool, str]:
    return _SCOPES.index(entry.scope), _TYPES.index(entry.type), bool(entry.id), entry.id


def _canonical(entries: Mapping[EntryKey, AccessControlEntry]) -> Acl:
    return tuple(sorted(entries.values(), key=_rank))
